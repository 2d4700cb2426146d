"""Fixtures of the workflow tests: a project that was built once, and copies of it."""

from pathlib import Path

import pytest

from tests.workflow.projects import Project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small project after one complete run. Not to be changed: take `copy`."""
    project = Project.create(tmp_path_factory.mktemp("built") / "project")
    project.build()
    return project


@pytest.fixture
def copy(built: Project, tmp_path: Path) -> Project:
    """A copy of `built`, with its results, to change at will."""
    return built.clone(tmp_path / "project")
