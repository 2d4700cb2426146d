"""A machine is given back as soon as nobody holds it: a grid may fill the memory, and the collector is in no hurry."""

import gc
import weakref

import numpy as np
import pytest

from qte.machines import TwoQubitEngine

KINDS = {
    "local": {},
    "global": {"approach": "global"},
    "tunnelling": {"kappa_h": 0.01},
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_machine_that_was_asked_for_everything_leaves_at_once(kind):
    gc.collect()
    gc.disable()
    try:
        engine = TwoQubitEngine(
            g=0.1, gamma_h=1e-3, gamma_c=1e-2, T_h=np.linspace(0.2, 1.0, 3), T_c=0.1, **kind
        )
        engine.negativity(), engine.net_current(), engine.steady_state().residual
        engine.at_points(np.array([0, 2])).concurrence()
        machine, generator = weakref.ref(engine), weakref.ref(engine.generator)
        del engine
        assert machine() is None
        assert generator() is None
    finally:
        gc.enable()


def test_a_state_outlives_its_machine():
    state = TwoQubitEngine(g=0.1, gamma_h=1e-3, gamma_c=1e-2, T_h=0.7, T_c=0.1, kappa_h=0.01).steady_state()
    gc.collect()
    assert abs(np.trace(state.rho) - 1) < 1e-15
