"""What NumPy would drop without a word is refused: masks, and the digits of numbers that no double holds."""

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.machines import TwoQubitEngine, WStateMachine
from qte.physics.entanglement import negativity
from qte.physics.operators import embed, relabelled, sum_of
from qte.physics.terms import Term
from qte.solver.dynamics import check_times

ENGINE = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.2}
W = {"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0, "U": 10.0, "mu": 5.0}
HIDDEN = np.ma.array([0.1, 0.2], mask=[False, True])


def test_a_masked_parameter_is_refused():
    with pytest.raises(ParameterError, match=r"^Argument `g` must have no masked entries, but got"):
        TwoQubitEngine(**ENGINE | {"g": HIDDEN})
    # a mask that hides nothing is none
    whole = TwoQubitEngine(**ENGINE | {"g": np.ma.array([0.1, 0.2], mask=False)})
    assert (whole.net_current() == TwoQubitEngine(**ENGINE | {"g": [0.1, 0.2]}).net_current()).all()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("rho", lambda: negativity(np.ma.array(np.eye(4) / 4, mask=np.eye(4)))),
        ("operator", lambda: Term.of(1.0, np.ma.array(np.eye(4), mask=np.eye(4)))),
        ("coefficient", lambda: Term.of(HIDDEN, np.eye(4))),
        ("times", lambda: check_times(HIDDEN)),
        (
            "rho0",
            lambda: TwoQubitEngine(**ENGINE).evolve(np.ma.array([1.0, 0, 0, 0], mask=[1, 0, 0, 0]), [1.0]),
        ),
        ("g", lambda: TwoQubitEngine(**ENGINE | {"g": [np.ma.array(0.1, mask=True), 0.2]})),
        ("g", lambda: TwoQubitEngine(**ENGINE | {"g": [HIDDEN, HIDDEN]})),
    ],
)
def test_a_mask_is_refused_at_every_door(name, call):
    with pytest.raises(ParameterError, match=f"^Argument `{name}` must have no masked entries, but got"):
        call()


def test_a_number_beyond_doubles_is_not_taken_for_a_limit():
    with pytest.raises(ParameterError, match=r"^Argument `U` must be of size <= 1e\+100"):
        WStateMachine(**W | {"U": np.longdouble("1e400"), "mu": np.inf})


@pytest.mark.parametrize("alpha", [None, 1.0, 1j, True, np.array(1.0), float])
def test_ratios_that_are_no_sequence_are_refused(alpha):
    with pytest.raises(ParameterError, match=r"^Argument `alpha` must hold one ratio a triangle, 2, but got"):
        WStateMachine(**W | {"alpha": alpha})


@pytest.mark.parametrize("n", [10**6, 10**400])
def test_machines_that_nobody_can_hold_are_refused_at_once(n):
    with pytest.raises(ParameterError, match=r"^Argument `n` must be a whole number <= 100, but got 1000"):
        WStateMachine(**W | {"n": n})


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("n", lambda: embed({}, np.array(2.5))),
        ("operators", lambda: sum_of(np.array(1.0))),
        ("order", lambda: relabelled(np.array(1))),
    ],
)
def test_arrays_without_an_axis_are_no_sequences(name, call):
    with pytest.raises(ParameterError, match=f"^Argument `{name}` must"):
        call()
