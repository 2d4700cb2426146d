"""What will take long says so, from what it has taken so far."""

from __future__ import annotations

import pytest

from qte.common import progress


class Clock:
    """Time that passes only when somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def work(clock, items, seconds, estimate):
    done = []
    for item in progress.announced(items, "currents", 6, estimate):
        done.append(item)
        clock.now += seconds(item)
    return done


def test_quick_work_says_nothing(clock, capsys):
    assert work(clock, range(1000), lambda _: 0.009, 0.03) == list(range(1000))
    assert capsys.readouterr().err == ""
    assert work(clock, [], lambda _: 1.0, 1.0) == []
    assert work(clock, [7], lambda _: 100.0, 1.0) == [7]


def test_long_work_is_announced_by_what_an_item_takes(clock, capsys):
    """The first one sets things up and is not counted."""
    assert work(clock, range(102), lambda item: 5.0 if item == 0 else 0.5, 0.001) == list(range(102))
    assert "qte: currents at 100 points of 6 coupled unknowns: about 50 s." in capsys.readouterr().err


def test_work_whose_items_are_long_is_announced_beforehand(clock, capsys):
    items = progress.announced([1, 2], "steady states", 9000, 60.0)
    assert next(iter(items)) == 1
    assert (
        "qte: steady states at 2 points of 9000 coupled unknowns: about 2.0 min." in capsys.readouterr().err
    )
