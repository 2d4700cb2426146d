"""Verdicts on the numbered equations of khandelwal2020, sections 1 to 5 and appendix A."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import compare, fact
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, confirm, definition, exact, misprint
from qte.papers.khandelwal2020 import equations as printed
from qte.papers.khandelwal2020.judging import (
    DENSE,
    DRAWS,
    Array,
    Complex,
    again,
    both,
    hamiltonian,
    local,
    point,
    states,
    weak,
    weak_draws,
)
from qte.papers.khandelwal2020.judging_equations import SOLVED, current_scale, generators, traffic


@equation(both(1), place="sec. 2", printed=r"H = H_S + H_{int} + H_B + H_{SB}")
def eq01(rng: Generator) -> Evidence:
    return definition("The parts of the total Hamiltonian.")


@equation(
    both(2),
    place="sec. 2",
    printed=r"H_S = \sum_j \varepsilon_j\sigma_+^{(j)}\sigma_-^{(j)},\quad "
    r"H_{int} = g(\sigma_+^{(h)}\sigma_-^{(c)} + \sigma_-^{(h)}\sigma_+^{(c)}),\quad "
    r"H_B = \sum_j\omega_j c_j^\dagger c_j,\quad "
    r"H_{SB} = \sum_j(\alpha_j\sigma_-^{(j)}c_j^\dagger + \alpha_j^*\sigma_+^{(j)}c_j)",
)
def eq02(rng: Generator) -> Evidence:
    return definition(
        "The four parts. H_B is written with one mode a bath; the continuum of modes, which the rates of "
        "eq. (4) need, is left to the reader."
    )


@equation(
    both(3),
    place="sec. 2",
    printed=r"\dot\rho = -i[H_S + H_{int},\rho] + \sum_j \gamma_j^+\mathcal D[\sigma_+^{(j)}]\rho "
    r"+ \gamma_j^-\mathcal D[\sigma_-^{(j)}]\rho",
)
def eq03(rng: Generator) -> Evidence:
    p, rho = weak_draws(rng), states(rng, DRAWS)
    rates = [printed.eq03_master_equation(weak(point(p, k)), rho[k]) for k in range(DRAWS)]
    return exact(
        compare("right-hand side on random states", np.array(rates), _changes(p, rho), p, scale=_norms(p)),
        method="against a Liouvillian built from Kronecker products",
        finding="The right-hand side is the stated Lindblad generator, entry by entry.",
    )


@equation(
    both(4),
    place="sec. 2",
    printed=r"\gamma_j^+ = \gamma_j n_B^j(\varepsilon_j),\quad \gamma_j^- = \gamma_j(1 + n_B^j(\varepsilon_j))",
)
def eq04(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    rates = printed.eq04_rates(p["gamma_h"], p["eps_h"], p["T_h"])
    balance = np.exp(-p["eps_h"] / p["T_h"])
    return exact(
        compare("detailed balance of the rates", rates.plus / rates.minus, balance, p),
        compare(
            "their difference is the bare rate", rates.minus - rates.plus, p["gamma_h"], p, scale=rates.minus
        ),
        method="detailed balance and the commutator of the bath's modes",
        finding="The two conditions that fix Bose rates hold. The bare rate below the equation carries a delta "
        "function in the published text, 2π|α|² δ(E − ε), and none in the preprint; both then use a constant.",
    )


@equation(both(5), place="sec. 2", printed=r"\dot p(t) = M p(t) + b")
def eq05(rng: Generator) -> Evidence:
    return _vectorised(rng)


@equation(
    both(6),
    place="sec. 2",
    printed=r"\rho_{ss} = \begin{pmatrix} r_1&0&0&0\\0&r_2&c&0\\0&c^*&r_3&0\\0&0&0&r_4\end{pmatrix}",
)
def eq06(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    rho = _dense_states(p)
    kept = np.zeros((4, 4), dtype=bool)
    kept[np.diag_indices(4)] = kept[1, 2] = kept[2, 1] = True
    return exact(
        compare("all sixteen entries", np.where(kept, rho, 0), rho, p, scale=1.0),
        method="all 16 entries left free in a dense Liouvillian",
        finding="Every entry outside the pattern vanishes.",
    )


@equation(
    both(7),
    place="sec. 2",
    printed=r"r_1 = \frac{4g^2(\gamma_h^+ + \gamma_c^+)^2 + \gamma_h^+\gamma_c^+(\Gamma^2 + 4\delta^2)}{\chi},\ "
    r"r_2 = \frac{4g^2(\gamma_h^- + \gamma_c^-)(\gamma_h^+ + \gamma_c^+) + \gamma_h^+\gamma_c^-(\Gamma^2 + 4\delta^2)}{\chi},\ \ldots",
)
def eq07(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    r = np.stack(printed.eq07_populations(weak(p)), axis=-1)
    rho = local(**p).steady_state().rho
    return exact(
        compare("the four populations", r, np.einsum("kii->ki", rho).real, p),
        method=SOLVED,
        finding="Exact, each population to its own relative accuracy.",
    )


@equation(
    both(8),
    place="sec. 2",
    printed=r"c = \frac{2g(\gamma_h^+\gamma_c^- - \gamma_h^-\gamma_c^+)(i\Gamma - 2\delta)}{\chi}",
)
def eq08(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    c = local(**p).steady_state().rho[:, 1, 2]
    n = printed.eq09_notation(weak(p))
    size = traffic(p) * 2 * p["g"] * np.hypot(n.total, 2 * p["delta"]) / n.chi
    return exact(
        compare("coherence", printed.eq08_coherence(weak(p)), c, p, scale=size),
        method=SOLVED,
        finding="Exact, for both signs of detuning and of the bias.",
    )


@equation(
    both(9),
    place="sec. 2",
    printed=r"\chi := (4g^2 + \Gamma_h\Gamma_c)\Gamma^2 + 4\delta^2\Gamma_h\Gamma_c,\quad "
    r"\Gamma := \Gamma_h + \Gamma_c,\quad \Gamma_j := \gamma_j^- + \gamma_j^+",
)
def eq09(rng: Generator) -> Evidence:
    return definition("Abbreviations; that χ normalises the populations of eq. (7) is part of that check.")


@equation(
    both(10),
    place="sec. 3",
    printed=r"Q_j = \mathrm{Tr}[H_S(\gamma_j^+\mathcal D_j[\sigma_+^{(j)}] + \gamma_j^-\mathcal D_j[\sigma_-^{(j)}])\rho]",
)
def eq10(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    engine, w = local(**p), weak(p)
    rho = engine.steady_state().rho
    bare = np.array(
        [[printed.eq10_heat_flow(weak(point(p, k)), rho[k], s) for s in ("h", "c")] for k in range(DRAWS)]
    )
    full = engine.heat_current("h"), engine.heat_current("c")
    size = current_scale(p)
    at = {
        "eps_h": 1.0,
        "delta": 0.05,
        "g": 1.6e-3,
        "gamma_h": 1e-3,
        "gamma_c": 1.1e-2,
        "T_h": 0.7,
        "T_c": 0.1,
    }
    shortfall = [_first_law_by_bare(at | {"delta": delta}) for delta in (0.01, 0.05)]
    excess = [
        _bare_current(at | {"delta": delta}) / _eq11(at | {"delta": delta}) - 1 for delta in (0.01, 0.05)
    ]
    rho_again = again(at)
    flows = [_flow_again(at, rho_again.rho, site) for site in (0, 1)]
    sum_printed = sum(printed.eq10_heat_flow(weak(at), local(**at).steady_state().rho, s) for s in ("h", "c"))
    return misprint(
        printed=(
            compare(
                "Q_h − Q_c with H_S against eq. (11)",
                bare[:, 0] - bare[:, 1],
                printed.eq11_heat_current(w),
                p,
                scale=size,
            ),
            compare("first law with H_S: Q_h against −Q_c", bare[:, 0], -bare[:, 1], p, scale=size),
        ),
        corrected_form=(
            compare(
                "Q_h − Q_c with H_S + H_int against eq. (11)",
                full[0] - full[1],
                printed.eq11_heat_current(w),
                p,
                scale=size,
            ),
            compare("first law with H_S + H_int: Q_h against −Q_c", full[0], -full[1], p, scale=size),
        ),
        corrected=r"Q_j = \mathrm{Tr}[(H_S + H_{int})(\gamma_j^+\mathcal D_j[\sigma_+^{(j)}] + \gamma_j^-\mathcal D_j[\sigma_-^{(j)}])\rho]",
        counterexample=at,
        method="heat flows of the steady state of 400 random engines, with and without the coupling energy",
        second=confirm(
            DENSE, Q_h_plus_Q_c_with_H_S=(sum_printed, sum(flows)), J_of_eq_11=(_eq11(at), rho_again.J)
        ),
        finding="With the bare H_S each flow is the gap of its own qubit times one common flow of excitations, so the "
        "two do not balance unless δ = 0, and eq. (11) does not follow. With the coupling energy in the trace, first "
        "law and eq. (11) are exact. The energy kept in the coupling, g·2Re c, is what is missing.",
        size=f"|Q_h + Q_c| with the bare H_S is {shortfall[0]:.2%} of the current at δ = 0.01 ε_h and {shortfall[1]:.2%} at "
        f"δ = 0.05 ε_h (T_h = 0.7); Q_h − Q_c comes out {excess[0]:.2%} and {excess[1]:.2%} above eq. (11).",
        consequence="None: eqs. (11) to (13) and (18) are those of the full Hamiltonian and stay as they are.",
    )


@equation(
    both(11),
    place="sec. 3",
    printed=r"J_{ss} := Q_h - Q_c = \frac{8g^2(\gamma_h^+\gamma_c^- - \gamma_h^-\gamma_c^+)}{\chi}(\varepsilon_h\Gamma_c + \varepsilon_c\Gamma_h)",
)
def eq11(rng: Generator) -> Evidence:
    return _current(rng, printed.eq11_heat_current)


@equation(
    both(12),
    place="sec. 3",
    printed=r"J_{ss} = \frac{8g^2}{\chi}\gamma_h\gamma_c(\varepsilon_h\Gamma_c + \varepsilon_c\Gamma_h)(n_B^h(\varepsilon_h) - n_B^c(\varepsilon_c))",
)
def eq12(rng: Generator) -> Evidence:
    return _current(rng, printed.eq12_heat_current)


@equation(
    both(13),
    place="sec. 3.1",
    printed=r"c = \frac{J_{ss}(i\Gamma - 2\delta)}{4g(\varepsilon_h\Gamma_c + \varepsilon_c\Gamma_h)}",
)
def eq13(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    engine = local(**p)
    n = printed.eq09_notation(weak(p))
    size = traffic(p) * 2 * p["g"] * np.hypot(n.total, 2 * p["delta"]) / n.chi
    found = printed.eq13_coherence(weak(p), engine.net_current())
    return exact(
        compare("coherence from the current", found, engine.steady_state().rho[:, 1, 2], p, scale=size),
        method=SOLVED,
        finding="Exact for g ≠ 0, with the current of the full Hamiltonian (see eq. (10)).",
    )


@equation(
    {"published": "19"},
    id="eq-19",
    place="sec. 5",
    printed=r"H_S = \sum_j(\varepsilon_j\sigma_+^{(j)}\sigma_-^{(j)} + \kappa_j\sigma_x^{(j)})",
)
def eq19(rng: Generator) -> Evidence:
    return definition(
        "H_S with tunnelling. Introduced as 'the Hamiltonian of the system', it lacks the coupling, which comes on top "
        "of it as H_int of eq. (2): alone it would let no heat through."
    )


@equation(
    {"preprint": "19"},
    id="eq-19-preprint",
    place="sec. 5",
    printed=r"H_s = \sum_j(\varepsilon_j\sigma_+^{(j)}\sigma_-^{(j)} + \kappa_j\sigma_x^{(j)}) "
    r"+ g(\sigma_+^{(h)}\sigma_-^{(c)} + \sigma_-^{(h)}\sigma_+^{(c)})",
)
def eq19_preprint(rng: Generator) -> Evidence:
    return definition("The Hamiltonian of the system with tunnelling, its coupling included.")


@equation(both(28, 20), place="app. A.1 (preprint: app. A)", printed=r"\dot p(t) = M p(t) + b")
def eq28(rng: Generator) -> Evidence:
    return _vectorised(rng)


@equation(both(29, 21), place="app. A.1 (preprint: app. A)", printed=r"M = (15 \times 15\text{ matrix})")
def eq29(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    found = np.array([printed.eq29_matrix(weak(point(p, k))) for k in range(DRAWS)])
    return exact(
        compare("all 225 entries", found, _reduced(p)[0], p, scale=_norms(p)[:, :, :1]),
        method="against the 16 × 16 Liouvillian with the last population eliminated by the trace, entry by entry",
        finding="Every entry is right. The text of the preprint at hand lacks the matrix itself; its size, called 15 × 16 "
        "there, is a claim of its own.",
        numbers={"entries that are not zero": int((np.abs(found[0]) > 0).sum())},
    )


@equation(
    both(30, 22),
    place="app. A.1 (preprint: app. A)",
    printed=r"b = (0,0,0,0,0,\gamma_h^+,0,0,0,0,\gamma_c^+,0,0,0,0,0)^T",
)
def eq30(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    matrix, b = _reduced(p)
    mine = np.array([printed.eq30_vector(weak(point(p, k))) for k in range(DRAWS)])
    as_printed = 16
    rho = local(**p).steady_state().rho.reshape(DRAWS, 16)[:, :15]
    solved = np.linalg.solve(matrix, -mine[..., None])[..., 0]
    at = point(p, 0)
    return misprint(
        printed=(
            fact(
                "b has as many entries as M has rows",
                as_printed == matrix.shape[1],
                entries_of_b=as_printed,
                rows_of_M=15,
            ),
        ),
        corrected_form=(
            compare("b with 15 entries against the eliminated column", mine, b, p, scale=1.0),
            compare("−M⁻¹b against the steady state", solved, rho, p, scale=1.0),
        ),
        corrected=r"b = (0,0,0,0,0,\gamma_h^+,0,0,0,0,\gamma_c^+,0,0,0,0)^T",
        counterexample={"entries of b": 16, "rows of M": 15},
        method="count of the printed entries; the eliminated column of the Liouvillian",
        second=confirm(
            "solving for p with 15 entries",
            r1=(again(at).rho[0, 0].real, solved[0, 0].real),
            r2=(again(at).rho[1, 1].real, solved[0, 5].real),
        ),
        finding="One zero too many at the end, in both versions: 16 entries, where M has 15 rows and the text says 15 × 1. "
        "The positions of the two rates are right.",
        size="A matter of counting; no number changes.",
        consequence="None.",
    )


def _vectorised(rng: Generator) -> Evidence:
    p, rho = weak_draws(rng), states(rng, DRAWS)
    matrix = np.array([printed.eq29_matrix(weak(point(p, k))) for k in range(DRAWS)])
    b = np.array([printed.eq30_vector(weak(point(p, k))) for k in range(DRAWS)])
    vector = rho.reshape(DRAWS, 16)[:, :15]
    rate = np.einsum("kij,kj->ki", matrix, vector) + b
    change = _changes(p, rho).reshape(DRAWS, 16)[:, :15]
    return exact(
        compare("Mp + b on random states", rate, change, p, scale=_norms(p)[:, 0]),
        method="against a Liouvillian built from Kronecker products",
        finding="With M of eq. (29) and b of 15 entries (see eq. (30)) it is the master equation.",
    )


def _current(rng: Generator, formula: Any) -> Evidence:
    p = weak_draws(rng)
    return exact(
        compare("J", formula(weak(p)), local(**p).net_current(), p, scale=current_scale(p)),
        method=SOLVED + ", heat measured with H_S + H_int",
        finding="Exact for Q_h − Q_c, which is twice the current that flows through.",
    )


def _changes(p: Any, rho: Complex) -> Complex:
    change = np.einsum("kij,kj->ki", generators(p), rho.reshape(DRAWS, 16))
    return np.asarray(change.reshape(DRAWS, 4, 4))


def _norms(p: Any) -> Array:
    """Largest entry of each Liouvillian, shape (n, 1, 1)."""
    return np.asarray(np.abs(generators(p)).max(axis=(1, 2))[:, None, None])


def _reduced(p: Any) -> tuple[Complex, Complex]:
    """15 × 15 matrices and vectors after the last population has been eliminated by the trace."""
    full = generators(p)
    last = full[:, :15, 15]
    matrix = full[:, :15, :15].copy()
    for k in (0, 5, 10):
        matrix[:, :, k] -= last
    return matrix, last


def _dense_states(p: Any) -> Complex:
    return np.array([again(point(p, k)).rho for k in range(DRAWS)])


def _eq11(at: dict[str, float]) -> float:
    return float(printed.eq11_heat_current(weak(at)))


def _bare_flows(at: dict[str, float]) -> tuple[float, float]:
    rho = local(**at).steady_state().rho
    return printed.eq10_heat_flow(weak(at), rho, "h"), printed.eq10_heat_flow(weak(at), rho, "c")


def _bare_current(at: dict[str, float]) -> float:
    hot, cold = _bare_flows(at)
    return hot - cold


def _first_law_by_bare(at: dict[str, float]) -> float:
    hot, cold = _bare_flows(at)
    return abs(hot + cold) / (_eq11(at) / 2)


def _flow_again(at: dict[str, float], rho: Complex, site: int) -> float:
    """Heat flow with the bare H_S in the second formulation."""
    gap, bath = (at["eps_h"], "h") if site == 0 else (at["eps_h"] + at["delta"], "c")
    jumps = second.two_level_jumps(second.lower(site, 2), gap, at[f"T_{bath}"], at[f"gamma_{bath}"])
    return float(second.energy_flow(hamiltonian(at, coupled=False), jumps, rho))
