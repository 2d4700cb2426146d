"""What no run made is never removed, and what is no file is named before anything waits for it."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.target import FIGURE, NO_FILES, TABLE, Target, device, in_place_of, pipe
from workflow.commands import clean
from workflow.config import file_kinds
from workflow.jobs import report
from workflow.plan import plan, variants
from workflow.snakemake_door import made_files, shard_progress

OUTPUTS = (
    TABLE,
    "results/tables/khandelwal2020/fig2.code.json",
    f"figures/{FIGURE}.pdf",
    f"figures/{FIGURE}.png",
    f"results/manifests/{FIGURE}.json",
    f"results/notebooks/{FIGURE}.ipynb",
    "results/SHA256SUMS",
    "results/report/index.html",
)
INPUTS = (
    "config.yaml",
    "requirements.lock",
    f"notebooks/{FIGURE}.ipynb",
    f"reference/manifests/{FIGURE}.json",
)
# Names that look like what a run leaves behind.
FOREIGN = (
    "figures/.mine.tmp",
    "figures/khandelwal2020/.fig2.png.0123456789ab.tmp",
    "figures/khandelwal2020/mine.png",
    "results/.x.tmp",
    "results/tables/khandelwal2020/.fig2.csv.0123456789ab.tmp",
    "results/tables/khandelwal2020/mine.csv",
    "results/report/mine.html",
    "results/report/.index.html.tmp",
    "results/report/files/khandelwal2020/mine.pdf",
    "results/shards/khandelwal2020/fig2/0-8192.csv",
    "results/variants/v/figures/khandelwal2020/mine.png",
    "results/variants/v/tables/mine.csv",
    "reference/.y.tmp",
    "runs/.z.tmp",
)


def write_report(target: Target) -> None:
    report.WriteReport(report.order_of(target.plan().config)).run()


def drop_from_variant(target: Target) -> None:
    for name in ("figures", "tables"):
        made_files.remove_dropped(variants.FOLDER / "v" / name, set())


def clear_shards(target: Target) -> None:
    shard_progress.clear_strays(Path("results/shards"), [])


def begin(target: Target) -> None:
    made_files.clear_leftovers()


def clean_up(target: Target) -> None:
    assert clean.main() == 0


REMOVERS = (begin, write_report, drop_from_variant, clear_shards, clean_up)


@pytest.mark.parametrize("remove", REMOVERS, ids=lambda remove: remove.__name__)
def test_a_file_that_no_run_made_stays_whatever_it_is_called(
    target: Target, remove: Callable[[Target], None]
) -> None:
    for name in FOREIGN:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("mine")
    remove(target)
    assert [name for name in FOREIGN if not Path(name).is_file() or Path(name).read_text() != "mine"] == []
    for name in ("runs/.z.tmp", "reference/.y.tmp"):
        Path(name).unlink()


@pytest.mark.parametrize("remove", REMOVERS, ids=lambda remove: remove.__name__)
def test_a_linked_folder_is_not_emptied(
    target: Target, tmp_path: Path, remove: Callable[[Target], None]
) -> None:
    places = [
        "results/report/mine",
        "results/variants/v/figures",
        "results/variants/v/tables",
        "results/shards",
    ]
    for number, name in enumerate(places):
        outside = tmp_path / str(number)
        outside.mkdir()
        (outside / "mine.csv").write_text("mine")
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).symlink_to(outside)
    remove(target)
    assert [file.read_text() for file in sorted(tmp_path.rglob("mine.csv"))] == ["mine"] * len(places)


def test_a_report_written_through_a_link_leaves_what_was_there(target: Target, tmp_path: Path) -> None:
    import shutil

    shutil.rmtree("results/report")
    (tmp_path / "mine.html").write_text("mine")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/old.html").write_text("mine")
    Path("results/report").symlink_to(tmp_path)
    write_report(target)
    assert (tmp_path / "index.html").is_file()
    assert [(tmp_path / name).read_text() for name in ("mine.html", "figures/old.html")] == ["mine", "mine"]


def test_a_page_that_the_report_has_no_more_goes(target: Target) -> None:
    made_files.note("results/report/figures/gone.html")
    Path("results/report/figures/gone.html").write_text("of an earlier report")
    write_report(target)
    assert not Path("results/report/figures/gone.html").exists()


def test_a_leftover_on_record_goes(target: Target) -> None:
    leftover = Path("figures/khandelwal2020/.fig2.png.0123456789ab.tmp")
    leftover.write_text("half")
    line = json.dumps(["figures/khandelwal2020/fig2.png", leftover.name])
    with Path("figures", made_files.RECORD).open("a") as record:
        record.write(f"{line}\n")
    made_files.clear_leftovers()
    assert not leftover.exists()
    assert line not in Path("figures", made_files.RECORD).read_text()


@pytest.mark.parametrize(
    "line",
    [
        '["config.yaml", null]',
        '["notebooks/khandelwal2020/fig2.ipynb", null]',
        '["results/../config.yaml", null]',
        '["/etc/hostname", null]',
        '["figures/x.png", "../../config.yaml"]',
        '["figures/x.png", ".x.png./../../config.yaml"]',
        '["figures", null]',
        '["results/x", 7]',
        '{"results": 1}',
        "[[[",
        "null",
        "\x00\xff",
    ],
)
def test_a_record_that_names_what_no_run_makes_removes_nothing(target: Target, line: str) -> None:
    for folder in made_files.FOLDERS:
        with Path(folder, made_files.RECORD).open("a", encoding="utf-8") as record:
            record.write(f"{line}\n")
    inputs = [Path("config.yaml"), Path("notebooks/khandelwal2020/fig2.ipynb"), Path("pyproject.toml")]
    made_files.clear_leftovers()
    assert clean.main() == 0
    assert all(file.is_file() for file in inputs)


def test_clean_takes_all_that_runs_made_and_names_what_it_leaves(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("results/mine.txt").write_text("mine")
    assert clean.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Removed ")
    assert said[1] == "Left, for no run made it: results/mine.txt"
    assert sorted(map(str, Path("results").rglob("*"))) == ["results/mine.txt"]
    assert [path for path in Path("figures").rglob("*") if path.is_file()] == []
    assert not Path(".snakemake").exists()


def test_clean_follows_no_link(target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("results").rename(tmp_path / "results")
    Path("results").symlink_to(tmp_path / "results")
    before = sorted(tmp_path.rglob("*.csv"))
    assert clean.main() == 0
    assert capsys.readouterr().out.endswith("Left, for no run made it: results\n")
    assert sorted(tmp_path.rglob("*.csv")) == before
    Path("results").unlink()


@pytest.mark.parametrize("file", [*OUTPUTS, *INPUTS])
@pytest.mark.parametrize("kind", NO_FILES, ids=lambda kind: kind.__name__)
def test_what_is_no_file_is_named_and_not_waited_for(
    target: Target, file: str, kind: Callable[[Path], None]
) -> None:
    in_place_of(Path(file), kind)
    if file in INPUTS and kind.__name__ == "folder" and file != "config.yaml" and file != "requirements.lock":
        files = [*file_kinds.inputs(), file]
    else:
        files = [*file_kinds.inputs(), *OUTPUTS]
    with pytest.raises(SystemExit) as refused:
        file_kinds.refuse(files)
    assert str(refused.value) == (
        f"{file} is {NO_FILES[kind]}, where a file belongs\nNothing was run. Move it away and run again."
    )


@pytest.mark.parametrize("folder", ["results", "results/tables", "figures/khandelwal2020", "results/.cache"])
def test_a_file_in_place_of_a_folder_is_named(target: Target, folder: str) -> None:
    import shutil

    files = [*OUTPUTS, "results/.cache/code_facts.json"]
    shutil.rmtree(folder)
    Path(folder).write_text("a file")
    with pytest.raises(SystemExit, match=f"^{folder} is no folder, where a folder belongs\n"):
        file_kinds.refuse(files)
    Path(folder).unlink()


def test_sound_files_and_absent_ones_are_no_complaint(target: Target) -> None:
    Path(f"figures/{FIGURE}.png").unlink()
    assert list(file_kinds.complaints([*file_kinds.inputs(), *OUTPUTS])) == []
    assert stat.S_ISREG(os.lstat(TABLE).st_mode)


def test_many_are_counted(target: Target) -> None:
    for file in OUTPUTS:
        in_place_of(Path(file), pathlib_folder)
    with pytest.raises(SystemExit) as refused:
        file_kinds.refuse(OUTPUTS)
    assert str(refused.value).splitlines()[5:] == [
        "and 3 more",
        "Nothing was run. Move it away and run again.",
    ]


def pathlib_folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("kind", [pipe, pytest.param(device, marks=pytest.mark.slow)])
def test_a_run_ends_at_once_with_that_line(target: Target, kind: Callable[[Path], None]) -> None:
    in_place_of(Path(TABLE), kind)
    done = target.project.run("--dry-run")
    assert done.returncode == 1
    assert f"{TABLE} is {NO_FILES[kind]}, where a file belongs\n" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_plan_gives_every_output_above_its_name(target: Target) -> None:
    """The list at the top is of files that runs look at."""
    assert {*OUTPUTS} <= {*target.plan().outputs(), plan.SUMS, report.front_page()}
