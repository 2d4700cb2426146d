"""How pytest runs under `make mutants`: quick tests first, and none without an end.

A plugin (`-p tests.mutants` in pyproject.toml). Most mutants fall to a test of milliseconds; one that loops for ever
would otherwise be given five times what all its tests take together. The limit is of processor time, so that what
else the machine does kills no mutant.
"""

import functools
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# What mutmut noted of the tests of the unchanged code, below the folder that it tests in.
NOTES = Path("mutmut-stats.json")
# A test may take so many times what it did, and some seconds; one that was never timed takes a minute.
TIMES, SECONDS, UNKNOWN = 4.0, 6.0, 60.0
NAMED = pytest.StashKey[set[str]]()


@functools.cache
def durations() -> dict[str, float]:
    """Seconds of every test of the unchanged code, by its name."""
    return dict(json.loads(NOTES.read_text()).get("duration_by_test", {})) if NOTES.exists() else {}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Collect files: pytest looks up a thousand tests that are named one by one a thousand times."""
    named = {word for word in config.args if "::" in word}
    config.stash[NAMED] = named
    config.args[:] = sorted({word.partition("::")[0] for word in config.args})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The tests that were named, quick ones first."""
    named = config.stash[NAMED]
    missing = named - {item.nodeid for item in items}
    if missing:
        raise pytest.UsageError(f"no such test: {sorted(missing)[0]}")
    took = durations()
    items[:] = sorted(
        (item for item in items if not named or item.nodeid in named),
        key=lambda item: took.get(item.nodeid, 0.0),
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """End the process (SIGPROF) that is still at work long after the test should have been over."""
    took = durations().get(item.nodeid)
    signal.setitimer(signal.ITIMER_PROF, UNKNOWN if took is None else TIMES * took + SECONDS)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
