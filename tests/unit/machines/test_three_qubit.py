"""The three-qubit machine against QuTiP, its own finite-U values, and what must be refused."""

from __future__ import annotations

import itertools

import mpmath as mp
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import NonUniqueSteadyState, ParameterError
from qte.machines import ThreeQubitMachine
from tests.coulomb_reference import three_qubits
from tests.reference import DIGITS, mp_dissipate, mp_ladder, mp_steady, mp_trace

INF = np.inf
PAPER = {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return {
        "eps": rng.uniform(0.3, 2.0),
        "g13": rng.uniform(-0.3, 0.3),
        "g23": rng.uniform(0.01, 0.3),
        "gamma_1": 10 ** rng.uniform(-2, 0),
        "gamma_3": 10 ** rng.uniform(-2, 0),
        "T_1": rng.uniform(0.3, 3.0),
        "T_3": rng.uniform(0.3, 3.0),
        "U": rng.uniform(0.0, 8.0),
        "mu": rng.uniform(-2.0, 8.0),
        "mu_3": rng.uniform(-1.0, 1.0),
        "dephasing": rng.choice([0.0, 10 ** rng.uniform(-3, -1)]),
    }


@pytest.mark.parametrize("draws", [30, pytest.param(120, marks=pytest.mark.slow)])
def test_agrees_with_qutip_on_random_draws(draws):
    rng = np.random.default_rng(20250219)
    for _ in range(draws):
        p = draw(rng)
        machine, peer = ThreeQubitMachine(**p), three_qubits(p)
        rho = peer.steady()
        assert np.abs(machine.steady_state().rho - rho.full()).max() < 1e-10, p
        assert abs(machine.heat_current(1) - peer.heat(0, rho)) < 1e-10, p
        assert abs(machine.heat_current(3) - peer.heat(2, rho)) < 1e-10, p
        pair = rho.ptrace([0, 1]).full()
        printed = 2 * max(0.0, abs(pair[1, 2]) - np.sqrt(pair[0, 0].real * pair[3, 3].real))
        assert abs(machine.concurrence() - printed) < 1e-10, p
        # Wootters' formula takes square roots of eigenvalues that are zero to 1e-16
        assert abs(machine.concurrence() - qutip.concurrence(rho.ptrace([0, 1]))) < 1e-7, p


def test_a_grid_is_its_points():
    mu, U = np.array([2.0, 8.0, INF]), np.array([[15.0], [INF]])
    fine = np.isfinite(np.broadcast_to(mu, (2, 3))) | np.isinf(np.broadcast_to(U, (2, 3)))
    with pytest.raises(ParameterError):
        ThreeQubitMachine(**PAPER, U=U, mu=mu)
    mu = np.where(fine, mu, 5.0)
    grid = ThreeQubitMachine(**PAPER, U=U, mu=mu)
    assert grid.shape == (2, 3)
    for index in np.ndindex(2, 3):
        point = ThreeQubitMachine(**PAPER, U=U[index[0], 0], mu=mu[index])
        assert np.abs(grid.steady_state().rho[index] - point.steady_state().rho).max() < 1e-14
        assert float(grid.net_current()[index]) == pytest.approx(float(point.net_current()), abs=1e-15)


# ---- the ideal limit ---------------------------------------------------------------------------


def ideal(**changes: float) -> ThreeQubitMachine:
    return ThreeQubitMachine(**(PAPER | {"U": INF, "mu": INF} | changes))


def test_ideal_limit_is_dark_and_maximally_entangled():
    machine = ideal()
    assert float(machine.concurrence()) == pytest.approx(1.0, abs=1e-15)
    assert float(machine.negativity()) == pytest.approx(0.5, abs=1e-15)
    assert float(machine.fidelity("singlet")) == pytest.approx(1.0, abs=1e-15)
    assert abs(float(machine.net_current())) < 1e-17
    state = machine.steady_state()
    assert state.unique
    assert np.all(np.diagonal(state.rho)[:4][[0, 1, 2]] == 0)


@pytest.mark.parametrize(("U", "mu"), [(1e3, 1e2), (1e5, 1e3), (300.0, 60.0)])
@pytest.mark.parametrize("changes", [{}, {"g13": 0.02}, {"dephasing": 0.003}, {"mu_3": 0.7, "T_3": 0.4}])
def test_ideal_limit_equals_large_finite_values(U, mu, changes):
    far = ThreeQubitMachine(**(PAPER | changes), U=U, mu=mu)
    limit = ideal(**changes)
    assert np.abs(far.steady_state().rho - limit.steady_state().rho).max() < 1e-13
    for reservoir in (1, 3):
        assert float(far.heat_current(reservoir)) == pytest.approx(
            float(limit.heat_current(reservoir)), abs=1e-13
        )


def test_the_way_to_the_limit_is_exponential():
    """Both edges, mu and U - mu, count in units of T: the distance falls like exp(-mu/T)."""
    distance = [
        1 - float(ThreeQubitMachine(**PAPER, U=2 * mu, mu=mu).concurrence()) for mu in (8.0, 16.0, 24.0)
    ]
    assert distance[0] > distance[1] > distance[2] > 0
    assert np.log(distance[1] / distance[2]) == pytest.approx(8.0, abs=1e-4)


def test_evolution_in_the_limit_equals_large_finite_values():
    times = np.linspace(0.0, 400.0, 9)
    limit = ideal().evolve("000", times)
    far = ThreeQubitMachine(**PAPER, U=1e3, mu=1e2).evolve("000", times)
    assert np.abs(limit.rho - far.rho).max() < 1e-12
    assert np.abs(limit.net_current() - far.net_current()).max() < 1e-12
    coherent = (np.eye(8)[3] + np.eye(8)[5]) / np.sqrt(2)
    assert np.abs(ideal().evolve(coherent, times).rho - far.machine.evolve(coherent, times).rho).max() < 1e-12


def test_decay_rates_of_the_limit_are_those_of_large_finite_values():
    gamma = np.array([0.01, 0.05, 0.1])
    finite = ThreeQubitMachine(**(PAPER | {"gamma_1": gamma, "gamma_3": gamma}), U=300.0, mu=60.0)
    assert ideal(gamma_1=gamma, gamma_3=gamma).liouvillian_gap() == pytest.approx(
        finite.liouvillian_gap(), rel=1e-9
    )


def test_coulomb_blockade_at_finite_bias():
    blocked = ThreeQubitMachine(**PAPER, U=INF, mu=5.0)
    far = ThreeQubitMachine(**PAPER, U=500.0, mu=5.0)
    assert np.abs(blocked.steady_state().rho - far.steady_state().rho).max() < 1e-14
    assert float(blocked.net_current()) == pytest.approx(float(far.net_current()), rel=1e-10)
    assert float(blocked.entropy_production()) == pytest.approx(float(far.entropy_production()), rel=1e-10)


def test_no_population_may_start_above_the_blockade():
    with pytest.raises(ParameterError, match="rho0"):
        ideal().evolve("110", [0.0, 1.0])
    with pytest.raises(ParameterError, match="infinite"):
        ideal().evolve(np.eye(8) / 8, [1.0])
    assert ThreeQubitMachine(**PAPER, U=15.0, mu=8.0).evolve("111", [1.0]).rho.shape == (1, 8, 8)


# ---- relative accuracy ---------------------------------------------------------------------------


@pytest.mark.parametrize("T", [1.0, 0.1])
def test_tiny_populations_keep_their_digits(T):
    """Populations down to e^-150 against 150-digit arithmetic, relative to themselves."""
    machine = ThreeQubitMachine(**(PAPER | {"T_1": T, "T_3": T, "mu_3": -1.0}), U=5.0, mu=3.0)
    expected = mp_three_qubits(T=T, U=5, mu=3, mu_3=-1)
    got = machine.steady_state().rho
    for k in range(8):
        assert float(got[k, k].real) == pytest.approx(float(mp.re(expected["rho"][k, k])), rel=1e-11)
    assert float(machine.net_current()) == pytest.approx(float(expected["J"]), rel=1e-9)
    assert float(machine.concurrence()) == pytest.approx(float(expected["C"]), rel=1e-12)


def mp_three_qubits(*, T: float, U: float, mu: float, mu_3: float) -> dict:
    with mp.workdps(DIGITS):
        g, gamma = mp.mpf(0.05), mp.mpf(0.1)
        lower = [mp_ladder(k, 3) for k in range(3)]
        number = [a.T * a for a in lower]
        one = mp.eye(8)
        h = sum(number, mp.zeros(8))
        for i, j in ((0, 1), (0, 2), (1, 2)):
            h += mp.mpf(U) * number[i] * number[j]
        for j in (0, 1):
            h += g * (lower[j].T * lower[2] + lower[2].T * lower[j])
        parts: dict[int, list] = {0: [], 2: []}
        for site, potential in ((0, mu), (2, mu_3)):
            others = [k for k in range(3) if k != site]
            for p, q in itertools.product((0, 1), repeat=2):
                fixed = one
                for k, c in zip(others, (p, q), strict=True):
                    fixed = fixed * (number[k] if c else one - number[k])
                filled = 1 / (mp.exp((1 + mp.mpf(U) * (p + q) - mp.mpf(potential)) / mp.mpf(T)) + 1)
                up = lower[site].T * fixed
                parts[site] += [(gamma * filled, up), (gamma * (1 - filled), up.T)]
        rho = mp_steady(h, parts[0] + parts[2])
        heat = [mp_trace(h * mp_dissipate(parts[site], rho)) for site in (0, 2)]
        p11 = mp.re(rho[0, 0] + rho[1, 1])
        p00 = mp.re(rho[6, 6] + rho[7, 7])
        c = abs(rho[2, 4] + rho[3, 5])
        return {"rho": rho, "J": (heat[0] - heat[1]) / 2, "C": 2 * (c - mp.sqrt(p11 * p00))}


# ---- small differences of large numbers ---------------------------------------------------------


def test_a_common_energy_spoils_nothing():
    """Raising eps and mu together changes no rate: the state must stay, however large they are."""
    small = ThreeQubitMachine(**PAPER, eps=1.0, U=15.0, mu=8.0, mu_3=0.0)
    shift = 2.0**30
    large = ThreeQubitMachine(**PAPER, eps=1.0 + shift, U=15.0, mu=8.0 + shift, mu_3=shift)
    assert np.abs(small.steady_state().rho - large.steady_state().rho).max() < 1e-15


# ---- the laws -----------------------------------------------------------------------------------

rate = st.floats(1e-3, 1.0)
warm = st.floats(0.2, 5.0)


@settings(max_examples=60, deadline=None)
@given(
    eps=st.floats(0.2, 3.0),
    g13=rate,
    g23=rate,
    gamma_1=rate,
    gamma_3=rate,
    T_1=warm,
    T_3=warm,
    U=st.floats(0.0, 30.0),
    mu=st.floats(-5.0, 20.0),
    mu_3=st.floats(-3.0, 3.0),
)
def test_laws(**p):
    machine = ThreeQubitMachine(**p)
    state = machine.steady_state()
    assert state.unique
    assert state.residual < 1e-13
    assert abs(np.trace(state.rho) - 1) < 1e-13
    assert state.min_eigenvalue > -1e-13
    assert 0 <= machine.concurrence() <= 1
    flow = abs(machine.particle_current(1))
    assert abs(machine.particle_current(1) + machine.particle_current(3)) < 1e-13
    assert abs(machine.heat_current(1) + machine.heat_current(3)) < 1e-12 * (1 + p["U"])
    assert machine.entropy_production() > -1e-11 * (1 + p["U"] + flow)


def test_equilibrium_has_no_current():
    machine = ThreeQubitMachine(**PAPER, U=3.0, mu=0.4, mu_3=0.4)
    assert abs(float(machine.net_current())) < 1e-17
    assert float(machine.concurrence()) < 1e-3


def test_equal_reservoirs_give_the_grand_canonical_populations():
    """At g -> 0 the local equation thermalises every configuration by itself."""
    machine = ThreeQubitMachine(**(PAPER | {"g13": 1e-7, "g23": 1e-7}), U=3.0, mu=0.4, mu_3=0.4)
    words = [f"{k:03b}" for k in range(7, -1, -1)]
    energy = np.array(
        [w.count("1") * (1.0 - 0.4) + 3.0 * (w.count("1") * (w.count("1") - 1) / 2) for w in words]
    )
    weights = np.exp(-energy)
    assert np.diagonal(machine.steady_state().rho).real == pytest.approx(weights / weights.sum(), rel=1e-6)


# ---- what must be refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"mu": INF}, "mu"),
        ({"mu": -INF, "U": INF}, "mu"),
        ({"U": -1.0}, "U"),
        ({"U": np.nan}, "U"),
        ({"mu_3": INF, "U": INF}, "mu_3"),
        ({"T_1": -0.1}, "T_1"),
        ({"gamma_3": -1.0}, "gamma_3"),
        ({"gamma_1": np.nan}, "gamma_1"),
        ({"eps": 0.0}, "eps"),
        ({"g13": INF}, "g13"),
        ({"dephasing": -1e-3}, "dephasing"),
        ({"T_1": 0.0, "mu": 1.0}, "T_1"),
        ({"T_3": 0.0, "mu_3": 16.0}, "T_3"),
    ],
)
def test_unphysical_parameters_are_refused(changes, name):
    with pytest.raises(ParameterError) as error:
        ThreeQubitMachine(**(PAPER | {"U": 15.0, "mu": 8.0} | changes))
    assert error.value.name == name


def test_zero_temperature_is_a_limit():
    cold = ThreeQubitMachine(**(PAPER | {"T_1": 0.0, "T_3": 0.0}), U=15.0, mu=8.0)
    cool = ThreeQubitMachine(**(PAPER | {"T_1": 0.02, "T_3": 0.02}), U=15.0, mu=8.0)
    assert np.abs(cold.steady_state().rho - cool.steady_state().rho).max() < 1e-14
    assert float(cold.concurrence()) == pytest.approx(1.0, abs=1e-14)


def test_entropy_production_needs_a_finite_potential():
    with pytest.raises(ParameterError, match="mu"):
        ideal().entropy_production()


@pytest.mark.parametrize(
    ("changes", "dimension"),
    [
        # one particle enters and never leaves: three energies of its flip-flop, no coherence between them
        ({"gamma_3": 0.0}, 3),
        # the singlet beside what reservoir 3 alone thermalises
        ({"gamma_1": 0.0}, 2),
    ],
)
def test_the_limit_without_a_way_out_or_in_is_not_unique(changes, dimension):
    with pytest.raises(NonUniqueSteadyState) as error:
        ideal(**changes).steady_state()
    assert error.value.kernel_dimension == dimension


def test_an_initial_state_chooses_among_several():
    """The long-time average, here over 40 periods of the flip-flop frequency sqrt(2) g."""
    machine = ideal(gamma_3=0.0)
    start = np.zeros((8, 8))
    start[7, 7] = 1.0
    chosen = machine.steady_state(rho0=start)
    period = 2 * np.pi / (np.sqrt(2) * 0.05)
    late = machine.evolve("000", 1000.0 + np.linspace(0.0, 40 * period, 4001)[:-1])
    assert np.abs(chosen.rho - late.rho.mean(axis=0)).max() < 1e-11
    assert chosen.kernel_dimension == 3


# ---- response -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("U", "mu"), [(15.0, 8.0), (4.0, 0.3), (INF, 2.0), (INF, INF)])
def test_conductance_is_the_slope_of_the_current(U, mu):
    machine = ThreeQubitMachine(**PAPER, U=U, mu=mu, dephasing=0.01)
    step = 1e-4
    ahead, behind = (
        float(machine.replace(T_1=1 + s / 2, T_3=1 - s / 2).net_current()) for s in (step, -step)
    )
    assert float(machine.conductance()) == pytest.approx((ahead - behind) / (2 * step), rel=1e-6, abs=1e-12)


def test_contrast_needs_a_bias_of_temperatures_alone():
    p = PAPER | {"T_1": 1.5, "T_3": 0.5, "gamma_1": 0.02, "U": 4.0}
    contrast = float(ThreeQubitMachine(**p, mu=0.3, mu_3=0.3).contrast())
    forward = ThreeQubitMachine(**p, mu=0.3, mu_3=0.3).net_current()
    backward = ThreeQubitMachine(**(p | {"T_1": 0.5, "T_3": 1.5}), mu=0.3, mu_3=0.3).net_current()
    assert contrast == pytest.approx(float(abs((forward + backward) / (forward - backward))), rel=1e-12)
    assert 0 < contrast < 1
    with pytest.raises(ParameterError, match="contrast"):
        ThreeQubitMachine(**p, mu=0.4, mu_3=0.3).contrast()
