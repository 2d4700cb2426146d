"""What changed, in words: both sides of a change are told apart, however late they differ."""

from workflow.plan import changes

BEGIN = "(a) Heat current J = Q_h − Q_c and (b) negativity in the steady state of two qubits at T_h = 1, "
DRAWN = {"title": "Currents", "params": {}, "notebook": {"a.ipynb": "0"}}


def caption(old: str, new: str) -> tuple[str, str]:
    (line,) = changes.of_drawing(DRAWN | {"caption": old}, DRAWN | {"caption": new})
    before, after = line.removeprefix("caption ").split(" → ")
    assert max(map(len, (before, after))) <= 60
    return before, after


def test_captions_that_differ_late_are_shown_where_they_differ() -> None:
    before, after = caption(f"{BEGIN}T_c = 0.1", f"{BEGIN}T_c = 0.12")
    assert before.startswith("…")
    assert before.endswith("T_h = 1, T_c = 0.1")
    assert after.endswith("T_h = 1, T_c = 0.12")


def test_captions_that_differ_early_are_shown_from_their_beginning() -> None:
    before, after = caption(f"(a) {BEGIN}", f"(b) {BEGIN}")
    assert before.startswith("(a) ")
    assert after.startswith("(b) ")


def test_a_longer_caption_is_told_from_its_beginning_alone() -> None:
    before, after = caption(BEGIN, BEGIN + "and more")
    assert before != after
    assert after.endswith("and more")


def test_long_values_of_params_are_told_apart() -> None:
    old, new = list(range(100)), [*range(99), 7]
    (line,) = changes.of_params({"levels": old}, {"levels": new})
    assert "98, 99] → " in line
    assert line.endswith("98, 7]")
