"""Verdicts on the numbered equations of khandelwal2020, section 6 and appendix B (published text only)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import compare, fact
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, confirm, exact, misprint
from qte.papers.khandelwal2020 import equations_strong as printed
from qte.papers.khandelwal2020.judging import (
    DENSE,
    DRAWS,
    Array,
    Complex,
    again,
    globally,
    hamiltonian,
    point,
    published,
    states,
    strong,
    strong_draws,
)

SOLVED = "steady state of the secular master equation over 400 random resonant engines"


@equation(
    published(20),
    place="sec. 6",
    printed=r"\hat L_j(\varepsilon_-) = |0\rangle\langle 0|\sigma_-^{(j)}|\varepsilon_-\rangle\langle\varepsilon_-| "
    r"+ |\varepsilon_+\rangle\langle\varepsilon_+|\sigma_-^{(j)}|2\rangle\langle 2|,\quad "
    r"\hat L_j(\varepsilon_+) = |0\rangle\langle 0|\sigma_-^{(j)}|\varepsilon_+\rangle\langle\varepsilon_+| "
    r"+ |\varepsilon_-\rangle\langle\varepsilon_-|\sigma_-^{(j)}|2\rangle\langle 2|",
)
def eq20(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    shape = (DRAWS, 1, 1)
    found = np.stack(
        [
            np.broadcast_to(printed.eq20_jump(s, w), (DRAWS, 4, 4))
            for s in printed.SIDES
            for w in printed.LEVELS
        ],
        axis=1,
    )
    reference = np.array([_parts(point(p, k)) for k in range(DRAWS)])
    return exact(
        compare("four jump operators", found, reference, p, scale=np.ones((*shape, 1))),
        method="σ₋ of each qubit, split by the gaps of the numerically diagonalised Hamiltonian",
        finding="Exact; the four parts of each σ₋ are complete, so no other transition has a jump.",
    )


@equation(
    published(21),
    place="sec. 6",
    printed=r"\dot\rho = -i[H_S + H_{int},\rho] + \sum_{\alpha=\pm}\sum_j \gamma_j^-(\varepsilon_\alpha)\mathcal D[\hat L_j(\varepsilon_\alpha)]\rho "
    r"+ \gamma_j^+(\varepsilon_\alpha)\mathcal D[\hat L_j^\dagger(\varepsilon_\alpha)]\rho",
)
def eq21(rng: Generator) -> Evidence:
    p, rho = strong_draws(rng), states(rng, DRAWS)
    found = np.array([printed.eq21_master_equation(strong(point(p, k)), rho[k]) for k in range(DRAWS)])
    full = np.array([_generator(point(p, k)) for k in range(DRAWS)])
    change = np.einsum("kij,kj->ki", full, rho.reshape(DRAWS, 16)).reshape(DRAWS, 4, 4)
    size = np.abs(full).max(axis=(1, 2))[:, None, None]
    return exact(
        compare("right-hand side on random states", found, change, p, scale=size),
        method="against a Liouvillian built from the numerically diagonalised Hamiltonian",
        finding="The stated secular equation, entry by entry.",
    )


@equation(
    published(22),
    place="sec. 6",
    printed=r"\rho_{ss}^{gl} = \begin{pmatrix} s_1&0&0&0\\0&s_2&d&0\\0&d^*&s_3&0\\0&0&0&s_4\end{pmatrix}",
)
def eq22(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    rho = np.array([again(point(p, k), "global").rho for k in range(DRAWS)])
    return exact(
        compare("all sixteen entries", printed.eq22_state(strong(p)), rho, p, scale=1.0),
        method="all 16 entries left free in a dense Liouvillian",
        finding="Every entry outside the pattern vanishes, and those inside are eqs. (23) and (24).",
    )


@equation(
    published(23),
    place="sec. 6",
    printed=r"s_1 = \frac{\Gamma^+(\varepsilon_-)\Gamma^+(\varepsilon_+)}{\chi_{gl}},\ "
    r"s_2 = s_3 = \frac{\Gamma^+(\varepsilon_-)\Gamma^-(\varepsilon_+) + \Gamma^-(\varepsilon_-)\Gamma^+(\varepsilon_+)}{2\chi_{gl}},\ "
    r"s_4 = \frac{\Gamma^-(\varepsilon_-)\Gamma^-(\varepsilon_+)}{\chi_{gl}}",
)
def eq23(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    rho = globally(**p).steady_state().rho
    s = np.stack(printed.eq23_populations(strong(p)), axis=-1)
    return exact(
        compare("the four populations", s, np.einsum("kii->ki", rho).real, p),
        method=SOLVED,
        finding="Exact. The state factorises into the two modes ε₋ and ε₊, each with its own occupation.",
    )


@equation(
    published(24),
    place="sec. 6",
    printed=r"d = \frac{\Gamma^-(\varepsilon_-)\Gamma^+(\varepsilon_+) - \Gamma^+(\varepsilon_-)\Gamma^-(\varepsilon_+)}{2\chi_{gl}}",
)
def eq24(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    d, s = printed.eq24_coherence(strong(p)), printed.eq23_populations(strong(p))
    return exact(
        compare("coherence", d, globally(**p).steady_state().rho[:, 1, 2], p, scale=s.r2),
        method=SOLVED,
        finding="Exact, and negative for every g > 0: the lower of the two levels is the fuller one.",
        numbers={"largest d / s₂ seen": float(np.max(d.real / s.r2))},
    )


@equation(
    published(25),
    place="sec. 6.1",
    printed=r"J_{ss}^{gl} = \frac{\gamma_h\gamma_c}{\chi_{gl}}\left[\varepsilon_-\Gamma(\varepsilon_+)(n_B^h(\varepsilon_-) - n_B^c(\varepsilon_-)) "
    r"+ \varepsilon_+\Gamma(\varepsilon_-)(n_B^h(\varepsilon_+) - n_B^c(\varepsilon_+))\right]",
)
def eq25(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    return exact(
        compare("J", printed.eq25_heat_current(strong(p)), globally(**p).net_current(), p, scale=_flows(p)),
        method=SOLVED + ", heat measured with H_S + H_int",
        finding="Exact for Q_h − Q_c, with the full Hamiltonian in eq. (10).",
    )


@equation(
    published(26),
    place="sec. 6.2",
    printed=r"N(\rho_{ss}^{gl}) = \max\left\{0, \tfrac12\left(\sqrt{4|d|^2 + (s_1 - s_4)^2} - (s_1 + s_4)\right)\right\}",
)
def eq26(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    rho = globally(**p).steady_state().rho
    return exact(
        compare("N", printed.eq26_negativity(strong(p)), second.negativity(rho), p, scale=rho[:, 3, 3].real),
        method="numerical eigenvalues of the partial transpose, " + SOLVED,
        finding="Exact.",
    )


@equation(
    published(27),
    place="sec. 6.2",
    printed=r"J_{ss}^{gl} > \frac{2\gamma_c\gamma_h[\varepsilon_-\Gamma(\varepsilon_+)(n_B^h(\varepsilon_-) - n_B^c(\varepsilon_-)) "
    r"+ \varepsilon_+\Gamma(\varepsilon_-)(n_B^h(\varepsilon_+) - n_B^c(\varepsilon_+))]}"
    r"{\Gamma^-(\varepsilon_-)\Gamma^+(\varepsilon_+) - \Gamma^+(\varepsilon_-)\Gamma^-(\varepsilon_+)}\sqrt{s_1s_4} := J_c^{gl}",
)
def eq27(rng: Generator) -> Evidence:
    p = _forwards(strong_draws(rng, 3 * DRAWS))
    engine = globally(**p)
    rho, current = engine.steady_state().rho, engine.net_current()
    outer = np.sqrt(rho[:, 0, 0].real) * np.sqrt(rho[:, 3, 3].real)
    witness = current * outer / np.abs(rho[:, 1, 2])
    value, entangled = printed.eq27_critical_current(strong(p)), engine.negativity() > 0
    at = {"eps_h": 1.0, "delta": 0.0, "g": 0.5, "gamma_h": 0.01, "gamma_c": 0.01, "T_h": 3.0, "T_c": 0.5}
    one, copy = globally(**at), again(at, "global")
    j_c = float(printed.eq27_critical_current(strong(at)))
    j_again = copy.J * np.sqrt(copy.rho[0, 0].real * copy.rho[3, 3].real) / copy.rho[1, 2].real
    caption = {"eps_h": 1.0, "g": 0.8, "gamma_h": 0.01, "gamma_c": 0.01, "T_h": 0.7, "T_c": 0.01}
    size = float(printed.eq27_critical_current(strong(caption))), float(globally(**caption).net_current())
    return misprint(
        printed=(
            compare("J_c against J √(s₁s₄)/|d|", value, witness, p),
            fact(
                "separable engines stay below the printed bound",
                not np.any(~entangled & (current > value)),
                separable_draws=int((~entangled).sum()),
                of_these_above_the_printed_bound=int((~entangled & (current > value)).sum()),
            ),
        ),
        corrected_form=(
            compare("the same with the denominator's sign turned", -value, witness, p),
            fact(
                "J > J_c exactly where N > 0, sign turned",
                bool(np.all((current > -value) == entangled)),
                draws=DRAWS,
                entangled=int(entangled.sum()),
            ),
        ),
        corrected=r"J_c^{gl} = \frac{2\gamma_c\gamma_h[\ldots]}"
        r"{\Gamma^+(\varepsilon_-)\Gamma^-(\varepsilon_+) - \Gamma^-(\varepsilon_-)\Gamma^+(\varepsilon_+)}\sqrt{s_1s_4}",
        counterexample=at
        | {"J": float(one.net_current()), "J_c as printed": j_c, "N": float(one.negativity())},
        method="the current at which |d|² would equal s₁s₄, " + SOLVED + ", heat flowing forwards",
        second=confirm(DENSE, J=(one.net_current(), copy.J), J_c_as_printed=(j_c, j_again)),
        finding="The printed denominator is 2χd, and d < 0 for every g > 0, so the printed bound is negative and every "
        "forward current exceeds it, entangled or not. The modulus of d was meant: with the two products in the "
        "denominator exchanged, J > J_c and N > 0 are equivalent for a forward current.",
        size=f"At g = 0.8, γ_c = 0.01, T_h = 0.7 (figure 6's other values): J_c = {size[0]:.6g} as printed, {-size[0]:.6g} "
        f"with the sign turned, J = {size[1]:.6g}.",
        consequence="The text's use of it, that J > J_c guarantees entanglement, holds with the sign turned.",
    )


@equation(
    published(33),
    place="app. B.1",
    printed=r"|0\rangle = |00\rangle,\ |\varepsilon_\mp\rangle = \tfrac{1}{\sqrt2}(|01\rangle \mp |10\rangle),\ |2\rangle = |11\rangle",
)
def eq33(rng: Generator) -> Evidence:
    p = strong_draws(rng)
    h = np.array([hamiltonian(point(p, k)) for k in range(DRAWS)])
    vectors = np.array(printed.eq33_eigenstates())
    levels = np.stack([0 * p["g"], p["eps_h"] - p["g"], p["eps_h"] + p["g"], 2 * p["eps_h"]], axis=-1)
    return exact(
        compare(
            "H|v⟩ against E|v⟩",
            np.einsum("kij,vj->kvi", h, vectors),
            levels[..., None] * vectors,
            p,
            scale=2.0,
        ),
        compare("their energies, sorted", np.sort(levels, axis=-1), np.linalg.eigvalsh(h), p, scale=2.0),
        method="Hamiltonian from Kronecker products",
        finding="Exact at resonance.",
    )


@equation(
    published(34),
    place="app. B.2",
    printed=r"\rho_{th} = \frac{1}{2(\cosh\frac{\varepsilon}{T} + \cosh\frac gT)}\begin{pmatrix} e^{-\varepsilon/T}&0&0&0\\"
    r"0&\cosh\frac gT&-\sinh\frac gT&0\\0&-\sinh\frac gT&\cosh\frac gT&0\\0&0&0&e^{\varepsilon/T}\end{pmatrix}",
)
def eq34(rng: Generator) -> Evidence:
    p, gibbs = _thermal(rng)
    return exact(
        compare(
            "all sixteen entries", printed.eq34_thermal_state(p["eps"], p["g"], p["T"]), gibbs, p, scale=1.0
        ),
        method="exponential of the numerically diagonalised Hamiltonian",
        finding="Exact, with e^(−ε/T) for |11⟩ and e^(+ε/T) for |00⟩.",
    )


@equation(
    published(35),
    place="app. B.2",
    printed=r"N(\rho_{th}) = \max\left\{0, \frac{\sqrt{\cosh^2\frac\varepsilon T + \sinh^2\frac gT - 1} - \cosh\frac\varepsilon T}"
    r"{2(\cosh\frac\varepsilon T + \cosh\frac gT)}\right\}",
)
def eq35(rng: Generator) -> Evidence:
    p, gibbs = _thermal(rng)
    return exact(
        compare(
            "N",
            printed.eq35_thermal_negativity(p["eps"], p["g"], p["T"]),
            second.negativity(gibbs),
            p,
            scale=1.0,
        ),
        method="numerical eigenvalues of the partial transpose of the numerical Gibbs state",
        finding="Exact.",
    )


# ---- what the entries share ------------------------------------------------------------------------


def _parts(at: dict[str, float]) -> list[Complex]:
    """σ₋ of the hot and the cold qubit, each as its parts at ε₋ and ε₊."""
    energies, vectors = np.linalg.eigh(hamiltonian(at))
    found = []
    for site in (0, 1):
        for gap in (at["eps_h"] - at["g"], at["eps_h"] + at["g"]):
            inside = vectors.conj().T @ second.lower(site, 2) @ vectors
            same = np.abs(energies[None, :] - energies[:, None] - gap) < 1e-9
            found.append(vectors @ np.where(same, inside, 0) @ vectors.conj().T)
    return found


def _generator(at: dict[str, float]) -> Complex:
    h = hamiltonian(at)
    jumps = []
    for site, k in enumerate("hc"):
        jumps += second.secular_jumps(h, second.lower(site, 2), at[f"T_{k}"], at[f"gamma_{k}"])
    return second.liouvillian(h, jumps)


def _flows(p: Any) -> Array:
    """Size of the two one-way currents whose difference J is."""
    to_cold, to_hot = strong(p | {"T_c": np.zeros(DRAWS)}), strong(p | {"T_h": np.zeros(DRAWS)})
    return np.abs(printed.eq25_heat_current(to_cold)) + np.abs(printed.eq25_heat_current(to_hot))


def _forwards(p: dict[str, Any]) -> dict[str, Any]:
    """Draws with T_h well above T_c."""
    clear = p["T_h"] > 1.5 * p["T_c"]
    return {name: value[clear][:DRAWS] for name, value in p.items()}


def _thermal(rng: Generator) -> tuple[dict[str, Array], Complex]:
    p = {"eps": rng.uniform(0.5, 2.0, DRAWS), "T": 10 ** rng.uniform(-1.3, 1, DRAWS)}
    p["g"] = p["eps"] * rng.uniform(-1.5, 1.5, DRAWS)
    h = np.array([hamiltonian({"eps_h": p["eps"][k], "g": p["g"][k]}) for k in range(DRAWS)])
    energies, vectors = np.linalg.eigh(h)
    weights = np.exp(-(energies - energies[:, :1]) / p["T"][:, None])
    weights /= weights.sum(axis=1, keepdims=True)
    return p, np.einsum("kij,kj,klj->kil", vectors, weights, vectors.conj())
