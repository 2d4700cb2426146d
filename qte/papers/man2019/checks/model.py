"""What man2019 says of its model and of its validity (section II)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import find_root, maximise
from qte.ledger import second
from qte.ledger.checks import Comparison
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, fact, larger, never_below, vanishes
from qte.ledger.judged import Found, again, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.trials import (
    COLD,
    DETUNINGS,
    DRAWS,
    FIGURE_2,
    FIGURE_3,
    FIGURE_7,
    MIX,
    RATIO,
    WARM,
    Array,
    draws,
    figure_5,
    gibbs,
    in_gamma,
    machine,
    model,
    populations,
    scaled,
    signed,
    states,
)


@judge("theta-from-its-tangent")
def theta(rng: Generator) -> Found:
    p = draws(rng)
    low, high = (pick(p["eps_A"], p["eps_B"]) for pick in (np.minimum, np.maximum))
    above, below = p | {"eps_A": high, "eps_B": low}, p | {"eps_A": low, "eps_B": high}
    return found(
        _second_level("E₂ of |λ₂⟩, θ in the quadrant of (Δε, 2Ω), both signs of Δε", p, model(p).theta),
        _second_level("E₂ of |λ₂⟩ by the arc tangent, Δε > 0", above, model(above).theta_naive),
        breaks=(_second_level("E₂ of |λ₂⟩ by the arc tangent, Δε < 0", below, model(below).theta_naive),),
    )


@judge("two-frequencies")
def two_frequencies(rng: Generator) -> Found:
    p = draws(rng)
    levels, omega = np.linalg.eigvalsh(dense.hamiltonian(p)), model(p).omega
    size = p["eps_A"] + p["eps_B"]
    return found(
        *(
            equals(
                f"ω{j} against E_{4 - a} − E_{4 - b}", omega[j], levels[:, a] - levels[:, b], p, scale=size
            )
            for j, a, b in ((1, 1, 0), (1, 3, 2), (2, 3, 1), (2, 2, 0))
        )
    )


@judge("jump-operators-lower-by-one-frequency")
def eigenoperators(rng: Generator) -> Found:
    p = draws(rng)
    m, h = model(p), dense.hamiltonian(p)
    size, checks = np.abs(h).max(axis=(1, 2), keepdims=True), []
    quanta = second.number(0, 2) + second.number(1, 2)
    for (label, j), v in printed.eq07_jump_operators(m.theta).items():
        checks.append(
            equals(f"[H_S, V_{label},{j}]", h @ v - v @ h, -m.omega[j][:, None, None] * v, p, scale=size)
        )
        checks.append(
            equals(f"V_{label},{j} takes one excitation", quanta @ v - v @ quanta, -v, p, scale=1.0)
        )
    return found(*checks)


@judge("emission-and-absorption-lines")
def lines(rng: Generator) -> Found:
    p, rho = draws(rng), states(rng)
    h, jumps = dense.hamiltonian(p), dense.dense_jumps(p)
    flow = {(k, i): second.energy_flow(h, jumps[k][i::2], rho) for k in "AB" for i in (0, 1)}
    taken, given = -np.array([flow["A", 0], flow["B", 0]]), np.array([flow["A", 1], flow["B", 1]])
    return found(
        fact(
            "the first lines take energy from every state, the second give it",
            np.all(taken > 0) and np.all(given > 0),
            least_taken=taken.min(),
            least_given=given.min(),
        )
    )


@judge("collective-rate-is-the-geometric-mean")
def geometric_mean(rng: Generator) -> Found:
    shape, other = el.normal(rng, (2, DRAWS, 50))
    a, b = el.power(10.0, rng.uniform(-2, 0, (2, DRAWS)))
    T = {"a": a, "b": b}
    opposite, same = (_largest(sign * FIGURE_2["Omega"]) for sign in (-1, 1))
    return found(
        equals(
            "modes coupled to both qubits in one ratio", *_rates(a[:, None] * shape, b[:, None] * shape), T
        ),
        beyond=(equals("modes coupled in any ratio", *_rates(a[:, None] * shape, b[:, None] * other), T),),
        same=same,
        opposite=opposite,
    )


@judge("steady-state-is-unique")
def unique(rng: Generator) -> Found:
    p = draws(rng)
    singlet = {"eps_B": p["eps_A"], "Omega": 0.5 * p["Omega"], "Gamma_CB": p["Gamma_CA"]}
    decoupled = p | singlet | {"Gamma_A": 0.0 * p["Omega"], "Gamma_B": 0.0 * p["Omega"]}
    both, common = _second_singular_value(p).min(), _second_singular_value(decoupled).max()
    dark = "one null vector at resonance with R_C alone and Γ_C^(A) = Γ_C^(B)"
    return found(
        fact("one null vector at every draw", both > 1e-9, least_second_singular_value=both),
        beyond=(fact(dark, common > 1e-9, largest_second_singular_value_below=1e-9),),
    )


@judge("only-one-coherence-survives")
def one_coherence(rng: Generator) -> Found:
    p = draws(rng)
    rho = dense.again(p).rho
    others = rho.copy()
    others[:, np.arange(4), np.arange(4)] = 0
    others[:, 1, 2] = others[:, 2, 1] = 0
    return found(
        vanishes("all other coherences", others, p, scale=1.0),
        vanishes("imaginary part of η₂₃", rho[:, 1, 2].imag, p, scale=1.0),
    )


@judge("concurrence-marks-entanglement")
def marks_entanglement(rng: Generator) -> Found:
    def sure(**q: Any) -> Array:
        p = scaled(**q)
        value, negative = signed(**p), second.negativity(machine(**p).steady_state().rho) > 1e-12
        agree = np.where((value > 0) == negative, 1.0, -1.0)
        # where the sign is not clear of round-off the two say nothing
        return np.where(np.abs(value) > 1e-5, np.minimum(agree, 1 - value), np.nan)

    ground = {"T": WARM, "T_C": WARM} | MIX | RATIO
    return found(never_below("the sign of C and the partial transpose agree, and C ≤ 1", sure, ground, rng))


@judge("each-reservoir-acts-on-both-qubits")
def acts_on_both(rng: Generator) -> Found:
    p = draws(rng)
    checks = []
    for own, other in (("A", "B"), ("B", "A")):
        q = p | {f"Gamma_{other}": 0.0, "Gamma_CA": 0.0, "Gamma_CB": 0.0}
        thermal = gibbs(q | {"T_A": q[f"T_{own}"]})
        checks.append(equals(f"both qubits thermal at T_{own}", populations(machine(**q)).T, thermal.T, q))
    return found(*checks)


@judge("collective-coupling-is-what-helps")
def collective(rng: Generator) -> Found:
    T = el.geomspace(0.5, 40.0, 400)
    p = FIGURE_2 | {"T_A": T, "T_B": T, "T_C": np.zeros_like(T)}
    full = dense.again(p).signed.max()
    without_cross = dense.again(p, collective=False).signed.max()
    none = dense.again(p, common=False).signed.max()
    return found(
        larger("largest C at T_C = 0, figure 2: with R_C and without", with_R_C=full, without_R_C=none),
        larger(
            "largest C without R_C and with R_C less eq. (14)", without_R_C=none, without_eq_14=without_cross
        ),
    )


@judge("secular-approximation-at-the-figures")
def secular(rng: Generator) -> Found:
    T, T_C = (axis.ravel() for axis in np.meshgrid(np.linspace(0.3, 20, 30), np.linspace(0.3, 10, 20)))
    warm = {"T_A": T, "T_B": T, "T_C": T_C}
    in_ghz = {name: value / 20 for name, value in warm.items()}
    panel = {"T_A": 5.0, "T_B": 8.0, "Omega": 6.0, "delta_eps": 0.95}
    value, better = (float(_two_qubits(way, **panel).signed) for way in ("global", "redfield"))
    off = close("C without R_C, figure 5(a): secular against Redfield", value, better, 0.1, panel)
    curve = figure_5(COLD[:, None], DETUNINGS[:, None], np.linspace(0.3, 10.0, 60))
    ways = [dense.again(curve, secular=way).signed for way in (True, False)]
    return found(
        *(
            vanishes(f"distance from the Redfield state, {name}", _from_redfield(p), p, scale=1.0)
            for name, p in (
                ("figure 2", FIGURE_2 | warm),
                ("figure 3", FIGURE_3 | warm),
                ("figure 7, with dephasing", FIGURE_7 | in_ghz),
            )
        ),
        breaks=(off,),
        again=(again(off, "dense 16 × 16 Liouvillians", _without_common_again),),
        printed=value,
        right=better,
        apart=np.abs(ways[0] - ways[1]).max(),
        moved=np.abs(_borders(secular=True) - _borders(secular=False)).max(),
    )


@judge("local-equation-at-weak-coupling")
def local_at_weak_coupling(rng: Generator) -> Found:
    def error(approach: str, Omega: Any) -> Array:
        return dense.distance(_two_qubits(approach, Omega).rho, _two_qubits("redfield", Omega).rho)

    even = find_root(lambda x: error("global", x) - error("local", x), 0.1, 10.0, scale="log", scan=17)
    (weak_global, weak_local), (far_global, far_local) = (
        (error("global", Omega), error("local", Omega)) for Omega in (0.1, 6.0)
    )
    return found(
        larger("distance from Redfield at Ω = Γ/10", of_global=weak_global, of_local=weak_local),
        larger("distance from Redfield at Ω = 6 Γ", of_local=far_local, of_global=far_global),
        even=float(even.x),
    )


# ---- parts -------------------------------------------------------------------------------------


def _second_level(what: str, p: Any, angle: Array) -> Comparison:
    ket = printed.eq05_states(angle)[1]
    energy = np.einsum("ni,nij,nj->n", ket, dense.hamiltonian(p).real, ket)
    return equals(what, energy, model(p).omega[2], p)


def _rates(g_A: Array, g_B: Array) -> tuple[Array, Array]:
    """The collective rate of modes of one frequency, and the geometric mean of the two rates, up to a factor."""
    return np.sum(g_A * g_B, axis=1), np.sqrt(np.sum(g_A**2, axis=1) * np.sum(g_B**2, axis=1))


def _largest(Omega: float) -> float:
    """Largest C over T at T_C = 0; couplings of opposite sign to R_C are those of one sign with -Omega."""

    def value(T: Array) -> Array:
        return signed(**FIGURE_2 | {"Omega": Omega, "T_A": T, "T_B": T, "T_C": 0.0})

    return float(maximise(value, 0.2, 40.0, scan=65).value)


def _second_singular_value(p: Any) -> Array:
    """Of the generator over its largest one: 0 where there is a second null vector."""
    jumps = dense.dense_jumps(p)
    matrix = second.liouvillian(dense.hamiltonian(p), [pair for label in "ABC" for pair in jumps[label]])
    values = np.linalg.svd(matrix, compute_uv=False)
    return np.asarray(values[:, -2] / values[:, 0])


def _from_redfield(p: Any) -> Array:
    return dense.distance(dense.again(p).rho, dense.again(p, secular=False).rho)


def _borders(secular: bool) -> Array:
    """T_C below which R_C enhances at the four points of figure 5."""

    def change(T_C: Array) -> Array:
        p = figure_5(COLD, DETUNINGS, T_C)
        with_it, without = (dense.again(p, common=common, secular=secular).signed for common in (True, False))
        return np.asarray(with_it - without)

    return find_root(change, COLD, np.full_like(COLD, 8.0), shape=COLD.shape, scan=17, tolerance=1e-8).x


def _without_common_again(**p: Any) -> dict[str, Any]:
    q = in_gamma(**p)
    ways = (("found", True), ("stated", False))
    return {name: dense.again(q, common=False, secular=way).signed for name, way in ways}


def _two_qubits(
    approach: Any, Omega: Any, T_A: float = 5.0, T_B: float = 8.0, delta_eps: float = 0.0
) -> dense.Again:
    """The qubits without R_C, ε_m = 20 Γ, by one of the library's equations; rates as in eq. (9)."""
    engine = TwoQubitEngine(
        eps_h=20.0 + delta_eps / 2,
        delta=-delta_eps,
        g=Omega,
        gamma_h=2.0,
        gamma_c=2.0,
        T_h=T_A,
        T_c=T_B,
        approach=approach,
    )
    return dense.Again(engine.steady_state().rho, {})
