"""Parts of a generator: the basis states that every evolution ends in, and what lives on them."""

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.physics.generators import Channel, Generator, Term
from qte.solver import steady
from qte.solver.steady import steady_state

LADDER = np.diag([0.3, 1.0, 2.0]).astype(complex)
LADDER[0, 1], LADDER[1, 0] = 0.2j, -0.2j


def move(target: int, source: int) -> np.ndarray:
    out = np.zeros((3, 3))
    out[target, source] = 1.0
    return out


DOWN = (Channel.of("a", 0.7, move(1, 2)), Channel.of("b", 0.4, move(0, 1)), Channel.of("b", 0.1, move(1, 0)))
INSIDE = np.array([0, 1])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_any_channel_that_leads_out_is_refused(place):
    channels = list(DOWN)
    channels.insert(place, Channel.of("out", 1e-30, move(2, 0)))
    with pytest.raises(ParameterError, match="be basis states that no term leads out of"):
        Generator((Term.of(1.0, LADDER),), tuple(channels), attracting=INSIDE)
    asleep = Channel.of("out", 0.0, move(2, 0))
    Generator((Term.of(1.0, LADDER),), (*DOWN, asleep), attracting=INSIDE)


def test_a_hamiltonian_that_leads_out_is_refused():
    with pytest.raises(ParameterError, match="be basis states that no term leads out of"):
        Generator((Term.of(1.0, LADDER), Term.of(0.1, move(0, 2) + move(2, 0))), DOWN, attracting=INSIDE)


def test_the_state_lives_on_what_attracts(monkeypatch):
    # what attracts is asked for where it saves much
    monkeypatch.setattr(steady, "OPERATORS_FROM", 3)
    whole = steady_state(Generator((Term.of(1.0, LADDER),), DOWN))
    told = steady_state(Generator((Term.of(1.0, LADDER),), DOWN, attracting=INSIDE))
    assert np.allclose(told.rho, whole.rho, rtol=1e-13, atol=0)
    assert told.unknowns.shape == whole.unknowns.shape == (9, 1)
    # the coherence is one of the field i sigma_y
    assert abs(told.rho[0, 1].imag) > 0.01


def test_a_restricted_generator_keeps_what_it_is():
    energy = (Term.of(2.0, LADDER),)
    wide = Generator((Term.of([1.0, 2.0], LADDER),), DOWN, completely_positive=False, energy=energy)
    inner = wide.restricted(INSIDE)
    assert (inner.dim, inner.shape, inner.frame, inner.completely_positive) == (2, (2,), None, False)
    assert [c.reservoir for c in inner.channels] == ["b", "b"]
    assert np.array_equal(inner.energy[0].operator.toarray(), LADDER[:2, :2])
    assert wide.restricted(np.array([2])).channels == ()
