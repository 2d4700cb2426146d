"""Currents against traces of dense matrices, and entropy production against its definition."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.machines import ThreeQubitMachine
from qte.physics.generators import Channel, Generator, Term
from qte.solver import thermodynamics
from qte.solver.blocks import to_unknowns
from qte.solver.thermodynamics import (
    dephasing_power,
    energy_current,
    energy_exchange,
    entropy_production,
    particle_current,
)
from tests import dense

SHAPE, POINTS, DIM = (2, 3), 6, 3


def machine(seed: int = 0) -> Generator:
    """Two reservoirs, one of them with interfering terms and a partner, and dephasing."""
    rng = np.random.default_rng(seed)

    def matrix() -> np.ndarray:
        return rng.normal(size=(DIM, DIM)) + 1j * rng.normal(size=(DIM, DIM))

    def terms(*shapes: tuple[int, ...]) -> tuple[Term, ...]:
        return tuple(Term.of(rng.normal(size=shape), matrix()) for shape in shapes)

    h = (
        Term.of(rng.normal(size=(2, 1)), dense.random_hermitian(rng, DIM)),
        Term.of(rng.normal(size=3), np.diag(rng.normal(size=DIM))),
        Term.of(np.zeros(3), dense.random_hermitian(rng, DIM)),
    )
    channels = (
        Channel("a", rng.uniform(0.1, 1, 3), terms((), (2, 1)), None, -1),
        Channel("a", rng.uniform(0.1, 1, (2, 1)), terms((3,)), terms((), ()), 2),
        Channel("a", np.asarray(0.3), terms(()), None, 0),
        Channel("b", rng.uniform(0.1, 1, SHAPE), terms(()), None, 1),
        Channel(None, rng.uniform(0.1, 1, 3), terms(())),
        Channel(None, np.asarray(0.4), terms((2, 1))),
    )
    return Generator(h, channels)


@pytest.fixture(scope="module")
def generator():
    return machine()


@pytest.fixture(scope="module")
def states():
    rng = np.random.default_rng(1)
    return np.array([dense.random_hermitian(rng, DIM) for _ in range(POINTS)])


def power(generator: Generator, channels: tuple[Channel, ...], states: np.ndarray) -> np.ndarray:
    values = [
        np.trace(dense.hamiltonian(generator, k) @ dense.dissipate(generator, channels, rho, k)).real
        for k, rho in enumerate(states)
    ]
    return np.reshape(values, SHAPE)


@pytest.mark.parametrize("largest", [64, 0])
@pytest.mark.parametrize("label", ["a", "b"])
def test_energy_current_is_the_trace(generator, states, label, largest, monkeypatch):
    monkeypatch.setattr(thermodynamics, "SUPEROPERATOR_LIMIT", largest)
    wanted = power(generator, generator.channels_of(label), states)
    assert np.allclose(energy_current(generator, to_unknowns(states), label), wanted, rtol=1e-12, atol=1e-12)
    net, gross = energy_exchange(generator, to_unknowns(states), label)
    assert net.shape == gross.shape == SHAPE
    assert np.allclose(net, wanted, rtol=1e-12, atol=1e-12)
    assert (gross >= np.abs(net)).all()


def test_the_gross_exchange_is_a_sum_of_moduli():
    """One qubit, H = e n + v sigma_x, decay at rate k: two products for the populations, two for the coherence."""
    e, v, k, p, x = 2.0, -0.3, 0.5, 0.3, 0.1
    excited, flip, lower = np.diag([1.0, 0.0]), np.array([[0, 1], [1, 0]]), np.array([[0, 0], [1, 0]])
    qubit = Generator((Term.of(e, excited), Term.of(v, flip)), (Channel.of("b", k, lower),))
    unknowns = np.array([[p], [1 - p], [x], [0.05]])
    net, gross = energy_exchange(qubit, unknowns, "b")
    assert net == pytest.approx(-k * (e * p + v * x), rel=1e-14)
    assert gross == pytest.approx(k * (e * p + abs(v) * x), rel=1e-14)


def test_an_energy_of_exactly_one_counts():
    qubit = Generator(
        (Term.of(1.0, np.diag([1.0, 0.0])),), (Channel.of("b", 0.5, np.array([[0, 0], [1, 0]])),)
    )
    assert energy_current(qubit, np.array([[0.3], [0.7], [0.0], [0.0]]), "b") == pytest.approx(
        -0.15, rel=1e-14
    )


def test_the_gross_exchange_operator_by_operator(generator, states, monkeypatch):
    monkeypatch.setattr(thermodynamics, "SUPEROPERATOR_LIMIT", 0)
    _, gross = energy_exchange(generator, to_unknowns(states), "b")
    (channel,) = generator.channels_of("b")
    for k, rho in enumerate(states):
        h = dense.hamiltonian(generator, k)
        a, _ = dense.jumps(generator, channel, k)
        gain, loss = np.trace(a.conj().T @ h @ a @ rho).real, np.trace(a.conj().T @ a @ h @ rho).real
        rate = dense.number(channel.rate, generator, k)
        assert gross.flat[k] == pytest.approx(rate * (abs(gain) + abs(loss)), rel=1e-12)


def test_dephasing_power_is_the_trace(generator, states):
    channels = tuple(c for c in generator.channels if c.reservoir is None)
    wanted = power(generator, channels, states)
    assert np.allclose(dephasing_power(generator, to_unknowns(states)), wanted, rtol=1e-12, atol=1e-12)
    quiet = Generator(generator.hamiltonian, generator.channels_of("b"))
    assert np.array_equal(dephasing_power(quiet, to_unknowns(states)), np.zeros(SHAPE))


@pytest.mark.parametrize("label", ["a", "b"])
def test_particles_are_counted_by_jumps(generator, states, label):
    wanted = np.zeros(POINTS)
    for k, rho in enumerate(states):
        for channel in generator.channels_of(label):
            a, b = dense.jumps(generator, channel, k)
            rate = dense.number(channel.rate, generator, k)
            wanted[k] += channel.quanta * rate * np.trace(b.conj().T @ a @ rho).real
    got = particle_current(generator, to_unknowns(states), label)
    assert np.allclose(got, wanted.reshape(SHAPE), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("ask", [energy_current, energy_exchange, particle_current])
def test_reservoirs_go_by_their_names(generator, states, ask):
    with pytest.raises(ParameterError, match="be one of 'a', 'b'"):
        ask(generator, to_unknowns(states), "c")


# ---- entropy production --------------------------------------------------------------------------


def definition(heats, temperatures, quanta, potentials):
    total = mp.mpf(0)
    for label, heat in heats.items():
        mu = mp.mpf(float(potentials.get(label, 0.0)))
        total -= (heat - mu * quanta.get(label, mp.mpf(0))) / mp.mpf(float(temperatures[label]))
    return total


@pytest.mark.parametrize("seed", range(12))
def test_entropy_production_is_its_definition(seed):
    """Three baths, the first two with particles, energy and particles conserved but for dephasing."""
    rng = np.random.default_rng(seed)
    temperatures = dict(zip("abc", rng.uniform(0.1, 2, 3), strict=True))
    if seed % 3 == 0:
        temperatures["b"] = temperatures["a"]
    potentials = {"a": rng.normal(), "b": rng.normal()} if seed % 2 else {"b": rng.normal()}
    a, b, n = (mp.mpf(x) for x in rng.normal(size=3))
    dephasing = mp.mpf(rng.normal()) if seed % 4 else mp.mpf(0)
    heats, quanta = {"a": a, "b": b, "c": -a - b - dephasing}, {"a": n, "b": -n}
    exact = definition(heats, temperatures, quanta, potentials)

    def floats(numbers):
        return {label: np.asarray(float(x)) for label, x in numbers.items()}

    got = entropy_production(
        floats(heats), floats(temperatures), floats(quanta), floats(potentials), float(dephasing)
    )
    assert float(got) == pytest.approx(float(exact), rel=1e-12, abs=1e-13)


def test_entropy_production_point_by_point():
    """The hottest bath changes along the grid, and every quantity has a shape of its own."""
    t = {"a": np.array([1.0, 2.0, 3.0]), "b": np.asarray(2.0)}
    q = np.array([[0.5], [-1.5]])
    heats = {"a": q * np.ones(3), "b": -q * np.ones(3)}
    got = entropy_production(heats, t)
    assert got.shape == (2, 3)
    assert np.allclose(got, -q / t["a"] + q / 2.0, rtol=1e-13, atol=0)
    n, mu = np.array([0.1, 0.2, 0.3]), np.array([[0.4], [0.8]])
    quanta = {"a": n * np.ones((2, 1)), "b": -n * np.ones((2, 1))}
    more = entropy_production(heats, t, quanta, {"a": mu, "b": np.asarray(-0.3)})
    assert np.allclose(more, -(q - mu * n) / t["a"] + (q + 0.3 * n) / 2.0, rtol=1e-12)


def test_entropy_production_of_a_grid_of_potentials():
    """One temperature for the whole grid, and a chemical potential for every point."""
    rest = {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 0.5, "U": 2.0}
    mu = np.array([0.1, 0.5])
    whole = ThreeQubitMachine(**rest, mu=mu).entropy_production()
    alone = [float(ThreeQubitMachine(**rest, mu=m).entropy_production()) for m in mu]
    assert np.allclose(whole, alone, rtol=1e-12, atol=0)


@pytest.mark.parametrize("sign", [1, -1])
def test_entropy_production_keeps_its_digits_on_a_grid(sign):
    """Near equilibrium, the first bath hotter at one point and cooler at the other."""
    t, bias = np.array([1.0, 2.0]), sign * np.array([1e-12, -2e-12])
    temperatures = {"a": t + bias, "b": t}
    q = np.array([0.3, -0.4])
    got = entropy_production({"a": q, "b": -q}, temperatures)
    with mp.workdps(40):
        for k in range(2):
            a, b = (mp.mpf(temperatures[label][k]) for label in "ab")
            assert abs(got[k] / (mp.mpf(q[k]) * (1 / b - 1 / a)) - 1) < 1e-14
    tiny = np.asarray(1e-200)
    assert entropy_production({"a": q, "b": -q}, {"a": tiny, "b": tiny}).tolist() == [0.0, 0.0]


@pytest.mark.filterwarnings("error")
def test_entropy_production_at_its_limits():
    one, zero = np.asarray(1.0), np.asarray(0.0)
    cold = {"h": one, "c": zero}
    assert entropy_production({"h": one, "c": -one}, cold) == np.inf
    assert entropy_production({"h": -one, "c": one}, cold) == -np.inf
    assert entropy_production({"h": zero, "c": zero}, cold) == 0
    frozen = {"h": zero, "c": zero}
    assert entropy_production(frozen, frozen, {"h": zero, "c": zero}, {"h": one}) == 0
    # a cold bath that gets energy and particles: the heat Q - mu N decides
    heats, flows = {"h": one, "c": -one}, {"h": one * 2, "c": -one * 2}
    for mu, wanted in ((0.4, np.inf), (0.5, 0.0), (0.6, -np.inf)):
        potentials = {"h": np.asarray(mu), "c": np.asarray(mu)}
        got = entropy_production(heats, {"h": one, "c": zero}, flows, potentials)
        assert got == wanted
    for heat in (1e-20, 1e20):
        assert entropy_production({"h": one * heat, "c": -one * heat}, cold) == np.inf
    # potentials of a bath whose quanta nobody counts do nothing
    assert entropy_production({"h": one, "c": -one}, cold, {}, {"c": one * -2}) == np.inf
    # heat and work that cancel but for round-off
    half = {"h": np.asarray(0.5), "c": np.asarray(0.5 * (1 + 1e-13))}
    assert abs(entropy_production({"h": one, "c": -one}, cold, flows, half)) < 1
    # what two of them exchange but for round-off is no heat
    for rest, wanted in ((1e-13, 0.0), (1e-11, -np.inf), (-1e-11, np.inf)):
        assert entropy_production({"h": one, "c": -one * (1 - rest)}, frozen) == wanted
    # equal baths: no force, whatever flows
    assert entropy_production({"h": one, "c": -one}, {"h": one, "c": one}) == 0
    assert entropy_production({"h": zero}, {"h": one * 2}, dephasing=3.0) == 1.5
