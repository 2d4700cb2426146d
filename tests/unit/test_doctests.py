"""Every example in a docstring of qte gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import qte

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(qte.__path__, "qte.")
    if not module.name.startswith(("qte.papers.", "qte.ledger"))
)
# Modules that people call: each shows how.
CALLED = [
    "physics.operators", "physics.baths", "physics.generators", "physics.entanglement", "solver.steady",
    "solver.thermodynamics", "solver.dynamics", "common.optimise", "common.parameters", "data.tables",
    "data.fields", "sweeps.sweep", "sweeps.observables", "testing", "plotting.sweeps", "machines.two_qubit",
    "machines.common_reservoir", "machines.three_qubit", "machines.w_state", "machines.junction",
    "machines.spin_chain", "physics.information.entropies", "physics.information.energies",
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    module = importlib.import_module(name)
    failures, attempted = doctest.testmod(module, verbose=False)
    assert failures == 0
    if name.removeprefix("qte.") in CALLED:
        assert attempted > 0, "no example"


def test_the_modules_that_people_call_are_among_them() -> None:
    assert {f"qte.{name}" for name in CALLED} <= set(MODULES)
