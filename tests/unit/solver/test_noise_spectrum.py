"""Noise at finite frequency against QuTiP, the propagator in time, closed forms and its own limits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import qutip
import scipy.integrate
import scipy.linalg

import qte
from qte.common.errors import ParameterError, SteadyStateError
from qte.machines import TwoQubitEngine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, local_channels
from qte.physics.operators import LOWER, RAISE
from qte.solver.noise import CurrentNoise
from qte.testing.dense import DenseModel

FREQUENCIES = np.array([0.0, 0.001, 0.02, 0.5, 3.0])
BASE = {"gamma_h": 0.04, "gamma_c": 0.07, "T_h": [0.6, 1.0], "T_c": 0.3, "g": 0.05}


def test_agrees_with_the_counting_statistics_of_qutip():
    machine = TwoQubitEngine(**BASE)
    found = np.array(
        [[machine.noise_spectrum(a, FREQUENCIES, b, current="particle") for b in "hc"] for a in "hc"]
    )
    signs = np.array([[-1, 1, 0, 0], [0, 0, -1, 1]])
    for point in range(2):
        h = qutip.Qobj(machine.hamiltonian()[point])
        jumps = [qutip.Qobj(a[point]) for r in "hc" for a in machine.jump_operators(r)]
        liouvillian = qutip.liouvillian(h, jumps)
        _, noise, _ = qutip.countstat_current_noise(
            liouvillian,
            jumps,
            wlist=FREQUENCIES,
            rhoss=qutip.steadystate(liouvillian),
            sparse=False,
            method="direct",
        )
        wanted = np.einsum("ai,ijw,bj->abw", signs, np.asarray(noise), signs)
        assert np.abs(found[:, :, point].real - wanted.real).max() < 1e-8 * np.abs(wanted).max()


def heat_correlation(model, label, other, frequencies, times):
    """The regression theorem in time: the Fourier integral of products of rates, added up in small steps."""
    h, rho, dim = model.hamiltonian, model.steady_state, len(model.hamiltonian)

    def half(x):
        return (h @ x + x @ h) / 2

    def acting(which, x):
        change = lambda y: sum(d.of(y) for d in model.dissipators[which])  # noqa: E731
        return half(change(x)) - change(half(x))

    def rate(which, x):
        return np.trace(half(sum(d.of(x) for d in model.dissipators[which]))).real

    step = times[1] - times[0]
    propagator = scipy.linalg.expm(model.liouvillian * step)
    total = np.zeros(len(frequencies), dtype=complex)
    for sign, one, two in [(1, label, other), (-1, other, label)]:
        state = acting(two, rho) - rho * rate(two, rho)
        values = []
        for _ in times:
            values.append(rate(one, state))
            state = (propagator @ state.reshape(-1)).reshape(dim, dim)
        phases = np.exp(sign * 1j * np.multiply.outer(frequencies, times))
        total += scipy.integrate.simpson(np.array(values) * phases, x=times)
    return total


def test_heat_is_the_fourier_integral_of_its_correlations():
    machine = TwoQubitEngine(**BASE | {"T_h": 1.0})
    times, frequencies = np.linspace(0.0, 700.0, 4001), np.array([0.0, 0.03, 0.2])
    wanted = heat_correlation(DenseModel.of(machine.generator), "h", "c", frequencies, times)
    found = machine.noise_spectrum("h", frequencies, "c")
    assert np.allclose(found, wanted, rtol=1e-7, atol=0)


@pytest.mark.parametrize("approach", ["local", "global", "redfield"])
@pytest.mark.parametrize("current", ["heat", "particle"])
def test_at_zero_it_is_the_noise_and_conjugate_at_minus(approach, current):
    machine = TwoQubitEngine(**BASE | {"approach": approach})
    for a, b in ("hh", "hc", "cc"):
        found = machine.noise_spectrum(a, [-0.04, 0.0, 0.04], b, current=current)
        assert np.allclose(found[:, 1], machine.noise(a, b, current=current), rtol=1e-10, atol=0)
        assert np.allclose(found[:, 0], found[:, 2].conj(), rtol=1e-12, atol=0)
        other = machine.noise_spectrum(b, [0.04], a, current=current)
        assert np.allclose(found[:, 2], other[:, 0].conj(), rtol=1e-12, atol=0)
    alone = machine.noise_spectrum("h", [0.04], current=current)
    assert alone.dtype == float
    assert (alone > 0).all()


def test_a_resonant_level_has_its_closed_form():
    left, right = (0.7, 0.8), (1.9, 0.1)
    bath = {"L": left, "R": right}
    channels = [
        channel
        for label, (gamma, filled) in bath.items()
        for channel in (
            Channel.of(label, gamma * (1 - filled), LOWER, -1),
            Channel.of(label, gamma * filled, RAISE, 1),
        )
    ]
    counted = CurrentNoise(qte.steady_state(Generator((Term.of(1.0, RAISE @ LOWER),), tuple(channels))))
    total = left[0] + right[0]
    p = (left[0] * left[1] + right[0] * right[1]) / total
    w = np.linspace(-20.0, 20.0, 9)
    for label, (gamma, filled) in bath.items():
        mean = gamma * (filled - p)
        gain = gamma * filled * (1 - p) - p * mean
        bare = gamma * (filled * (1 - p) + (1 - filled) * p)
        wanted = bare - 2 * gamma * gain * total / (total**2 + w**2)
        found = counted.spectrum(label, label, w, "particle", "particle")
        assert np.allclose(found, wanted, rtol=1e-12, atol=0)


def test_far_beyond_all_rates_jumps_are_independent():
    hot = Bath(1.0, 0.02)
    qubit = Generator((Term.of(1.0, RAISE @ LOWER),), local_channels("h", hot, 1.0, LOWER))
    counted = CurrentNoise(qte.steady_state(qubit))
    rate = 2 * hot.emission(1.0) * hot.absorption(1.0) / (hot.emission(1.0) + hot.absorption(1.0))
    assert counted.spectrum("h", "h", [1e6], "particle", "particle")[0] == pytest.approx(rate, rel=1e-9)
    # a single reservoir fills a qubit and empties it: nothing flows for long
    assert abs(counted.spectrum("h", "h", [0.0], "particle", "particle")[0]) < 1e-15


def exact_spectrum(generator, label, other, frequency):
    """The same formula of quanta with 50 digits, from the rates as doubles and the operators."""
    mp.mp.dps = 50
    model = DenseModel.of(generator)
    dim = generator.dim
    whole = mp.matrix(model.liouvillian.tolist())
    trace = [k * (dim + 1) for k in range(dim)]

    def solved(shift, right, total):
        """With the trace in the place of the last equation, that of the ground state."""
        matrix, side = whole + shift * mp.eye(dim**2), right.copy()
        for k in range(dim**2):
            matrix[dim**2 - 1, k] = mp.mpf(k in trace)
        side[dim**2 - 1] = total
        return mp.lu_solve(matrix, side)

    rho = solved(0, mp.zeros(dim**2, 1), 1)
    first, second = {}, {}
    for reservoir, several in model.dissipators.items():
        channels = [c for c in generator.channels if c.reservoir == reservoir]
        gains = [d.rate * np.kron(d.jump, d.jump.conj()) for d in several]
        first[reservoir] = mp.matrix(sum(c.quanta * g for c, g in zip(channels, gains, strict=True)).tolist())
        second[reservoir] = mp.matrix(
            sum(c.quanta**2 * g for c, g in zip(channels, gains, strict=True)).tolist()
        )

    def rate(which, x):
        moved = which * x
        return sum(moved[k] for k in trace)

    def fluctuation(reservoir):
        return first[reservoir] * rho - rho * rate(first[reservoir], rho)

    total = rate(second[label], rho) if label == other else mp.mpf(0)
    total -= rate(first[label], solved(1j * mp.mpf(frequency), fluctuation(other), 0))
    total -= rate(first[other], solved(-1j * mp.mpf(frequency), fluctuation(label), 0))
    return complex(total)


@pytest.mark.slow
@pytest.mark.parametrize("frequency", [1e-6, 1e-3, 0.3])
@pytest.mark.parametrize(("hot", "cold"), [(0.05, 0.03), (0.03, 0.02), (0.5, 0.5)])
def test_rare_jumps_keep_their_digits(hot, cold, frequency):
    machine = TwoQubitEngine(**BASE | {"T_h": hot, "T_c": cold})
    for label, other in ("hh", "hc"):
        found = complex(machine.noise_spectrum(label, [frequency], other, current="particle")[0])
        wanted = exact_spectrum(machine.generator, label, other, frequency)
        assert abs(found - wanted) < 1e-11 * abs(wanted)


def test_what_has_no_spectrum_says_so():
    machine = TwoQubitEngine(**BASE)
    with pytest.raises(ParameterError, match="`frequencies` must be a list of frequencies"):
        machine.noise_spectrum("h", 1.0)
    with pytest.raises(ParameterError, match="`frequencies` must be a real number"):
        machine.noise_spectrum("h", [np.nan])
    with pytest.raises(ParameterError, match="`reservoir` must be one of"):
        machine.noise_spectrum("x", [0.1])
    # a second qubit that nothing damps turns forever
    free = qte.generator(np.diag([1.0, 0.0]), {"h": [np.diag([1.0, 0.0])]})
    with pytest.raises(SteadyStateError):
        CurrentNoise(qte.steady_state(free, rho0=np.eye(2) / 2))
