"""The rooms of the house: within their budget, imports downwards only, and the map as it would be drawn now."""

from pathlib import Path

import pytest

from workflow.commands import architecture

PROJECT = Path(__file__).resolve().parents[2]
HOUSE = architecture.House(PROJECT)


def test_every_count_is_within_its_budget() -> None:
    assert architecture.problems(HOUSE) == []


def test_every_room_is_on_the_plan_and_says_what_it_holds() -> None:
    planned = {room for floor in architecture.PLAN for room in floor}
    assert planned == set(HOUSE.rooms)
    assert all(HOUSE.rooms.values())


def test_the_map_is_current() -> None:
    text = (PROJECT / architecture.PAGE).read_text(encoding="utf-8")
    assert architecture.page(text, HOUSE) == text, "make architecture"


def test_every_file_that_the_map_names_is_there() -> None:
    text = (PROJECT / architecture.PAGE).read_text(encoding="utf-8")
    named = [
        word for word in text.split("`")[1::2] if "/" in word and "<" not in word and "results/" not in word
    ]
    missing = [word for word in named if not (PROJECT / word).exists() and not word.startswith("figures/")]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("from qte.machines import base", "arrows that run up: 1"),
        ("from qte.common.files import _hidden", "private names imported: 1"),
        ("x = 1\n" * 451, "lines of the longest file: 451"),
        ("def f():\n" + "    x = 1\n" * 85, "lines of the longest function: 86"),
    ],
)
def test_what_breaks_the_budget_is_named(tmp_path: Path, text: str, problem: str) -> None:
    for room in ("common", "machines"):
        folder = tmp_path / "qte" / room
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""A room."""\n')
    (tmp_path / "qte/__init__.py").write_text("")
    (tmp_path / "qte/machines/base.py").write_text("")
    (tmp_path / "qte/common/files.py").write_text("")
    house = architecture.House(tmp_path)
    assert architecture.problems(house) == []
    (tmp_path / "qte/common/new.py").write_text(text)
    found = architecture.problems(architecture.House(tmp_path))
    assert any(line.startswith(problem) for line in found), found


@pytest.mark.parametrize(("folder", "full"), [("machines", False), ("papers/mine", False), ("common", True)])
def test_a_folder_is_full_unless_others_add_to_it(tmp_path: Path, folder: str, full: bool) -> None:
    place = tmp_path / "qte" / folder
    place.mkdir(parents=True)
    for package in (tmp_path / "qte", place.parent, place):
        (package / "__init__.py").write_text('"""A room."""\n')
    for count in range(15):
        (place / f"own_{count}.py").write_text("")
    found = architecture.problems(architecture.House(tmp_path))
    assert ("modules in the fullest folder: 15, at most 14" in found) is full
