"""Evolution to 1e-12 at every time, and its long-time average, against mpmath at as many digits as it takes."""

from __future__ import annotations

from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import IllConditioned, NonUniqueSteadyState, ParameterError
from qte.machines import ThreeQubitMachine, TwoQubitEngine
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import FLIP, LOWER, excitation, flip_flop, lowering, total_excitation
from qte.solver.dynamics import evolve
from qte.solver.exact import propagators
from qte.solver.steady import steady_state

ENGINE = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.2}
INF = np.inf


def mp_path(generator: Generator, start: np.ndarray, times: list[float]) -> list[np.ndarray]:
    """exp(L t) from the operators as they are given, by scaling and squaring with digits for the largest time."""
    d = generator.dim
    digits = 60 + int(max(0.0, np.log10(max(times)))) + 20
    with mp.workdps(digits):
        one = mp.eye(d)
        h = mp.zeros(d)
        for term in generator.hamiltonian:
            h += mp.mpf(float(term.coefficient)) * mp.matrix(term.operator.toarray().tolist())
        total = -1j * (kron(h, one) - kron(one, h.T))
        for channel in generator.channels:
            a = mp.matrix(channel.jump[0].operator.toarray().tolist())
            decay = a.H * a
            gain = kron(a, a.conjugate())
            loss = (kron(decay, one) + kron(one, decay.T)) / 2
            total += mp.mpf(float(channel.rate)) * (gain - loss)
        out = []
        for time in times:
            rho = mp_expm(total * mp.mpf(time)) * mp.matrix(start.ravel().tolist())
            out.append(np.array([complex(rho[k]) for k in range(d * d)]).reshape(d, d))
        return out


def mp_expm(matrix):
    norm = max(sum(abs(matrix[i, j]) for j in range(matrix.cols)) for i in range(matrix.rows))
    doublings = max(0, int(mp.ceil(mp.log(norm, 2))) + 10) if norm > 0 else 0
    small = matrix / mp.mpf(2) ** doublings
    total = term = mp.eye(matrix.rows)
    for k in range(1, mp.mp.dps):
        term = term * small / k
        total = total + term
        if mp.mnorm(term, 1) < mp.mpf(10) ** -mp.mp.dps:
            break
    for _ in range(doublings):
        total = total * total
    return total


def kron(a, b):
    out = mp.zeros(a.rows * b.rows)
    for i in range(a.rows):
        for j in range(a.cols):
            if a[i, j] != 0:
                for k in range(b.rows):
                    for m in range(b.cols):
                        out[i * b.rows + k, j * b.cols + m] = a[i, j] * b[k, m]
    return out


def leak() -> Generator:
    """A qubit that relaxes at 1 beside one that leaks at 1e-10, and an exchange between them."""
    return Generator(
        (Term.of(0.3, excitation(1, 2)), Term.of(1e-7, flip_flop(0, 1, 2))),
        (
            Channel.of("a", 1.0, lowering(0, 2)),
            Channel.of("a", 0.4, lowering(0, 2).T),
            Channel.of("b", 1e-10, lowering(1, 2)),
        ),
    )


def closed() -> Generator:
    """A pair without a bath, not at resonance."""
    terms = (
        Term.of(1.0, total_excitation(2)),
        Term.of(0.3, excitation(1, 2)),
        Term.of(0.05, flip_flop(0, 1, 2)),
    )
    return Generator(terms, ())


def exceptional() -> Generator:
    """Two eigenvalues and their vectors merge at drive = gamma/4."""
    return Generator((Term.of(0.05, FLIP),), (Channel.of("b", 0.4, LOWER, -1),))


def half_closed() -> Generator:
    """A closed pair beside a decaying qubit."""
    terms = (
        Term.of(1.0, total_excitation(3)),
        Term.of(0.2, flip_flop(0, 1, 3)),
        Term.of(0.1, excitation(0, 3)),
    )
    return Generator(terms, (Channel.of("b", 0.01, lowering(2, 3)),))


GENERATORS = {
    "relaxing": (TwoQubitEngine(**ENGINE).generator, "10"),
    "tunnelling": (TwoQubitEngine(**ENGINE, kappa_h=0.1).generator, "10"),
    "slow": (leak(), "11"),
    "closed": (closed(), "10"),
    "exceptional": (exceptional(), "1"),
}


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("time", [1e-300, 1e-6, 1.0, 1e3, 1e6, 1e10, 1e12, 1e18, 1e60])
def test_every_time_is_right_to_twelve_digits(name, time):
    generator, word = GENERATORS[name]
    start = np.zeros((generator.dim,) * 2)
    place = generator.dim - 1 - int(word, 2)
    start[place, place] = 1.0
    rho = evolve(generator, word, [time])[0]
    (exact,) = mp_path(generator, start, [time])
    assert np.abs(rho - exact).max() < 1e-13
    assert abs(np.trace(rho) - 1) < 1e-14


@pytest.mark.parametrize("time", [1e10, 1e100, 1e300])
def test_a_closed_pair_keeps_its_phase(time):
    """Rabi's formula, with digits enough for the phase."""
    rho = evolve(closed(), "10", [time])[0]
    with mp.workdps(400):
        half, g = mp.mpf(0.3) / 2, mp.mpf(0.05)
        w = mp.sqrt(half**2 + g**2)
        moved = (g / w) ** 2 * mp.sin(w * mp.mpf(time)) ** 2
    assert abs(rho[2, 2].real - float(moved)) < 1e-14


def test_coherences_of_all_kinds_survive_a_long_time():
    generator = half_closed()
    rng = np.random.default_rng(3)
    a = rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8))
    start = a @ a.conj().T / np.trace(a @ a.conj().T).real
    (exact,) = mp_path(generator, start, [3e9])
    assert np.abs(evolve(generator, start, [3e9])[0] - exact).max() < 1e-12


@pytest.mark.parametrize("time", [1e18, 1e100, 1e308])
def test_the_engine_ends_in_its_steady_state(time):
    engine = TwoQubitEngine(**ENGINE)
    path = engine.evolve("10", [0.0, time, INF])
    assert np.abs(path.rho[1:] - engine.steady_state().rho).max() < 1e-15
    assert np.abs(np.trace(path.rho, axis1=1, axis2=2) - 1).max() < 1e-14


def test_the_average_at_infinity():
    """Closed pair: half of what oscillates; a rate of 1e-300 still empties its qubit; a dark state keeps its share."""
    rho = evolve(closed(), "10", [INF])[0]
    share = 0.05**2 / (0.15**2 + 0.05**2)
    assert rho[1, 1].real == pytest.approx(1 - share / 2, rel=1e-15)
    slow = Generator(
        (Term.of(1.0, total_excitation(2)),),
        (Channel.of("a", 1.0, lowering(0, 2)), Channel.of("b", 1e-300, lowering(1, 2))),
    )
    assert evolve(slow, "11", [INF])[0].diagonal().real.tolist() == [0, 0, 0, 1]
    dark = Generator(
        (Term.of(1.0, total_excitation(2)),), (Channel.of("c", 1e-5, lowering(0, 2) + lowering(1, 2)),)
    )
    rho = evolve(dark, "10", [INF])[0]
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    assert (singlet @ rho @ singlet).real == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("ratio", [1e-14, 1e-100, 1e-300])
def test_the_long_time_average_from_a_state_has_no_scale(ratio):
    """Qubit 1 relaxes at rates `ratio` times those of qubit 2; qubit 3 keeps what it had."""
    generator = Generator(
        (Term.of(1.0, total_excitation(3)),),
        (
            Channel.of("a", ratio, lowering(0, 3)),
            Channel.of("a", 3 * ratio, lowering(0, 3).T),
            Channel.of("b", 1.0, lowering(1, 3)),
            Channel.of("b", 0.25, lowering(1, 3).T),
        ),
    )
    start = np.zeros((8, 8))
    start[3, 3] = 1.0
    with pytest.raises(NonUniqueSteadyState, match="dimension 2"):
        steady_state(generator)
    state = steady_state(generator, rho0=start)
    one, two = np.array([0.75, 0.25]), np.array([0.2, 0.8])
    expected = np.kron(np.kron(one, two), [0.0, 1.0])
    assert state.rho.diagonal().real == pytest.approx(expected, rel=1e-14)
    assert int(state.kernel_dimension) == 2


def test_grids_and_times_are_independent_of_each_other():
    gamma = np.geomspace(1e-8, 10.0, 7)
    times = np.geomspace(1e-3, 1e20, 40)
    many = TwoQubitEngine(**(ENGINE | {"gamma_h": gamma})).evolve("10", times).rho
    for k in (0, 3, 6):
        single = TwoQubitEngine(**(ENGINE | {"gamma_h": gamma[k]}))
        for j in (0, 13, 39):
            assert np.abs(many[k, j] - single.evolve("10", [times[j]]).rho[0]).max() < 1e-14


def test_what_cannot_be_done_is_said():
    machine = ThreeQubitMachine(g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=4.0, mu=3.0)
    with pytest.raises(ParameterError) as caught:
        machine.evolve("000", [np.nan])
    assert caught.value.allowed == "be finite or +inf, >= 0 and in ascending order"
    with pytest.raises(ParameterError) as caught:
        machine.evolve("000", [1.0, 3.0, 2.0])
    assert str(caught.value) == (
        "Argument `times` must be finite or +inf, >= 0 and in ascending order, but got 2.0 at index (2,)."
    )


def test_points_by_the_chunk_are_points_alone(monkeypatch):
    machine = TwoQubitEngine(**(ENGINE | {"gamma_h": np.array([1e-3, 0.1, 2.0])}), delta=0.1)
    whole = machine.evolve("10", [0.7, 30.0]).rho
    monkeypatch.setattr(propagators, "CHUNK_BYTES", 1)
    assert np.abs(machine.evolve("10", [0.7, 30.0]).rho - whole).max() < 1e-15


def test_nothing_happens_without_terms_that_act():
    start = np.array([[0.5, 0.2j], [-0.2j, 0.5]])
    idle = Generator((Term.of(0.0, excitation(0, 1)),), ())
    assert np.array_equal(evolve(idle, start, [0.0, 1.0, 1e300, INF]), [start] * 4)


def test_a_block_too_large_for_a_long_time_is_refused_beforehand(monkeypatch):
    monkeypatch.setattr(propagators, "DENSE_LIMIT", 3)
    with pytest.raises(IllConditioned, match=r"A time of 1e\+09 is too long for 6 coupled unknowns"):
        TwoQubitEngine(**ENGINE, delta=0.1).evolve("10", [1e9])
    many = SimpleNamespace(size=40_000)
    with pytest.raises(IllConditioned, match=r"some ten matrices of 11\.9 GB and 64000 s a doubling of time"):
        propagators._refuse_large(many, 1e9)
    monkeypatch.setattr(propagators, "EXACT_LIMIT", 3)
    with pytest.raises(
        IllConditioned, match="A long-time average of 6 coupled unknowns is not offered, of 3 at most"
    ):
        TwoQubitEngine(**ENGINE, delta=0.1).evolve("10", [INF])


def test_an_evolution_that_grows_without_bound_is_refused():
    """A negative rate: no generator of Lindblad form, and no bounded evolution."""
    generator = Generator(
        (Term.of(1.0, excitation(0, 1)),), (Channel.of("a", -1.0, LOWER), Channel.of("a", -0.5, FLIP))
    )
    with pytest.raises(IllConditioned, match="The evolution grows beyond all bounds"):
        evolve(generator, "1", [1e4])
