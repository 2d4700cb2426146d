"""The two-qubit engine against QuTiP, 50-digit arithmetic, and the laws it must obey."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import NonUniqueSteadyState, ParameterError
from qte.machines import TwoQubitEngine
from tests.reference import DIGITS, mp_two_qubit, qutip_two_qubit

WEAK = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}
STATISTICS = ("bose", "fermi")


def draw(rng: np.random.Generator, approach: str) -> dict:
    """A random engine; tunnelling only where the model has it."""
    statistics = [str(rng.choice(STATISTICS)) for _ in "hc"]
    eps_h = rng.uniform(0.5, 2.0)
    delta = rng.uniform(-0.4, 0.6) * eps_h
    strong = approach != "local"
    tunnels = approach == "local" or statistics == ["fermi", "fermi"]
    # the comparison solves in double precision on both sides, so keep occupations above e^-20
    return {
        "eps_h": eps_h,
        "delta": delta,
        "g": rng.uniform(0.05, 0.9) * np.sqrt(eps_h * (eps_h + delta))
        if strong
        else 10 ** rng.uniform(-3, -1),
        "gamma_h": 10 ** rng.uniform(-3, -1),
        "gamma_c": 10 ** rng.uniform(-3, -1),
        "T_h": rng.uniform(0.1, 3.0),
        "T_c": rng.uniform(0.1, 3.0),
        "kappa_h": rng.uniform(-0.2, 0.2) if tunnels else 0.0,
        "kappa_c": rng.uniform(-0.2, 0.2) if tunnels else 0.0,
        "statistics_h": statistics[0],
        "statistics_c": statistics[1],
        "approach": approach,
    }


@pytest.mark.parametrize("approach", ["local", "global", "redfield"])
@pytest.mark.parametrize("draws", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_agrees_with_qutip_on_random_draws(approach, draws):
    rng = np.random.default_rng(20200722)
    for _ in range(draws):
        p = draw(rng, approach)
        engine, peer = TwoQubitEngine(**p), qutip_two_qubit(p)
        assert np.abs(engine.steady_state().rho - peer["rho"]).max() < 1e-10, p
        assert abs(engine.net_current() - peer["J"]) < 1e-10, p
        assert abs(engine.heat_current("h") - peer["heat"]["h"]) < 1e-10, p
        assert abs(engine.negativity() - peer["N"]) < 1e-10, p


def mp_cases() -> list[dict]:
    """Hard and ordinary cases of the local engine: cold, nearly resonant, stiff, nearly at equilibrium."""
    base = {"eps_h": 1.0, "delta": 0.0, **WEAK}
    return [
        base,
        base | {"delta": 0.01, "T_h": 0.3},
        base | {"delta": 1e-12},
        base | {"T_h": 0.012, "T_c": 0.01},
        base | {"T_h": 0.3, "T_c": 0.01},
        base | {"T_h": 0.02, "T_c": 0.01, "delta": -0.2},
        base | {"statistics_h": "fermi", "T_h": 0.02, "T_c": 0.01},
        base | {"statistics_c": "fermi", "T_h": 50.0},
        base | {"statistics_h": "fermi", "statistics_c": "fermi", "T_c": 0.011, "T_h": 0.01},
    ]


def stiff_cases() -> list[dict]:
    """Currents far below the gross exchange of energy with each bath."""
    base = {"eps_h": 1.0, "delta": 0.0, **WEAK}
    return [
        base | {"gamma_h": 1e-12, "gamma_c": 1.0, "g": 1e-6},
        base | {"gamma_h": 1.0, "gamma_c": 1e-12},
        base | {"g": 1e-9},
        base | {"T_c": 0.7 - 1e-12},
    ]


@pytest.mark.parametrize("p", stiff_cases(), ids=lambda p: ",".join(f"{k}={v}" for k, v in p.items()))
def test_stiff_engines_keep_populations_and_lose_only_round_off_of_the_gross_exchange(p):
    exact, engine = mp_two_qubit(p), TwoQubitEngine(**p)
    rho = engine.steady_state().rho
    gross = p["eps_h"] * max(p["gamma_h"], p["gamma_c"])
    with mp.workdps(DIGITS):
        for i in range(4):
            assert abs(mp.mpf(rho[i, i].real) / mp.re(exact["rho"][i, i]) - 1) < 1e-12
        assert abs(mp.mpf(float(engine.net_current())) - exact["J"]) < 1e-14 * gross


@pytest.mark.parametrize("p", mp_cases(), ids=lambda p: ",".join(f"{k}={v}" for k, v in p.items()))
def test_every_population_has_its_own_digits(p):
    exact, engine = mp_two_qubit(p), TwoQubitEngine(**p)
    rho = engine.steady_state().rho
    with mp.workdps(DIGITS):
        for i in range(4):
            assert abs(mp.mpf(rho[i, i].real) / mp.re(exact["rho"][i, i]) - 1) < 1e-12
        coherence = mp.mpc(rho[1, 2].real, rho[1, 2].imag)
        assert abs(coherence / exact["rho"][1, 2] - 1) < 1e-12
        assert abs(mp.mpf(float(engine.net_current())) / exact["J"] - 1) < 1e-11
        assert abs(mp.mpf(float(engine.negativity())) - max(0, exact["n"])) <= 1e-12 * abs(exact["n"])


@st.composite
def engines(draw_):
    approach = draw_(st.sampled_from(["local", "global"]))
    eps_h = draw_(st.floats(0.3, 3.0))
    delta = draw_(st.floats(-0.5, 1.0)) * eps_h
    ceiling = np.sqrt(eps_h * (eps_h + delta))
    share = draw_(st.floats(1e-3, 0.1) if approach == "local" else st.floats(0.05, 0.95))
    positive = st.floats(1e-4, 0.1)
    return TwoQubitEngine(
        eps_h=eps_h,
        delta=delta,
        g=share * ceiling,
        gamma_h=draw_(positive),
        gamma_c=draw_(positive),
        T_h=draw_(st.floats(0.02, 5.0)),
        T_c=draw_(st.floats(0.02, 5.0)),
        statistics_h=draw_(st.sampled_from(STATISTICS)),
        statistics_c=draw_(st.sampled_from(STATISTICS)),
        approach=approach,
    )


def gross_exchange(engine: TwoQubitEngine) -> float:
    """Energy per time that the baths emit and absorb before anything cancels."""
    hottest = max(engine.T_h, engine.T_c)
    occupation = 1 / np.expm1(min(engine.eps_h, engine.eps_c) / hottest)
    return float((engine.gamma_h + engine.gamma_c) * (engine.eps_h + engine.eps_c) * (1 + occupation))


@given(engines())
@settings(max_examples=150, deadline=None)
def test_state_is_a_state_and_energy_is_conserved(engine):
    state = engine.steady_state()
    assert abs(np.trace(state.rho) - 1) < 1e-14
    assert np.array_equal(state.rho, state.rho.conj().T)
    assert state.min_eigenvalue > -1e-15
    assert state.unique
    assert state.residual < 1e-12
    assert abs(engine.heat_current("h") + engine.heat_current("c")) < 1e-14 * gross_exchange(engine)


@given(engines())
@settings(max_examples=100, deadline=None)
def test_global_engine_obeys_the_second_law(engine):
    # a local master equation may break it when detuned, so only the global one is held to it
    if engine.approach == "global":
        assert engine.entropy_production() > -1e-15


@given(engines())
@settings(max_examples=100, deadline=None)
def test_no_current_at_equilibrium(engine):
    g = 0.5 * engine.eps_h if engine.approach == "global" else engine.g
    same = engine.replace(T_c=engine.T_h, delta=0.0, g=g, statistics_c=engine.statistics_h)
    assert abs(same.net_current()) < 1e-14 * gross_exchange(same)


def test_global_engine_thermalises():
    engine = TwoQubitEngine(g=0.6, gamma_h=0.01, gamma_c=0.03, T_h=0.4, T_c=0.4, delta=0.2, approach="global")
    h = np.array([[2.2, 0, 0, 0], [0, 1.0, 0.6, 0], [0, 0.6, 1.2, 0], [0, 0, 0, 0]])
    values, vectors = np.linalg.eigh(h)
    weights = np.exp(-values / 0.4)
    gibbs = (vectors * weights / weights.sum()) @ vectors.T
    assert np.abs(engine.steady_state().rho - gibbs).max() < 1e-15


def test_energy_scale_is_the_only_unit():
    small = TwoQubitEngine(**WEAK, delta=0.013)
    scaled = {k: 7.0 * v for k, v in WEAK.items()}
    large = TwoQubitEngine(eps_h=7.0, **scaled, delta=7.0 * 0.013)
    assert np.allclose(large.steady_state().rho, small.steady_state().rho, rtol=1e-13, atol=0)
    assert large.net_current() == pytest.approx(49 * small.net_current(), rel=1e-13)


def test_scalars_broadcast_like_arrays():
    t_h, delta = np.array([0.3, 0.7])[:, None], np.array([0.0, 0.01, 0.02])
    engine = TwoQubitEngine(**WEAK | {"T_h": t_h}, delta=delta)
    assert engine.shape == (2, 3)
    assert engine.steady_state().rho.shape == (2, 3, 4, 4)
    one = TwoQubitEngine(**WEAK | {"T_h": 0.7}, delta=0.02)
    assert float(one.net_current()) == engine.net_current()[1, 2]
    assert float(one.negativity()) == engine.negativity()[1, 2]
    assert np.ndim(one.net_current()) == 0


def test_cold_bath_at_zero_is_the_limit():
    cold = TwoQubitEngine(**WEAK | {"T_c": 0.0})
    nearly = TwoQubitEngine(**WEAK | {"T_c": 1e-3})
    assert np.allclose(cold.steady_state().rho, nearly.steady_state().rho, rtol=0, atol=1e-16)
    ground = TwoQubitEngine(**WEAK | {"T_c": 0.0, "T_h": 0.0}).steady_state()
    assert ground.unique
    assert ground.rho[3, 3] == 1


def test_critical_current_marks_the_threshold():
    """J > J_c exactly where the numerical partial transpose is negative."""
    rng = np.random.default_rng(7)
    size = 4000
    engine = TwoQubitEngine(
        delta=rng.uniform(-0.05, 0.05, size), g=10 ** rng.uniform(-4, -1, size),
        gamma_h=10 ** rng.uniform(-4, -1, size), gamma_c=10 ** rng.uniform(-4, -1, size),
        T_h=rng.uniform(0.1, 2, size), T_c=rng.uniform(0.02, 0.2, size),
    )  # fmt: skip
    rho = engine.steady_state().rho
    moved = rho.copy()
    moved[:, 0, 3], moved[:, 3, 0] = rho[:, 2, 1], rho[:, 1, 2]
    moved[:, 1, 2] = moved[:, 2, 1] = 0
    lowest = np.linalg.eigvalsh(moved)[:, 0]
    clear = np.abs(lowest) > 1e-14
    above = engine.net_current() > engine.critical_current()
    assert 100 < (lowest[clear] < 0).sum() < size - 100
    # forward bias only: the bound is on the current from hot to cold
    forward = clear & (engine.net_current() > 0)
    assert np.array_equal(above[forward], lowest[forward] < 0)


def test_global_critical_current_marks_the_threshold():
    t_h = np.linspace(0.05, 3, 200)[:, None]
    engine = TwoQubitEngine(
        g=np.array([0.5, 0.7, 0.9]), gamma_h=0.01, gamma_c=0.05, T_h=t_h, T_c=0.01, approach="global"
    )
    above = engine.net_current() > engine.critical_current()
    assert np.array_equal(above, engine.negativity() > 0)
    assert above.any()
    assert not above.all()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"T_h": -0.1}, "T_h"),
        ({"T_c": np.nan}, "T_c"),
        ({"T_c": np.inf}, "T_c"),
        ({"gamma_c": -1e-3}, "gamma_c"),
        ({"g": np.nan}, "g"),
        ({"g": 1j}, "g"),
        ({"g": "1e-3"}, "g"),
        ({"eps_h": 0.0}, "eps_h"),
        ({"delta": -1.0}, "delta"),
        ({"approach": "locale"}, "approach"),
        ({"statistics_h": "boson"}, "statistics_h"),
        ({"approach": "global", "g": 1.0}, "g"),
        ({"approach": "redfield", "g": [0.5, 1.5]}, "g"),
        ({"approach": "global", "g": 0.5, "kappa_h": 0.1}, "kappa_h"),
        ({"g": [1, 2, 3], "T_h": [1, 2]}, "T_h"),
    ],
)
def test_bad_parameters_are_named(change, name):
    with pytest.raises(ParameterError) as caught:
        TwoQubitEngine(**{**WEAK, **change})
    assert caught.value.name == name
    assert f"`{name}`" in str(caught.value)


def test_nearest_name_is_offered():
    with pytest.raises(ParameterError, match="did you mean 'local'"):
        TwoQubitEngine(**WEAK, approach="locale")
    with pytest.raises(ParameterError, match="reservoir"):
        TwoQubitEngine(**WEAK).heat_current("hot")


def test_an_engine_without_baths_has_no_unique_state():
    engine = TwoQubitEngine(**WEAK | {"gamma_h": np.array([0.0, 1e-3]), "gamma_c": 0.0}, delta=0.01)
    with pytest.raises(NonUniqueSteadyState) as caught:
        engine.steady_state()
    assert caught.value.kernel_dimension == 4
    assert caught.value.indices == ((0,),)
    start = np.diag([0.0, 0.0, 0.0, 1.0])
    chosen = engine.steady_state(rho0=start)
    assert chosen.unique.tolist() == [False, True]
    assert np.allclose(chosen.rho[0], start, atol=1e-13)


def test_uncoupled_qubits_take_the_temperature_of_their_bath():
    engine = TwoQubitEngine(**WEAK | {"g": 0.0}, delta=0.1)
    p = [1 / (np.exp(e / t) + 1) for e, t in ((1.0, 0.7), (1.1, 0.1))]
    product = [p[0] * p[1], p[0] * (1 - p[1]), (1 - p[0]) * p[1], (1 - p[0]) * (1 - p[1])]
    assert np.allclose(np.diag(engine.steady_state().rho).real, product, rtol=1e-14)
    assert abs(engine.net_current()) < 1e-18
