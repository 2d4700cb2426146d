"""The cluster of these tests; they run when they are asked for by name only."""

from collections.abc import Iterator

import pytest

from tests.cluster import slurm


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "cluster" not in config.option.markexpr:
        for item in items:
            if item.get_closest_marker("cluster"):
                item.add_marker(pytest.mark.skip(reason="starts a Slurm cluster: make test-slurm"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurm.Cluster]:
    """A running Slurm of one node."""
    try:
        with slurm.running(tmp_path_factory.mktemp("slurm")) as started:
            yield started
    except slurm.NoCluster as error:
        pytest.fail(f"No cluster can be started here: {error}")
