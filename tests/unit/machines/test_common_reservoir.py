"""The common-reservoir engine against QuTiP, 50-digit arithmetic, and the laws it must obey."""

from __future__ import annotations

import itertools

import mpmath as mp
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import NonUniqueSteadyState, ParameterError
from qte.machines import CommonReservoirEngine
from qte.papers.man2019.checks import dense
from qte.physics.baths import Bath
from qte.physics.entanglement import concurrence
from qte.physics.generators import Generator, Term, eigenbasis, energy_terms, global_channels
from qte.physics.operators import excitation, flip_flop, lowering
from qte.solver.blocks import from_unknowns, superoperator, to_unknowns
from qte.solver.thermodynamics import dephasing_power
from tests.reference import DIGITS, mp_dissipate, mp_ladder, mp_steady, mp_trace

WARM = {"eps_A": 20.0, "eps_B": 20.0, "Omega": 10.0, "T_A": 5.0, "T_B": 5.0, "T_C": 1.0}
RATES = ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")


def draw(rng: np.random.Generator) -> dict[str, float]:
    """A random engine, detuned to either side, coupled with either sign, often with a rate missing."""
    eps_a, eps_b = rng.uniform(5.0, 25.0, 2)
    if rng.random() < 0.2:
        eps_b = eps_a
    p = {
        "eps_A": eps_a,
        "eps_B": eps_b,
        "Omega": rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.95) * np.sqrt(eps_a * eps_b),
        # both sides solve in double precision here, so keep occupations above e^-20
        **{f"T_{k}": rng.uniform(2.0, 20.0) for k in "ABC"},
        **{k: rng.uniform(0.05, 2.0) for k in RATES},
        "dephasing": 0.0,
    }
    if rng.random() < 0.3:
        p[str(rng.choice(RATES))] = 0.0
    if rng.random() < 0.2:
        p["T_C"] = 0.0
    if rng.random() < 0.4:
        p["dephasing"] = rng.uniform(0.0, 1.0)
    return p


# ---- eqs. (5)-(14), (18), (21) once more, with QuTiP's operators in the computational basis -----


def paper_liouvillian(p: dict[str, float]) -> tuple[qutip.Qobj, dict[str, qutip.Qobj]]:
    """H and the dissipators of the three reservoirs, term by term as printed."""
    one, zero = qutip.basis(2, 0), qutip.basis(2, 1)
    eta = {w: qutip.tensor(*[one if q == "1" else zero for q in w]) for w in ("11", "10", "01", "00")}
    raise_a = qutip.tensor(one * zero.dag(), qutip.qeye(2))
    raise_b = qutip.tensor(qutip.qeye(2), one * zero.dag())
    h = p["eps_A"] * raise_a * raise_a.dag() + p["eps_B"] * raise_b * raise_b.dag()
    h += p["Omega"] * (raise_a * raise_b.dag() + raise_a.dag() * raise_b)
    detuning, mean = p["eps_A"] - p["eps_B"], (p["eps_A"] + p["eps_B"]) / 2
    theta = np.arctan2(2 * p["Omega"], detuning)
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    l1, l4 = eta["11"], eta["00"]
    l2, l3 = c * eta["10"] + s * eta["01"], -s * eta["10"] + c * eta["01"]
    half_gap = np.sqrt(detuning**2 / 4 + p["Omega"] ** 2)
    omega = {1: mean - half_gap, 2: mean + half_gap}
    v = {
        ("A", 1): s * (l2 * l1.dag() - l4 * l3.dag()),
        ("A", 2): c * (l3 * l1.dag() + l4 * l2.dag()),
        ("B", 1): c * (l2 * l1.dag() + l4 * l3.dag()),
        ("B", 2): s * (-l3 * l1.dag() + l4 * l2.dag()),
    }

    def part(rate: float, temperature: float, x: str, y: str) -> qutip.Qobj:
        total = 0 * qutip.liouvillian(h)
        for j in (1, 2):
            n = 1 / np.expm1(omega[j] / temperature) if temperature else 0.0
            left, right = v[x, j], v[y, j]
            for weight, a, b in ((n + 1, left, right), (n, left.dag(), right.dag())):
                jump = 2 * qutip.sprepost(a, b.dag())
                total += rate * weight * (jump - qutip.spre(b.dag() * a) - qutip.spost(b.dag() * a))
        return total

    mixed = np.sqrt(p["Gamma_CA"] * p["Gamma_CB"])
    return h, {
        "A": part(p["Gamma_A"], p["T_A"], "A", "A"),
        "B": part(p["Gamma_B"], p["T_B"], "B", "B"),
        "C": part(p["Gamma_CA"], p["T_C"], "A", "A")
        + part(p["Gamma_CB"], p["T_C"], "B", "B")
        + part(mixed, p["T_C"], "A", "B")
        + part(mixed, p["T_C"], "B", "A"),
    }


def paper_dephasing(rate: float) -> qutip.Qobj:
    total = -2 * qutip.sprepost(qutip.qeye([2, 2]), qutip.qeye([2, 2]))
    for sz in (qutip.tensor(qutip.sigmaz(), qutip.qeye(2)), qutip.tensor(qutip.qeye(2), qutip.sigmaz())):
        total += qutip.sprepost(sz, sz.dag())
    return rate * total


@pytest.mark.parametrize("draws", [30, pytest.param(150, marks=pytest.mark.slow)])
def test_agrees_with_qutip_on_random_draws(draws):
    rng = np.random.default_rng(20190704)
    for _ in range(draws):
        p = draw(rng)
        engine = CommonReservoirEngine(**p)
        h, parts = paper_liouvillian(p)
        whole = qutip.liouvillian(h) + sum(parts.values()) + paper_dephasing(p["dephasing"])
        rho = qutip.steadystate(whole, method="direct")
        assert np.abs(engine.steady_state().rho - rho.full()).max() < 1e-10, p
        assert abs(engine.concurrence() - qutip.concurrence(rho)) < 1e-7, p
        # QuTiP takes square roots of eigenvalues that vanish; of its state the closed form keeps all digits
        assert abs(engine.concurrence() - concurrence(_x_part(rho.full()))) < 1e-10, p
        for label, part in parts.items():
            heat = (h * qutip.vector_to_operator(part * qutip.operator_to_vector(rho))).tr().real
            assert abs(engine.heat_current(label) - heat) < 1e-10 * max(1.0, abs(heat)), (label, p)


def _x_part(rho: np.ndarray) -> np.ndarray:
    form = np.eye(4, dtype=bool) | np.fliplr(np.eye(4, dtype=bool))
    assert np.abs(rho[~form]).max() < 1e-12
    return np.where(form, rho, 0.0)


def test_agrees_with_projections_on_the_eigenbasis():
    """Eq. (7) against the library's own secular construction, both signs of the detuning and of Omega."""
    rng = np.random.default_rng(7)
    for sign_d, sign_o in itertools.product((-1.0, 0.0, 1.0), (-1.0, 1.0)):
        half = sign_d * rng.uniform(0.1, 5.0, 8)
        omega = sign_o * rng.uniform(0.1, 6.0, 8)
        p = {"eps_A": 10 + half, "eps_B": 10 - half, "Omega": omega, "T_A": 3.0, "T_B": 5.0, "T_C": 2.0}
        p |= {"Gamma_A": 0.3, "Gamma_B": 1.2, "Gamma_CA": 0.7, "Gamma_CB": 1.9, "dephasing": 0.2}
        machine = CommonReservoirEngine(**p)
        mine = _at_computational(machine.generator)
        assert np.abs(mine - _at_computational(_projected(p))).max() < 1e-12


def _projected(p: dict) -> Generator:
    h = (
        Term.of(p["eps_A"], excitation(0, 2)),
        Term.of(p["eps_B"], excitation(1, 2)),
        Term.of(p["Omega"], flip_flop(0, 1, 2)),
    )
    shape = np.shape(p["Omega"])
    basis = eigenbasis(h, shape, 4)
    couplings = {
        "A": (2 * p["Gamma_A"], p["T_A"], (Term.of(1.0, lowering(0, 2)),)),
        "B": (2 * p["Gamma_B"], p["T_B"], (Term.of(1.0, lowering(1, 2)),)),
        "C": (
            2.0,
            p["T_C"],
            (
                Term.of(np.sqrt(p["Gamma_CA"]), lowering(0, 2)),
                Term.of(np.sqrt(p["Gamma_CB"]), lowering(1, 2)),
            ),
        ),
    }
    channels: tuple = ()
    for label, (rate, temperature, coupling) in couplings.items():
        channels += global_channels(label, Bath(temperature, rate), coupling, basis, shape)
    return Generator(energy_terms(basis), channels, basis.vectors)


def _at_computational(generator: Generator) -> np.ndarray:
    """What the reservoirs and H do to a few states, without the dephasing."""
    rng = np.random.default_rng(1)
    out = []
    for _ in range(4):
        x = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        rho = np.broadcast_to(x @ x.conj().T, (*generator.shape, 4, 4))
        channels = tuple(c for c in generator.channels if c.reservoir is not None)
        out.append(generator.to_computational(_apply(generator, channels, generator.to_frame(rho))))
    return np.array(out)


def _apply(generator: Generator, channels: tuple, rho: np.ndarray) -> np.ndarray:
    flat = to_unknowns(rho).reshape(16, -1)
    change = superoperator(generator, channels).apply(flat)
    return from_unknowns(change.reshape(16, *generator.shape), 4)


def test_plain_arctangent_would_take_the_wrong_branch():
    """tan(theta) = 2 Omega/delta_eps alone does not fix theta: below resonance it must exceed pi/2."""
    machine = CommonReservoirEngine(**WARM | {"eps_A": 19.0, "eps_B": 21.0})
    theta = np.arctan2(machine.mixing.sine, machine.mixing.cosine)
    assert theta > np.pi / 2
    assert np.isclose(np.tan(theta), 2 * machine.Omega / machine.delta_eps)
    wrong = np.arctan(2 * 10 / -2.0)
    assert not np.isclose(np.cos(wrong / 2), machine.mixing.c)


# ---- the dark state ----------------------------------------------------------------------------


def mp_engine(p: dict[str, float]) -> dict:
    """State and heat currents with 50 digits, from eq. (7) without any rearrangement."""
    with mp.workdps(DIGITS):
        v = {k: mp.mpf(x) for k, x in p.items()}
        half, mean = (v["eps_A"] - v["eps_B"]) / 2, (v["eps_A"] + v["eps_B"]) / 2
        gap = mp.sqrt(half**2 + v["Omega"] ** 2)
        theta = mp.atan2(v["Omega"], half)
        c, s = mp.cos(theta / 2), mp.sin(theta / 2)
        lam = [mp.matrix([1, 0, 0, 0]), mp.matrix([0, c, s, 0])]
        lam += [mp.matrix([0, -s, c, 0]), mp.matrix([0, 0, 0, 1])]
        a, b = mp_ladder(0, 2), mp_ladder(1, 2)
        h = v["eps_A"] * a.T * a + v["eps_B"] * b.T * b + v["Omega"] * (a.T * b + b.T * a)
        couplings = {
            "A": mp.sqrt(v["Gamma_A"]) * a,
            "B": mp.sqrt(v["Gamma_B"]) * b,
            "C": mp.sqrt(v["Gamma_CA"]) * a + mp.sqrt(v["Gamma_CB"]) * b,
        }
        pairs = {mean - gap: ((1, 0), (3, 2)), mean + gap: ((2, 0), (3, 1))}
        parts: dict = {}
        for label, x in couplings.items():
            parts[label] = []
            for omega, places in pairs.items():
                n = 1 / mp.expm1(omega / v[f"T_{label}"]) if p[f"T_{label}"] else mp.mpf(0)
                jump = mp.zeros(4)
                for i, j in places:
                    jump += (lam[i].T * x * lam[j])[0] * lam[i] * lam[j].T
                parts[label] += [(2 * (n + 1), jump), (2 * n, jump.T)]
        rho = mp_steady(h, [c for k in parts for c in parts[k]])
        traffic = {k: sum(r * mp_trace(v.T * v * rho) for r, v in parts[k]) * (mean + gap) for k in parts}
        heat = {k: mp_trace(h * mp_dissipate(parts[k], rho)) for k in parts}
        return {"rho": rho, "heat": heat, "traffic": traffic}


CASES = [
    WARM,
    WARM | {"T_A": 0.4, "T_B": 0.3, "T_C": 0.2},
    WARM | {"Omega": -10.0, "T_C": 0.0},
    # nearly dark, hardly coupled to anything else
    WARM | {"eps_B": 20.0 - 1e-7, "Gamma_A": 1e-12, "Gamma_B": 3e-13},
    WARM | {"eps_B": 20.0 + 1e-9, "Gamma_A": 0.0, "Gamma_B": 1e-20},
    WARM | {"eps_A": 20.0 + 1e-6, "Gamma_A": 1e-14, "Gamma_B": 1e-14, "Omega": -3.0},
    # unequal rates put the dark state at a detuning of its own: tan(theta/2) = sqrt(Gamma_CB/Gamma_CA)
    WARM | {"eps_A": 21.5 + 1e-9, "eps_B": 18.5, "Omega": 2.0, "Gamma_CA": 4.0, "Gamma_A": 1e-12},
    WARM | {"eps_A": 20.0, "eps_B": 5.0, "Omega": 1e-6, "T_B": 3.0},
    WARM | {"eps_A": 5.0, "eps_B": 20.0, "Omega": -1e-6, "T_B": 3.0},
]


@pytest.mark.parametrize("p", CASES, ids=range(len(CASES)))
def test_every_population_has_its_own_digits(p):
    p = dict.fromkeys(RATES, 1.0) | p
    exact, engine = mp_engine(p), CommonReservoirEngine(**p)
    rho = engine.steady_state().rho
    with mp.workdps(DIGITS):
        for i in range(4):
            assert abs(mp.mpf(rho[i, i].real) / mp.re(exact["rho"][i, i]) - 1) < 2e-12
        # a current is the difference of what its reservoir gives and takes, and has their round-off
        for label, heat in exact["heat"].items():
            slip = abs(mp.mpf(float(engine.heat_current(label))) - heat)
            assert slip <= 1e-12 * exact["traffic"][label]


def test_dark_state_leaves_two_steady_states():
    lonely = WARM | {"Gamma_A": 0.0, "Gamma_B": 0.0}
    for p in (lonely, lonely | {"T_C": 0.0}, lonely | {"Omega": -10.0}):
        with pytest.raises(NonUniqueSteadyState) as caught:
            CommonReservoirEngine(**p).concurrence()
        assert caught.value.kernel_dimension == 2
    # rates 4 and 1 make lambda_3 dark for emission at this detuning, which floats can say exactly;
    # only a warm bath can then still lift it to lambda_1
    detuned = lonely | {"eps_A": 21.5, "eps_B": 18.5, "Omega": 2.0, "Gamma_CA": 4.0}
    with pytest.raises(NonUniqueSteadyState):
        CommonReservoirEngine(**detuned | {"T_C": 0.0}).concurrence()
    warm = CommonReservoirEngine(**detuned | {"T_C": 3.0})
    assert np.abs(warm.steady_state().rho - gibbs(warm, 3.0)).max() < 1e-13


def test_all_rates_zero_leaves_four_steady_states():
    with pytest.raises(NonUniqueSteadyState) as caught:
        CommonReservoirEngine(**WARM | dict.fromkeys(RATES, 0.0)).concurrence()
    assert caught.value.kernel_dimension == 4


def test_grid_names_the_points_without_unique_state():
    with pytest.raises(NonUniqueSteadyState) as caught:
        CommonReservoirEngine(**WARM | {"Gamma_A": [0.0, 1.0, 0.0], "Gamma_B": 0.0}).concurrence()
    assert caught.value.indices == ((0,), (2,))


def test_initial_state_chooses_the_share_of_the_dark_state():
    machine = CommonReservoirEngine(**WARM | {"Gamma_A": 0.0, "Gamma_B": 0.0})
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    for weight in (0.0, 0.3, 1.0):
        rho0 = weight * np.outer(singlet, singlet) + (1 - weight) * np.diag([0, 0, 0, 1.0])
        state = machine.steady_state(rho0=rho0)
        assert abs(singlet @ state.rho @ singlet - weight) < 1e-12
        assert not state.unique
    # the rest is thermal at T_C among the three states that couple
    energies = np.array([40.0, 30.0, 0.0])
    thermal = np.exp(-energies / 1.0) / np.exp(-energies / 1.0).sum()
    rho = machine.steady_state(rho0=np.diag([0, 0, 0, 1.0])).rho
    assert np.allclose([rho[0, 0].real, 2 * rho[1, 1].real, rho[3, 3].real], thermal, rtol=1e-6, atol=1e-15)


def test_dephasing_or_detuning_lifts_the_degeneracy():
    lonely = WARM | {"Gamma_A": 0.0, "Gamma_B": 0.0}
    assert CommonReservoirEngine(**lonely | {"dephasing": 1e-3}).steady_state().unique
    detuned = CommonReservoirEngine(**lonely | {"eps_B": 20 + 1e-9})
    assert np.abs(detuned.steady_state().rho - gibbs(detuned, 1.0)).max() < 1e-12


# ---- laws --------------------------------------------------------------------------------------


def gibbs(machine: CommonReservoirEngine, temperature: float) -> np.ndarray:
    h = np.diag([machine.eps_A + machine.eps_B, machine.eps_A, machine.eps_B, 0.0])
    h[1, 2] = h[2, 1] = machine.Omega
    values, vectors = np.linalg.eigh(h)
    weights = np.exp(-(values - values[0]) / temperature)
    return vectors @ np.diag(weights / weights.sum()) @ vectors.T


@st.composite
def engines(draw_, dephasing=False):
    eps_a, eps_b = draw_(st.floats(1.0, 30.0)), draw_(st.floats(1.0, 30.0))
    share = draw_(st.floats(0.01, 0.97)) * draw_(st.sampled_from([-1, 1]))
    return CommonReservoirEngine(
        eps_A=eps_a,
        eps_B=eps_b,
        Omega=share * np.sqrt(eps_a * eps_b),
        **{f"T_{k}": draw_(st.one_of(st.just(0.0), st.floats(0.05, 40.0))) for k in "ABC"},
        **{k: draw_(st.floats(1e-3, 3.0)) for k in RATES},
        dephasing=draw_(st.floats(1e-4, 2.0)) if dephasing else 0.0,
    )


@given(st.one_of(engines(), engines(dephasing=True)))
@settings(max_examples=150, deadline=None)
def test_state_is_a_state_and_energy_is_conserved(engine):
    state = engine.steady_state()
    assert abs(np.trace(state.rho) - 1) < 1e-14
    assert np.array_equal(state.rho, state.rho.conj().T)
    assert state.min_eigenvalue > -1e-15
    assert state.unique
    assert state.residual < 1e-12
    flows = [engine.heat_current(k) for k in "ABC"]
    flows.append(dephasing_power(engine.generator, state.unknowns))
    # the round-off of a current is that of what its reservoir gives and takes
    hottest = float(max(engine.T_A, engine.T_B, engine.T_C))
    traffic = 12 * float(engine.omega_2) * (1 + hottest / float(engine.omega_1))
    assert abs(sum(flows)) < 1e-13 * traffic
    assert engine.entropy_production() > -1e-10


@given(engines(), st.floats(0.3, 40.0))
@settings(max_examples=60, deadline=None)
def test_equal_temperatures_give_the_gibbs_state(engine, temperature):
    same = engine.replace(T_A=temperature, T_B=temperature, T_C=temperature)
    assert np.abs(same.steady_state().rho - gibbs(same, temperature)).max() < 1e-12
    scale = float(same.omega_2) * 2 * 9 * (1 + temperature / float(same.omega_1))
    assert max(abs(same.heat_current(k)) for k in "ABC") < 1e-13 * scale


@given(engines())
@settings(max_examples=60, deadline=None)
def test_every_reservoir_obeys_detailed_balance(engine):
    warm = engine.replace(**{f"T_{k}": max(0.5, float(getattr(engine, f"T_{k}"))) for k in "ABC"})
    for label, temperature in warm.temperatures().items():
        down = [c for c in warm.generator.channels_of(label) if c.quanta == -1]
        up = [c for c in warm.generator.channels_of(label) if c.quanta == +1]
        for emission, absorption, omega in zip(down, up, (warm.omega_1, warm.omega_2), strict=True):
            assert np.isclose(absorption.rate / emission.rate, np.exp(-omega / temperature), rtol=1e-12)


def test_grid_equals_its_points():
    rng = np.random.default_rng(3)
    points = [draw(rng) for _ in range(30)]
    grid = CommonReservoirEngine(**{k: [p[k] for p in points] for k in points[0]})
    one_by_one = [CommonReservoirEngine(**p) for p in points]
    assert np.allclose(
        grid.steady_state().rho, [m.steady_state().rho for m in one_by_one], rtol=0, atol=1e-14
    )
    assert np.allclose(grid.net_current(), [m.net_current() for m in one_by_one], rtol=1e-11, atol=1e-13)


def test_degenerate_frequencies_count_as_one():
    """Without coupling and detuning the two frequencies agree: dissipation is local, or collective."""
    p = {"eps_A": 2.0, "eps_B": 2.0, "Omega": 0.0, "T_A": 1.0, "T_B": 3.0, "T_C": 0.5}
    alone = CommonReservoirEngine(**p, Gamma_CA=0.0, Gamma_CB=0.0)
    excited = 1 / (np.exp(2.0 / np.array([1.0, 3.0])) + 1)
    rho = alone.steady_state().rho
    assert np.allclose([rho[0, 0] + rho[1, 1], rho[0, 0] + rho[2, 2]], excited, rtol=1e-13)
    lower = {k: qutip.tensor(*[qutip.sigmam() if k == q else qutip.qeye(2) for q in "AB"]) for k in "AB"}
    couplings = {"A": lower["A"], "B": lower["B"], "C": lower["A"] + lower["B"]}
    total = qutip.liouvillian(sum(2.0 * x.dag() * x for x in lower.values()))
    for k, x in couplings.items():
        n = 1 / np.expm1(2.0 / p[f"T_{k}"])
        total += 2 * (n + 1) * qutip.lindblad_dissipator(x) + 2 * n * qutip.lindblad_dissipator(x.dag())
    peer = qutip.steadystate(total, method="direct").full()
    for mixed in (p, p | {"Omega": [0.0, 1.0]}):
        rho = CommonReservoirEngine(**mixed).steady_state().rho
        assert np.abs(rho.reshape(-1, 4, 4)[0] - peer).max() < 1e-12


# ---- interface ---------------------------------------------------------------------------------


def test_without_common_bath():
    machine = CommonReservoirEngine(**WARM).without_common()
    assert machine.heat_current("C") == 0.0
    assert machine.net_current() == 0.0
    assert np.abs(machine.steady_state().rho - gibbs(machine, 5.0)).max() < 1e-14
    assert np.isfinite(machine.entropy_production())


def test_net_current_is_the_common_heat_current_and_scalars_are_scalars():
    machine = CommonReservoirEngine(**WARM)
    assert float(machine.net_current()) == float(machine.heat_current("C"))
    assert float(machine.concurrence()) > 0
    assert machine.fidelity("singlet") > 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Omega": 20.0}, "`Omega` must be smaller than sqrt"),
        ({"eps_A": 25.0, "eps_B": 15.0, "Omega": -19.4}, "`Omega` must be smaller than sqrt"),
        ({"Omega": [1.0, 30.0]}, "but got 30.0 at index"),
        ({"T_C": -0.1}, "`T_C` must"),
        ({"T_A": np.nan}, "`T_A` must"),
        ({"Gamma_CA": -1.0}, "`Gamma_CA` must"),
        ({"dephasing": -1e-3}, "`dephasing` must"),
        ({"eps_B": 0.0}, "`eps_B` must"),
        ({"eps_A": np.inf}, "`eps_A` must"),
        ({"T_A": [1.0, 2.0], "T_B": [1.0, 2.0, 3.0]}, "broadcast"),
    ],
)
def test_bad_parameters_are_named(changes, words):
    with pytest.raises(ParameterError, match=words.replace("(", r"\(")):
        CommonReservoirEngine(**WARM | changes)


def test_unknown_reservoir_is_named():
    with pytest.raises(ParameterError, match="be one of 'A', 'B', 'C'"):
        CommonReservoirEngine(**WARM).heat_current("D")


def test_evolution_ends_in_the_steady_state_and_in_qutips():
    p = dict.fromkeys(RATES, 0.3) | {"eps_A": 12.0, "eps_B": 9.0, "Omega": 4.0, "T_A": 5.0, "T_B": 3.0}
    p |= {"T_C": 1.0, "dephasing": 0.1}
    machine = CommonReservoirEngine(**p)
    rho0 = np.diag([0.0, 1.0, 0.0, 0.0])
    times = np.array([0.0, 0.3, 1.1, 400.0])
    path = machine.evolve(rho0, times)
    h, parts = paper_liouvillian(p)
    whole = (qutip.liouvillian(h) + sum(parts.values()) + paper_dephasing(0.1)).full()
    for time, rho in zip(times, path.rho, strict=True):
        peer = qutip.Qobj(whole * time).expm().full() @ rho0.T.ravel().astype(complex)
        assert np.abs(rho - peer.reshape(4, 4).T).max() < 1e-11
    assert np.abs(path.rho[-1] - machine.steady_state().rho).max() < 1e-12
    assert np.abs(path.concurrence()[-1] - machine.concurrence()) < 1e-12
    values = np.linalg.eigvals(whole).real
    assert np.isclose(machine.liouvillian_gap(), -np.sort(values)[-2], rtol=1e-9)


def _detuned(**rest):
    return CommonReservoirEngine(
        eps_A=[23.0, 17.0], eps_B=20.0, Omega=[7.0, -7.0], T_A=3.0, T_B=8.0, T_C=5.0, Gamma_CB=0.5, **rest
    )


def test_redfield_is_the_dense_equation_of_all_pairs_of_frequencies():
    machine = _detuned(approach="redfield")
    names = ("eps_A", "eps_B", "Omega", "T_A", "T_B", "T_C", "Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")
    point = {name: np.broadcast_to(getattr(machine, name), (2,)) for name in names}
    again = dense.again(point, secular=False)
    np.testing.assert_allclose(machine.steady_state().rho, again.rho, atol=1e-14)
    np.testing.assert_allclose(machine.net_current(), again.Q["C"], rtol=1e-11)


def test_redfield_becomes_secular_as_the_rates_vanish():
    apart = []
    for rate in (1e-2, 1e-3):
        rates = {"Gamma_A": rate, "Gamma_B": rate, "Gamma_CA": rate, "Gamma_CB": rate / 2}
        rho = [_detuned(approach=a).replace(**rates).steady_state().rho for a in ("global", "redfield")]
        apart.append(np.abs(rho[0] - rho[1]).max())
    assert apart[0] > 1e-6
    # the coherence that the secular form leaves out is of first order in the rates
    assert 8 < apart[0] / apart[1] < 12


def test_an_unknown_approach_is_refused_by_name():
    with pytest.raises(ParameterError, match="approach"):
        _detuned(approach="local")
