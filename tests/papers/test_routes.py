"""Every table of the pipeline by the elimination plan and once more by dense LU: the same numbers.

Dense LU alone gives populations to 1e-16 of the largest one, in either sign, and the square root of such a
number (concurrence next to a pure state) to 1e-8 only.  So the LU solution is refined: its residual is
evaluated with 32 digits and solved for with the same factors, until it settles.  No step of the elimination
plan has a part in that.  What it leaves of populations that are rarer than its own error is asserted to be
within 1e-28 of 0, and below 0 counted as 0.

What is compared: every number of every table, to 1e-11 of the largest of its column.  A ratio to a concurrence
that goes to 0 is compared times that concurrence.  The plan's currents of more digits are switched off.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.common import double_double as dd
from qte.data import studies
from qte.machines.base import Machine
from qte.solver.block_solver import BlockSolver, nullity
from qte.solver.elimination import stationary

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())
TABLES = [
    (paper, name)
    for paper, tables in CONFIG["tables"].items()
    for name, entry in tables.items()
    if "file" not in entry
]
# column: how much more than its state it is off: an integral of what is missing over 1e4 times of the fastest process
AMPLIFIED = {"t_electrons": 1e5}
# of an equation whose populations may be negative
REDFIELD = {"beyond_map", "beyond_bias", "beyond_resonance"}
ROUNDS, UNRESOLVED = 4, 1e-28
# table, column: what the column is a ratio to
RATIOS = {("fig7_maps", "dC_rel"): "C_AB"}


def refined(matrix: np.ndarray, populations: int) -> np.ndarray:
    """Unknowns of trace 1 of matrices (points, n, n), LU refined with residuals of 32 digits; shape (n, points).

    The equation that gives way to the trace is that of the largest population, which a first solution finds: a
    rare one would be 1 minus all others, and no better than their round-off.
    """
    points, size = len(matrix), matrix.shape[1]
    matrix = matrix / np.abs(matrix).max(axis=(1, 2), keepdims=True)
    largest = np.zeros(points, dtype=int)
    for rounds in (0, ROUNDS):
        system = matrix.copy()
        system[np.arange(points), largest] = np.where(np.arange(size) < populations, 1.0, 0.0)
        inverse = np.linalg.inv(system)
        x = dd.exact(inverse[np.arange(points), :, largest])
        for _ in range(rounds):
            defect = dd.exact(np.zeros(x.shape))
            defect.hi[np.arange(points), largest] = 1.0
            for j in range(size):
                defect = defect - dd.DoubleDouble(x.hi[:, j : j + 1], x.lo[:, j : j + 1]) * system[:, :, j]
            x = x + (inverse @ defect.hi[:, :, None])[..., 0]
        largest = np.argmax(x.hi[:, :populations], axis=1)
    return np.asarray(x.hi.T)


@pytest.fixture
def dense_lu(monkeypatch):
    """Switches to LU for every point of every block."""

    def dense(self, points):
        self.used.add("dense")
        matrix = self.block.select(points).matrix()
        kernel = np.maximum(1, nullity(self.block, self.exact, points))
        # where several states remain, any will do: the caller refuses the point
        matrix[kernel > 1] = np.diag([-1.0] * (self.block.size - 1) + [0.0])
        x = refined(matrix, self.populations)
        rare = x[: self.populations]
        if positive:
            assert rare.min() > -UNRESOLVED
            x[: self.populations] = np.maximum(rare, 0.0)
        return x, kernel

    positive = True

    def switch(stays_positive):
        nonlocal positive
        positive = stays_positive
        monkeypatch.setattr(BlockSolver, "_choose", lambda self: "dense")
        monkeypatch.setattr(BlockSolver, "_dense", dense)
        monkeypatch.setattr(Machine, "_precise", None)

    return switch


def test_the_reference_is_not_the_plan(dense_lu, monkeypatch):
    """LU with residuals of 32 digits on a chain whose populations span 30 decades, without any elimination."""
    rng = np.random.default_rng(0)
    rates = 10.0 ** rng.uniform(-15, 0, (5, 6, 6))
    rates[:, range(6), range(6)] = 0.0
    matrix = rates - np.eye(6) * rates.sum(axis=1)[:, None, :]
    exact = np.array([stationary(r[:, :, None], range(6))[:, 0] for r in rates]).T
    assert np.abs(refined(matrix, 6) - exact).max() < 1e-15


@pytest.mark.slow
@pytest.mark.parametrize(("paper", "name"), TABLES, ids=[f"{p}-{n}" for p, n in TABLES])
def test_tables_do_not_depend_on_the_route(paper, name, dense_lu):
    entry = CONFIG["tables"][paper][name]
    study = studies.build(f"{paper}.{entry['study']}", entry["params"])
    by_plan = study.table().frame
    dense_lu(stays_positive=name not in REDFIELD)
    by_dense = study.table().frame
    for column in by_plan.select_dtypes("number"):
        first, second = by_plan[column].to_numpy(float), by_dense[column].to_numpy(float)
        if (name, column) in RATIOS:
            scale = by_plan[RATIOS[name, column]].to_numpy(float)
            first, second = first * scale, second * scale
        finite = np.isfinite(first)
        assert np.array_equal(finite, np.isfinite(second)), column
        assert np.array_equal(first[~finite], second[~finite], equal_nan=True), column
        apart, largest = np.abs(first - second)[finite], np.abs(first[finite]).max(initial=0.0)
        assert apart.max(initial=0.0) <= 1e-11 * AMPLIFIED.get(column, 1.0) * largest, column
