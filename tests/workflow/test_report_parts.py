"""What of the report is left as it is, and what is made anew: the bytes are those of a report made from nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT, Project
from tests.workflow.test_report import folder, write_again
from workflow.jobs import report as report_jobs
from workflow.report.content import reach
from workflow.report.parts import Part, Parts, maker_of


def test_a_report_brought_up_to_date_is_the_one_made_from_nothing(copy: Project) -> None:
    memory = copy.path(f"results/{report_jobs.PARTS}")
    assert memory.is_file()
    config = copy.config
    config["figures"]["khandelwal2020"]["fig2"]["title"] += ", said otherwise"
    copy.write_config(config)
    before = files_of(copy)
    write_again(copy)
    after = files_of(copy)
    sums = folder(copy) / report_jobs.SUMS_NAME
    brought_up_to_date = sums.read_bytes()
    written = {name for name in after if after[name] != before[name]}
    assert {"figures/khandelwal2020-fig2.html", "files/khandelwal2020/fig2.zip"} <= written
    assert not [name for name in written if "khandelwal2025" in name]
    shutil.rmtree(folder(copy))
    memory.write_bytes(memory.read_bytes()[:-20])
    write_again(copy)
    assert sums.read_bytes() == brought_up_to_date


def files_of(project: Project) -> dict[str, tuple[int, int]]:
    """Every file of the report, and what tells that it was written."""
    root = folder(project)
    found = {file.relative_to(root).as_posix(): file.stat() for file in root.rglob("*") if file.is_file()}
    return {name: (state.st_ino, state.st_mtime_ns) for name, state in found.items()}


def report_again(root: Path, made_of: object = 1, maker: str = "maker") -> bool:
    """Put one page into a report; whether it had to be made."""
    made = []

    def make() -> bytes:
        made.append(made_of)
        return f"page of {made_of}".encode()

    parts = Parts(root / "report", root / "memory.json", maker)
    parts.put(Part("a.html", made_of, make))
    parts.remember()
    assert (root / "report/a.html").read_bytes() == f"page of {made_of}".encode()
    return bool(made)


def test_a_page_is_made_once_for_what_it_is_made_of(tmp_path: Path) -> None:
    assert report_again(tmp_path)
    assert not report_again(tmp_path)
    assert report_again(tmp_path, made_of=2)
    assert report_again(tmp_path, made_of=2, maker="another")
    assert not report_again(tmp_path, made_of=2, maker="another")


@pytest.mark.parametrize(
    "harm",
    [
        lambda root: (root / "report/a.html").write_bytes(b"edited"),
        lambda root: (root / "report/a.html").unlink(),
        lambda root: (root / "memory.json").write_bytes(b"no memory"),
        lambda root: (root / "memory.json").unlink(),
    ],
    ids=["edited page", "lost page", "edited memory", "lost memory"],
)
def test_what_is_not_as_it_was_written_is_made_again(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    report_again(tmp_path)
    harm(tmp_path)
    assert report_again(tmp_path)


def test_a_link_in_place_of_a_page_is_replaced(tmp_path: Path) -> None:
    report_again(tmp_path)
    page = tmp_path / "report/a.html"
    page.rename(tmp_path / "elsewhere.html")
    page.symlink_to(tmp_path / "elsewhere.html")
    assert report_again(tmp_path)
    assert not page.is_symlink()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_memory_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    tmp_path.chmod(0o555)
    assert report_again(tmp_path)
    assert report_again(tmp_path)


def test_a_tracked_file_and_the_reports_code_are_makers(tmp_path: Path) -> None:
    file = tmp_path / "tolerances.json"
    file.write_text("1")
    before = maker_of("code", [file])
    assert maker_of("code", [file]) == before
    assert maker_of("other code", [file]) != before
    file.write_text("2")
    assert maker_of("code", [file]) != before


def test_what_is_told_of_studies_is_remembered_for_one_state_of_the_code(tmp_path: Path) -> None:
    def told(maker: str) -> tuple[reach.Told, bool]:
        parts = Parts(tmp_path / "report", tmp_path / "memory.json", maker)
        is_news = not parts.known
        found = reach.told_of("khandelwal2020.detuning_curves", parts.known, PROJECT)
        parts.remember()
        return found, is_news

    first, news = told("maker")
    assert news
    assert {"12", "15", "17"} <= set(first.equations)
    assert told("maker") == (first, False)
    assert told("another") == (first, True)
    (tmp_path / "memory.json").write_bytes((tmp_path / "memory.json").read_bytes()[:-20])
    assert told("another") == (first, True)
