"""The table behind answers/transient: what decides the entanglement of the moment, and QuTiP's states on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import qutip
import yaml

from qte.data import studies
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.studies_transient import STARTS

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
ENTRY = CONFIG["tables"]["answers"]["transient"]


@pytest.fixture(scope="module")
def table():
    found, _ = studies.run("answers.transient", ENTRY["params"], ENTRY.get("ours", []))
    return found


def test_the_current_between_the_qubits_decides_and_that_of_the_baths_does_not(table):
    sure = np.isfinite(table["between"]) & (np.abs(table["between"] - 1) > 1e-9)
    entangled = table["N"] > 0
    np.testing.assert_array_equal((table["between"] > 1)[sure], entangled[sure])
    assert np.any((table["bath"] > 1)[sure] != entangled[sure])


def test_all_starts_end_in_the_steady_state(table):
    for start in range(len(STARTS)):
        rows = table.where(start=start)
        assert rows["N"][-1] == pytest.approx(table.facts["steady_negativity"], rel=0.02)
        assert rows["bath"][-1] == pytest.approx(rows["between"][-1], rel=0.01)


def test_the_largest_on_the_way_is_that_of_qutip(table):
    names = ("eps_h", "g", "gamma_h", "gamma_c", "T_h", "T_c")
    engine = TwoQubitEngine(**{name: ENTRY["params"][name] for name in names})
    rows = table.where(start=1)
    times = rows["t"][:40]
    way = qutip.mesolve(
        qutip.Qobj(engine.hamiltonian(), dims=[[2, 2]] * 2),
        qutip.ket2dm(qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 1))),
        times,
        [qutip.Qobj(jump, dims=[[2, 2]] * 2) for jump in engine.jump_operators()],
        options={"atol": 1e-12, "rtol": 1e-10},
    )
    least = [min(0.0, qutip.partial_transpose(rho, [0, 1]).eigenenergies()[0]) for rho in way.states]
    np.testing.assert_allclose(rows["N"][:40], -np.array(least), atol=1e-8)
    assert rows["N"].max() > 50 * table.facts["steady_negativity"]


def test_from_the_ground_state_the_steady_state_is_the_most_entangled(table):
    assert np.all(np.diff(table.where(start=0)["N"]) >= 0)
