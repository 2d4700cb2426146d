"""Which jobs run after which change: exactly those, and no other."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.workflow.projects import Project, announced

DETUNING, RELAXATION = "table khandelwal2020/fig2", "table khandelwal2025/fig2"
SCHEMATIC, CURVES, TRANSIENT = (
    "figure khandelwal2020/fig1",
    "figure khandelwal2020/fig2",
    "figure khandelwal2025/fig2",
)
EVERY_FIGURE = [SCHEMATIC, CURVES, TRANSIENT]
TABLE = "results/tables/khandelwal2020/fig2.csv"
RECORD = "results/tables/khandelwal2020/fig2.code.json"


def with_checksums(*jobs: str) -> list[str]:
    return sorted(["checksums", *jobs])


def test_first_run_does_everything_once_and_the_second_nothing(built: Project) -> None:
    assert built.pending() == []
    assert "Nothing to be done" in built.build()


def test_a_changed_parameter_reruns_its_table_and_figure(copy: Project) -> None:
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    copy.write_config(config)
    assert copy.pending() == with_checksums(DETUNING, CURVES)


def test_a_changed_caption_reruns_its_figure_only(copy: Project) -> None:
    config = copy.config
    config["figures"]["khandelwal2025"]["fig2"]["caption"] += " Again."
    copy.write_config(config)
    assert copy.pending() == with_checksums(TRANSIENT)


def test_order_of_keys_comments_and_number_spelling_do_not_matter(copy: Project) -> None:
    config = copy.config
    for section in ("tables", "figures"):
        for entries in config[section].values():
            for entry in entries.values():
                entry |= {key: entry.pop(key) for key in reversed(list(entry))}
                if "params" in entry:
                    entry["params"] = dict(reversed(list(entry["params"].items())))
    config["tables"]["khandelwal2020"]["fig2"]["params"]["eps_h"] = 1
    copy.write_config(config)
    copy.append("config.yaml", "# a comment\n")
    assert copy.pending() == []


@pytest.mark.parametrize(
    ("module", "jobs"),
    [
        ("qte/physics/baths.py", [DETUNING, RELAXATION, CURVES, TRANSIENT]),
        ("qte/machines/two_qubit.py", [DETUNING, CURVES]),
        ("qte/papers/khandelwal2025/studies.py", [RELAXATION, TRANSIENT]),
        ("qte/plotting/style.py", EVERY_FIGURE),
        ("qte/data/tables.py", [DETUNING, RELAXATION, *EVERY_FIGURE]),
    ],
)
def test_an_edited_module_reruns_what_imports_it(copy: Project, module: str, jobs: list[str]) -> None:
    copy.append(module, "\n_ADDED_BY_A_TEST = 1\n")
    assert copy.pending() == with_checksums(*jobs)


def test_comments_docstrings_and_readmes_rerun_nothing(copy: Project) -> None:
    copy.append("qte/physics/baths.py", "\n# a comment\n")
    copy.path("qte/physics/operators.py").write_text(
        '"""Reworded."""\n' + copy.path("qte/physics/operators.py").read_text().split('"""', 2)[2]
    )
    copy.path("README.md").write_text("new")
    copy.append("requirements.lock", "# a comment\n")
    assert copy.pending() == []


def test_another_locked_version_reruns_everything(copy: Project) -> None:
    copy.append("requirements.lock", "added-by-a-test==1.0\n")
    assert copy.pending() == with_checksums(DETUNING, RELAXATION, *EVERY_FIGURE)


def test_touching_every_file_reruns_nothing(copy: Project) -> None:
    for file in copy.root.rglob("*"):
        if file.is_file() and ".snakemake" not in file.parts:
            os.utime(file)
    assert copy.pending() == []


def test_an_edited_notebook_reruns_its_figure_only(copy: Project) -> None:
    notebook = copy.path("notebooks/khandelwal2020/fig1.ipynb")
    content = json.loads(notebook.read_text())
    content["cells"][0]["source"] = ["# Reworded"]
    notebook.write_text(json.dumps(content))
    assert copy.pending() == with_checksums(SCHEMATIC)


def damage_by_truncation(project: Project) -> None:
    content = project.path(TABLE).read_bytes()
    project.path(TABLE).write_bytes(content[: len(content) // 2])


def damage_by_hand(project: Project) -> None:
    content = project.path(TABLE).read_bytes()
    project.path(TABLE).write_bytes(content[:-4] + b"9" + content[-3:])


def damage_by_emptying(project: Project) -> None:
    project.path(TABLE).write_bytes(b"")


def damage_by_swapping(project: Project) -> None:
    shutil.copy(project.path("results/tables/khandelwal2025/fig2.csv"), project.path(TABLE))


@pytest.mark.parametrize(
    "damage", [damage_by_truncation, damage_by_hand, damage_by_emptying, damage_by_swapping]
)
def test_a_damaged_table_is_named_and_made_again(built: Project, copy: Project, damage) -> None:
    damage(copy)
    output = copy.build()
    assert f"Damaged, will be made again: {TABLE}" in output
    assert copy.sums == built.sums
    assert copy.pending() == []


def rename_a_private_function(project: Project) -> None:
    (module,) = project.path("qte").rglob("blocks.py")
    text = module.read_text(encoding="utf-8")
    assert text.count("_flat_part(") >= 2
    module.write_text(text.replace("_flat_part(", "_renamed_by_a_test("), encoding="utf-8")


def test_a_renamed_private_function_runs_its_jobs_again_and_leaves_their_results(
    built: Project, copy: Project
) -> None:
    rename_a_private_function(copy)
    output = copy.build()
    assert announced(output) == with_checksums(DETUNING, RELAXATION, CURVES, TRANSIENT)
    changed = {line.split("  ")[1] for line in set(built.sums.splitlines()) ^ set(copy.sums.splitlines())}
    figures = ("khandelwal2020/fig2", "khandelwal2025/fig2")
    assert changed == {
        *(f"results/tables/{name}.code.json" for name in figures),
        *(f"results/manifests/{name}.json" for name in figures),
    }
    assert copy.pending() == []


def lose_the_record(project: Project) -> None:
    project.path(RECORD).unlink()


def edit_the_record(project: Project) -> None:
    project.append(RECORD, " ")


def empty_the_record(project: Project) -> None:
    project.path(RECORD).write_bytes(b"")


def take_the_record_of_another_table(project: Project) -> None:
    shutil.copy(project.path("results/tables/khandelwal2025/fig2.code.json"), project.path(RECORD))


def forge_the_code(project: Project) -> None:
    record = json.loads(project.path(RECORD).read_bytes())
    project.path(RECORD).write_text(json.dumps(record | {"code": "0" * 64}, indent=1) + "\n")


def forge_the_table(project: Project) -> None:
    """Other numbers under a checksum that fits them, as a run killed before it wrote the record leaves them."""
    rest = project.path(TABLE).read_bytes().split(b"\n", 1)[1][:-2] + b"9\n"
    first = f"# qte table 1 sha256={hashlib.sha256(rest).hexdigest()}\n"
    project.path(TABLE).write_bytes(first.encode() + rest)


def lose_the_table(project: Project) -> None:
    project.path(TABLE).unlink()


@pytest.mark.parametrize(
    "harm",
    [
        lose_the_record,
        edit_the_record,
        empty_the_record,
        take_the_record_of_another_table,
        forge_the_code,
        forge_the_table,
        lose_the_table,
    ],
)
def test_a_table_whose_record_does_not_say_that_the_code_of_now_made_it_is_made_again(
    copy: Project, harm
) -> None:
    harm(copy)
    assert copy.pending() == with_checksums(DETUNING, CURVES)


def test_a_lost_record_is_named_and_comes_back_the_same(built: Project, copy: Project) -> None:
    lose_the_record(copy)
    assert f"Damaged, will be made again: {RECORD} (it is not there)" in copy.build()
    assert copy.sums == built.sums
    assert copy.pending() == []


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_damaged_drawing_is_named_and_drawn_again(copy: Project, form: str) -> None:
    drawing = f"figures/khandelwal2025/fig2.{form}"
    copy.path(drawing).write_bytes(copy.path(drawing).read_bytes()[:-20])
    output = copy.build("--dry-run")
    assert output.count("Damaged, will be made again:") == 1
    assert drawing in output
    assert copy.pending() == with_checksums(TRANSIENT)


@pytest.mark.parametrize(
    ("file", "jobs"),
    [
        ("results/notebooks/khandelwal2020/fig2.ipynb", [CURVES]),
        ("results/manifests/khandelwal2020/fig2.json", [CURVES]),
        ("results/SHA256SUMS", []),
    ],
)
def test_an_edited_record_is_made_again(copy: Project, file: str, jobs: list[str]) -> None:
    copy.append(file, " ")
    assert copy.pending() == with_checksums(*jobs)


def test_a_deleted_figure_is_drawn_again(built: Project, copy: Project) -> None:
    copy.path("figures/khandelwal2020/fig2.svg").unlink()
    assert copy.pending() == with_checksums(CURVES)
    copy.build()
    assert copy.sums == built.sums


def test_without_snakemakes_memory_good_results_stay_and_stale_ones_go(copy: Project) -> None:
    shutil.rmtree(copy.path(".snakemake"))
    assert copy.pending() == []
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    copy.write_config(config)
    assert copy.pending() == with_checksums(DETUNING, CURVES)


def test_asking_for_one_figure_leaves_the_others_alone(copy: Project) -> None:
    copy.append("qte/plotting/style.py", "\n_ADDED_BY_A_TEST = 1\n")
    output = copy.build("--dry-run", "figures/khandelwal2020/fig1.pdf")
    assert "Drawing figure khandelwal2020/fig1" in output
    assert "Drawing figure khandelwal2020/fig2" not in output


def test_a_removed_figure_leaves_the_checksums(copy: Project) -> None:
    config = copy.config
    del config["figures"]["khandelwal2020"]["fig1"]
    copy.write_config(config)
    assert copy.pending() == ["checksums"]
    copy.build()
    assert "khandelwal2020/fig1" not in copy.sums


def test_checksums_are_what_sha256sum_reads(built: Project) -> None:
    listed = dict(reversed(line.split("  ", 1)) for line in built.sums.splitlines())
    assert list(listed) == sorted(listed)
    assert {Path(name).suffix for name in listed} == {".csv", ".ipynb", ".json", ".pdf", ".svg", ".png"}
    for name, digest in listed.items():
        assert hashlib.sha256(built.path(name).read_bytes()).hexdigest() == digest
