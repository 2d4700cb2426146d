"""Time evolution: exact references, exceptional points, any grid of times, and what is refused."""

from __future__ import annotations

import re

import mpmath as mp
import numpy as np
import pytest
import qutip
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import IllConditioned, ParameterError
from qte.machines import ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, dephasing_channels, local_channels
from qte.physics.operators import FLIP, LOWER, excitation
from qte.solver import dynamics
from qte.solver.exact import propagators
from tests.coulomb_reference import three_qubits

INF = np.inf
PAPER = {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0}
ENGINE = {"g": 0.05, "gamma_h": 0.02, "gamma_c": 0.1, "T_h": 1.3, "T_c": 0.2}


def random_state(rng: np.random.Generator, d: int) -> np.ndarray:
    a = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = a @ a.conj().T
    return rho / np.trace(rho).real


# ---- against exact exponentials -----------------------------------------------------------------


def test_agrees_with_qutip_on_random_machines_and_states():
    rng = np.random.default_rng(7)
    times = np.linspace(0.0, 60.0, 13)
    for _ in range(10):
        p = {
            "eps": 1.0,
            "g13": rng.uniform(0.02, 0.3),
            "g23": rng.uniform(0.02, 0.3),
            "gamma_1": 10 ** rng.uniform(-2, 0),
            "gamma_3": 10 ** rng.uniform(-2, 0),
            "T_1": rng.uniform(0.3, 3.0),
            "T_3": rng.uniform(0.3, 3.0),
            "U": rng.uniform(0.0, 8.0),
            "mu": rng.uniform(-2.0, 8.0),
            "mu_3": 0.0,
            "dephasing": 0.01,
        }
        start = random_state(rng, 8)
        path = ThreeQubitMachine(**p).evolve(start, times)
        peer = three_qubits(p)
        full = peer.liouvillian.full()
        for k, time in enumerate(times):
            # QuTiP stacks columns
            expected = (scipy.linalg.expm(full * time) @ start.T.ravel()).reshape(8, 8).T
            assert np.abs(path.rho[k] - expected).max() < 1e-12
        late = qutip.Qobj(path.rho[-1], dims=[[2] * 3] * 2)
        assert abs(path.heat_current(1)[-1] - peer.heat(0, late)) < 1e-12
        assert abs(path.net_current()[-1] - (peer.heat(0, late) - peer.heat(2, late)) / 2) < 1e-12


def test_agrees_with_qutip_mesolve():
    p = PAPER | {"eps": 1.0, "U": 4.0, "mu": 3.0, "mu_3": 0.0, "dephasing": 0.0}
    times = np.linspace(0.0, 50.0, 6)
    start = qutip.basis(8, 7).proj()
    start.dims = [[2] * 3] * 2
    options = {"method": "bdf", "atol": 1e-12, "rtol": 1e-12, "nsteps": 10**6}
    expected = qutip.mesolve(three_qubits(p).liouvillian, start, times, options=options).states
    path = ThreeQubitMachine(**p).evolve("000", times)
    assert max(np.abs(path.rho[k] - s.full()).max() for k, s in enumerate(expected)) < 1e-9


def test_the_global_frame_evolves_in_the_computational_basis():
    engine = TwoQubitEngine(**(ENGINE | {"approach": "global", "delta": 0.1}))
    start = random_state(np.random.default_rng(1), 4)
    path = engine.evolve(start, [0.0, 3.0, 1e5])
    assert np.abs(path.rho[0] - start).max() < 1e-14
    assert np.abs(path.rho[-1] - engine.steady_state().rho).max() < 1e-12
    assert path.net_current()[-1] == pytest.approx(float(engine.net_current()), rel=1e-8)


def test_a_decaying_qubit_is_its_formula():
    bath = Bath(0.8, 0.3, "fermi")
    total = 0.3
    generator = Generator((Term.of(1.0, excitation(0, 1)),), local_channels("b", bath, 1.0, LOWER))
    times = np.linspace(0.0, 50.0, 101)
    plus = np.array([1.0, 1.0]) / np.sqrt(2)
    rho = dynamics.evolve(generator, plus, times)
    n = float(bath.occupation(1.0))
    assert rho[:, 0, 0].real == pytest.approx(n + (0.5 - n) * np.exp(-total * times), rel=1e-13)
    assert np.abs(rho[:, 0, 1] - 0.5 * np.exp((-1j - total / 2) * times)).max() < 1e-13


# ---- exceptional points -------------------------------------------------------------------------


def driven_qubit(drive: float, gamma: float) -> Generator:
    """Resonantly driven, decaying qubit; y and z of its Bloch vector merge at drive = gamma/4."""
    return Generator((Term.of(drive / 2, FLIP),), (Channel.of("b", gamma, LOWER, -1),))


def mp_driven_qubit(drive: float, gamma: float, time: float) -> list[float]:
    """(y, z) from (0, 1) with 50 digits: y' = -w z - g y/2, z' = w y - g z - g."""
    with mp.workdps(50):
        w, g = mp.mpf(drive), mp.mpf(gamma)
        matrix = mp.matrix([[-g / 2, -w, 0], [w, -g, -g], [0, 0, 0]])
        y, z, _ = mp.expm(matrix * mp.mpf(time)) * mp.matrix([0, 1, 1])
        return [float(y), float(z)]


@pytest.mark.parametrize("shift", [0.0, 1e-14, -1e-8, 1e-4])
def test_exceptional_points_lose_nothing(shift):
    gamma = 0.4
    drive = gamma / 4 * (1 + shift)
    generator = driven_qubit(drive, gamma)
    if shift == 0.0:
        bloch = np.array([[-gamma / 2, -drive], [drive, -gamma]])
        assert np.linalg.cond(np.linalg.eig(bloch)[1]) > 1e7
    times = np.linspace(0.0, 80.0, 161)
    rho = dynamics.evolve(generator, "1", times)
    z, y = (rho[:, 0, 0] - rho[:, 1, 1]).real, -2 * rho[:, 0, 1].imag
    expected = np.array([mp_driven_qubit(drive, gamma, t) for t in times])
    assert np.abs(y - expected[:, 0]).max() < 1e-13
    assert np.abs(z - expected[:, 1]).max() < 1e-13


def test_the_exceptional_point_of_the_ideal_machine_is_passed():
    """50 digits for the four states of the ideal limit, over the whole of figure 2 and at g = gamma/4."""
    for g, gamma in ((0.05, 0.1), (0.05, 0.01), (0.025, 0.1)):
        machine = ThreeQubitMachine(
            **(PAPER | {"g13": g, "g23": g, "gamma_1": gamma, "gamma_3": gamma}), U=INF, mu=INF
        )
        times = np.linspace(0.0, 5000.0, 2001)
        path = machine.evolve("000", times)
        fidelity = path.fidelity("singlet")
        for k in (1, 37, 400, 2000):
            assert abs(fidelity[k] - mp_ideal_fidelity(g, gamma, times[k])) < 1e-12
        assert np.abs(np.trace(path.rho, axis1=-2, axis2=-1) - 1).max() < 1e-12


def mp_ideal_fidelity(g: float, gamma: float, time: float) -> float:
    """Eq. (2) of khandelwal2025 on |000>, |100>, |010>, |001> in the limit of eq. (3), T_3 = eps."""
    with mp.workdps(50):
        rate, n = mp.mpf(gamma), 1 / (mp.e + 1)
        h = mp.zeros(4)
        for j in (1, 2):
            h[j, 3] = h[3, j] = mp.mpf(g)
        jumps = []
        for to, start, strength in ((1, 0, rate), (3, 0, rate * n), (0, 3, rate * (1 - n))):
            jump = mp.zeros(4)
            jump[to, start] = mp.sqrt(strength)
            jumps.append(jump)
        liouvillian = mp.zeros(16)
        for column in range(16):
            unit = mp.zeros(4)
            unit[column // 4, column % 4] = 1
            change = -1j * (h * unit - unit * h)
            for jump in jumps:
                decay = jump.H * jump
                change += jump * unit * jump.H - (decay * unit + unit * decay) / 2
            for row in range(16):
                liouvillian[row, column] = change[row // 4, row % 4]
        start = mp.zeros(16, 1)
        start[0] = 1
        rho = mp.expm(liouvillian * mp.mpf(time)) * start
        return float(mp.re(rho[5] + rho[10] - rho[6] - rho[9]) / 2)


# ---- grids of times -----------------------------------------------------------------------------


def test_any_grid_of_times_gives_the_same_states():
    machine = ThreeQubitMachine(**PAPER, U=4.0, mu=3.0)
    single = [machine.evolve("100", [t]).rho[0] for t in (0.0, 0.7, 1.4, 1.4, 2.1, 900.0, 901.0, 902.0, 1e4)]
    together = machine.evolve("100", [0.0, 0.7, 1.4, 1.4, 2.1, 900.0, 901.0, 902.0, 1e4]).rho
    assert np.abs(together - np.array(single)).max() < 1e-13
    spaced = np.geomspace(1e-3, 1e4, 50)
    path = machine.evolve("100", spaced).rho
    assert np.abs(path[17] - machine.evolve("100", spaced[17:18]).rho[0]).max() < 1e-13


def test_many_steps_drift_nowhere():
    machine = ThreeQubitMachine(**PAPER, U=4.0, mu=3.0)
    times = np.linspace(0.0, 3e4, 100_001)
    path = dynamics.propagate(
        machine.generator, dynamics.initial_state(machine.generator, "100"), dynamics.check_times(times)
    )
    assert np.abs(path[:8].sum(axis=0) - 1).max() < 1e-12
    assert np.abs(path[:, 0, -1] - machine.steady_state().unknowns[:, 0]).max() < 1e-12


def test_large_blocks_take_the_sparse_route(monkeypatch):
    machine = ThreeQubitMachine(**(PAPER | {"gamma_1": np.array([0.05, 0.1])}), U=4.0, mu=3.0)
    times = [0.0, 1.0, 2.0, 40.0]
    dense = machine.evolve("100", times).rho
    monkeypatch.setattr(propagators, "LADDER_LIMIT", 3)
    assert np.abs(machine.evolve("100", times).rho - dense).max() < 1e-13


def test_the_w_machine_of_five_qubits_reaches_its_steady_state():
    machine = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF, coulomb="all_pairs")
    path = machine.evolve("00000", [0.0, 100.0, 1e4])
    assert path.fidelity("W")[-1] == pytest.approx(1.0, abs=1e-12)
    assert path.net_current().shape == (3,)


# ---- initial states -----------------------------------------------------------------------------


def test_every_form_of_initial_state():
    machine = ThreeQubitMachine(**(PAPER | {"gamma_1": np.array([0.05, 0.1])}), U=4.0, mu=3.0)
    vector = np.eye(8)[7]
    word = machine.evolve("000", [0.0, 2.0])
    assert word.rho.shape == (2, 2, 8, 8)
    assert word.states is word.rho
    assert np.array_equal(machine.evolve(vector, [0.0, 2.0]).rho, word.rho)
    assert np.array_equal(machine.evolve(np.outer(vector, vector), [0.0, 2.0]).rho, word.rho)
    several = np.stack([np.outer(vector, vector), np.eye(8) / 8])
    mixed = machine.evolve(several, [0.0, 2.0])
    assert np.array_equal(mixed.rho[0], word.rho[0])
    assert np.abs(mixed.rho[1, 0] - np.eye(8) / 8).max() < 1e-15


def test_observables_have_the_time_axis_last():
    gamma = np.array([0.01, 0.05, 0.1])
    path = ThreeQubitMachine(**(PAPER | {"gamma_1": gamma, "gamma_3": gamma}), U=INF, mu=INF).evolve(
        "000", [0.0, 9.0]
    )
    for values in (
        path.net_current(),
        path.heat_current(1),
        path.particle_current(3),
        path.concurrence(),
        path.negativity(pair=(2, 3)),
        path.fidelity("singlet"),
    ):
        assert values.shape == (3, 2)
    n = 1 / (np.e + 1)
    assert path.net_current()[:, 0] == pytest.approx(gamma * (1 - n) / 2, rel=1e-14)


@pytest.mark.parametrize(
    "rho0",
    [
        "00",
        "00x",
        "",
        np.ones(8),
        np.ones((8, 8)),
        np.eye(8),
        np.eye(4) / 4,
        np.diag([1.5, -0.5, 0, 0, 0, 0, 0, 0]),
        np.diag([np.nan] + [0.0] * 7),
        np.eye(8) / 8 + np.diag([0.01] * 7, 1),
        np.stack([np.eye(8) / 8] * 3),
        [True] * 8,
    ],
)
def test_what_is_no_state_is_refused(rho0):
    machine = ThreeQubitMachine(**(PAPER | {"gamma_1": np.array([0.05, 0.1])}), U=4.0, mu=3.0)
    with pytest.raises(ParameterError):
        machine.evolve(rho0, [0.0, 1.0])


@pytest.mark.parametrize(
    "times",
    [[1.0, 0.5], [-1.0, 0.0], [0.0, np.nan], [-INF, 0.0], [INF, 0.0], [], 3.0, [[0.0, 1.0]], ["0"], [1j]],
)
def test_what_is_no_grid_of_times_is_refused(times):
    with pytest.raises(ParameterError) as error:
        ThreeQubitMachine(**PAPER, U=4.0, mu=3.0).evolve("000", times)
    assert error.value.name == "times"


# ---- the slowest rate ---------------------------------------------------------------------------


def test_gap_of_one_qubit():
    bath = Bath(np.array([0.3, 0.8]), 0.3)
    channels = local_channels("b", bath, 1.0, LOWER)
    generator = Generator((Term.of(1.0, excitation(0, 1)),), channels)
    total = bath.emission(1.0) + bath.absorption(1.0)
    assert dynamics.liouvillian_gap(generator) == pytest.approx(total / 2, rel=1e-12)
    noisy = Generator(generator.hamiltonian, channels + dephasing_channels(10.0, [excitation(0, 1)]))
    assert dynamics.liouvillian_gap(noisy) == pytest.approx(total, rel=1e-12)


def test_gap_agrees_with_the_full_spectrum():
    rng = np.random.default_rng(3)
    for _ in range(10):
        p = {
            "eps": 1.0,
            "g13": rng.uniform(0.05, 0.3),
            "g23": rng.uniform(0.05, 0.3),
            "gamma_1": rng.uniform(0.05, 1.0),
            "gamma_3": rng.uniform(0.05, 1.0),
            "T_1": rng.uniform(0.5, 3.0),
            "T_3": rng.uniform(0.5, 3.0),
            "U": rng.uniform(0.0, 5.0),
            "mu": rng.uniform(-2.0, 4.0),
            "mu_3": 0.0,
            "dephasing": 0.01,
        }
        spectrum = np.linalg.eigvals(three_qubits(p).liouvillian.full())
        rates = np.sort(np.abs(spectrum.real))
        assert float(ThreeQubitMachine(**p).liouvillian_gap()) == pytest.approx(rates[1], rel=1e-8)


def test_gap_is_batched_and_skips_what_never_decays():
    gamma = np.array([[0.0], [0.05]])
    machine = ThreeQubitMachine(
        **(PAPER | {"gamma_1": gamma, "gamma_3": gamma, "g13": np.array([0.05, 0.1])}), U=4.0, mu=3.0
    )
    gap = machine.liouvillian_gap()
    assert gap.shape == (2, 2)
    assert np.all(gap[0] == 0)
    assert np.all(gap[1] > 0)


def test_a_gap_of_a_large_block_is_right_to_what_is_asked_for_or_refused(monkeypatch):
    """As if no block were small enough for its characteristic polynomial."""
    pair = TwoQubitEngine(g=0.05, gamma_h=1e4, gamma_c=1e-6, T_h=1.0, T_c=0.2)
    exact = float(pair.liouvillian_gap())
    monkeypatch.setattr(dynamics, "PLAN_LIMIT", 0)
    with pytest.raises(IllConditioned) as caught:
        pair.liouvillian_gap()
    words = r"The slowest decay of \d+ coupled unknowns is known to \de-\d+ of itself only; a larger `accuracy` .*"
    assert re.fullmatch(words, str(caught.value))
    known = float(re.search(r"\de-\d+", str(caught.value))[0])
    assert pair.liouvillian_gap(accuracy=2 * known) == pytest.approx(exact, rel=2 * known)
    with pytest.raises(ParameterError) as refused:
        pair.liouvillian_gap(accuracy=0.0)
    assert refused.value.name == "accuracy"


def test_decay_goes_with_the_gap():
    machine = ThreeQubitMachine(**PAPER, U=INF, mu=INF)
    late = 1 - machine.evolve("000", [800.0, 1000.0]).fidelity("singlet")
    assert np.log(late[0] / late[1]) / 200.0 == pytest.approx(float(machine.liouvillian_gap()), rel=1e-4)


# ---- laws ---------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    g=st.floats(1e-3, 0.5),
    gamma=st.floats(1e-3, 0.5),
    U=st.floats(0.0, 20.0),
    mu=st.floats(-2.0, 20.0),
    time=st.floats(0.0, 200.0),
    more=st.floats(0.0, 200.0),
)
def test_states_stay_states_and_times_add(seed, g, gamma, U, mu, time, more):
    machine = ThreeQubitMachine(g13=g, g23=0.1, gamma_1=gamma, gamma_3=0.1, T_1=1.0, T_3=0.7, U=U, mu=mu)
    start = random_state(np.random.default_rng(seed), 8)
    path = machine.evolve(start, sorted({0.0, time, time + more}))
    assert np.abs(np.trace(path.rho, axis1=-2, axis2=-1) - 1).max() < 1e-12
    assert np.linalg.eigvalsh(path.rho).min() > -1e-12
    middle = machine.evolve(start, [time]).rho[0]
    assert np.abs(machine.evolve((middle + middle.conj().T) / 2, [more]).rho[0] - path.rho[-1]).max() < 1e-11
