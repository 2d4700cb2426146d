"""Verdicts on equations (15) to (21) of man2019, the steady state and what is read off it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import Comparison, compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, conditional, confirm, exact, misprint
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.judging import (
    DENSE,
    DRAWS,
    SOLVED,
    Array,
    Complex,
    Point,
    again,
    apply,
    both_signs,
    concurrence_of,
    dense_jumps,
    dephasing_jumps,
    draws,
    frequencies_and_jumps,
    hamiltonian,
    machine,
    model,
    point,
    populations,
    states,
    traffic,
)

KRONECKER = "against superoperators built from Kronecker products and numerical eigenstates, on random states"


@equation(
    "15",
    place="sec. II",
    printed=r"\eta_{22}^S = \cos^2\tfrac\theta2\lambda_{22}^S + \sin^2\tfrac\theta2\lambda_{33}^S,\quad "
    r"\eta_{23}^S = \eta_{32}^S = \tfrac12\sin\theta(\lambda_{22}^S - \lambda_{33}^S),\ \ldots",
)
def eq15(rng: Generator) -> Evidence:
    p = both_signs(rng)
    gamma = 10 ** rng.uniform(-3, 0, DRAWS)
    half = {"Omega": 0.3 * p["Omega"]}
    resonant = p | {"eps_B": p["eps_A"], "dephasing": gamma} | half
    at = {"eps_A": 1.1, "eps_B": 0.9, "Omega": 0.3, "T_A": 1.0, "T_B": 0.5, "T_C": 0.2, "dephasing": 0.1}
    at |= dict.fromkeys(("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB"), 0.05)
    rho, lines = machine(**at).steady_state().rho, again(at).rho
    return conditional(
        inside=(
            _bare_elements("all five without dephasing, any detuning", p),
            _bare_elements("all five with dephasing, at resonance", resonant),
            _corrected_elements("the corrected form with dephasing and detuning", p | {"dephasing": gamma}),
        ),
        outside=(_bare_elements("all five with dephasing and detuning", p | {"dephasing": gamma}),),
        conditions="No pure dephasing, or qubits at resonance.",
        method=SOLVED,
        counterexample=at,
        corrected=r"\eta_{23}^S = \tfrac12\sin\theta(\lambda_{22}^S - \lambda_{33}^S) + \cos^2\tfrac\theta2\,\lambda_{23}^S"
        r" - \sin^2\tfrac\theta2\,\lambda_{32}^S,\ \eta_{22}^S \to \eta_{22}^S - \sin\theta\,\mathrm{Re}\lambda_{23}^S,\ "
        r"\eta_{33}^S \to \eta_{33}^S + \sin\theta\,\mathrm{Re}\lambda_{23}^S",
        second=confirm(
            DENSE, Im_eta_23=(rho[1, 2].imag, lines[1, 2].imag), eta_22=(rho[1, 1].real, lines[1, 1].real)
        ),
        numbers={"Im η₂₃ there, 0 by eq. (15)": rho[1, 2].imag},
        finding="Exact for the master equation (8). The dephasing (21) acts on the bare qubits and, out of resonance, "
        "feeds a coherence λ₂₃ between the eigenstates, which eq. (15) leaves out; the paper uses dephasing only at "
        "resonance (figure 7), where λ₂₃ stays zero.",
    )


@equation(
    "16",
    place="sec. II",
    printed=r"\rho^S = \begin{pmatrix}\eta_{11}^S&0&0&0\\0&\eta_{22}^S&\eta_{23}^S&0\\0&\eta_{32}^S&\eta_{33}^S&0\\0&0&0&\eta_{44}^S\end{pmatrix}",
)
def eq16(rng: Generator) -> Evidence:
    p = both_signs(rng)
    return exact(
        *(
            _pattern(what, again(q).rho, q)
            for what, q in (
                ("all sixteen entries", p),
                ("the same with dephasing", p | {"dephasing": 10 ** rng.uniform(-3, 0, DRAWS)}),
            )
        ),
        method="all 16 entries left free in a dense Liouvillian",
        finding="Every entry outside the pattern vanishes, with and without dephasing.",
    )


@equation(
    "17",
    place="sec. II",
    printed=r"C(\rho^S) = 2\max\{0, |\eta_{23}^S| - \sqrt{\eta_{11}^S\eta_{44}^S}\}",
)
def eq17(rng: Generator) -> Evidence:
    p = draws(rng)
    rho = machine(**p).steady_state().rho
    steady = printed.BareElements(*(rho[:, i, k].real for i, k in ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))))
    factor = np.zeros((DRAWS, 4, 4), dtype=complex)
    block = rng.normal(size=(DRAWS, 2, 2)) + 1j * rng.normal(size=(DRAWS, 2, 2))
    factor[:, 1:3, 1:3] = block * 10 ** rng.uniform(0, 1, (DRAWS, 1, 1))
    factor[:, 0, 0], factor[:, 3, 3] = rng.normal(size=(2, DRAWS))
    factor /= np.linalg.norm(factor, axis=(1, 2))[:, None, None]
    any_x = factor @ factor.conj().swapaxes(1, 2)
    e11, e22, e33, e44 = (any_x[:, i, i].real for i in range(4))
    e = printed.BareElements(e11, e22, e33, e44, np.abs(any_x[:, 1, 2]))
    return exact(
        compare(
            "steady states",
            printed.eq17_concurrence(steady),
            concurrence_of(np.asarray(np.linalg.cholesky(rho), dtype=np.complex128)),
            p,
            scale=1.0,
        ),
        compare(
            "random states of the form (16)",
            printed.eq17_concurrence(e),
            concurrence_of(factor),
            {"draw": np.arange(DRAWS)},
            scale=1.0,
        ),
        method="Wootters' formula by singular values",
        finding="Exact for every state of the form (16). For an X state with a coherence between |11⟩ and |00⟩ too, "
        "which does not occur here, a second term would be needed.",
    )


@equation("18", place="sec. II", printed=r"Q_\nu = \mathrm{Tr}\{\mathcal L_\nu[\rho^S]\hat H_S\}")
def eq18(rng: Generator) -> Evidence:
    p = draws(rng)
    full, m = machine(**p), model(p)
    rho = full.steady_state().rho
    changes = {"A": printed.eq09_independent_a(m, rho), "B": printed.eq10_independent_b(m, rho)}
    found = {k: printed.eq18_heat_current(m, change) for k, change in changes.items()}
    found["C"] = printed.eq18_heat_current(m, printed.common(m, rho))
    return exact(
        *(
            compare(f"Q_{k} against quanta counted", found[k], _quanta(p, k), p, scale=traffic(p))
            for k in "ABC"
        ),
        compare("they add up to zero", found["A"] + found["B"], -found["C"], p, scale=traffic(p)),
        method="quanta counted at each frequency in numerical eigenstates, times ω₁ and ω₂",
        finding="Each current is the energy of the quanta that the reservoir gives; the three balance.",
    )


@equation(
    "19",
    place="sec. III B",
    printed=r"T_{eff}(\omega_1) = \frac{\omega_1}{\ln(\Gamma_1^-/\Gamma_1^+)},\quad T_{eff}(\omega_2) = \frac{\omega_2}{\ln(\Gamma_2^-/\Gamma_2^+)}",
)
def eq19(rng: Generator) -> Evidence:
    p = draws(rng)
    free = machine(**p).without_common()
    r1, r2, r3, r4 = populations(free)
    first, upper = printed.eq19_effective_temperatures(model(p))
    omega = model(p).omega
    return exact(
        compare("T_eff(ω₁) from λ₄₄/λ₃₃", first, omega[1] / np.log(r4 / r3), p),
        compare("T_eff(ω₁) from λ₂₂/λ₁₁", first, omega[1] / np.log(r2 / r1), p),
        compare("T_eff(ω₂) from λ₄₄/λ₂₂", upper, omega[2] / np.log(r4 / r2), p),
        compare("T_eff(ω₂) from λ₃₃/λ₁₁", upper, omega[2] / np.log(r3 / r1), p),
        method=SOLVED + ", without the common reservoir",
        finding="More than a characterisation: without R_C both transitions of a frequency have the same rates, the "
        "steady state is a product of two thermal factors, and these are their temperatures.",
    )


@equation(
    "20",
    place="sec. III B",
    printed=r"\Gamma_1^- = \sin^2(\tfrac\theta2)\Gamma_A(\omega_1)[\bar n_A(\omega_1)+1] + \cos^2(\tfrac\theta2)\Gamma_B(\omega_1)[\bar n_B(\omega_1)+1],\ \ldots",
)
def eq20(rng: Generator) -> Evidence:
    p = draws(rng)
    rates = np.stack(printed.eq20_transition_rates(model(p)), axis=-1)
    flows = _transition_rates(p)
    at = {"eps_A": 20.475, "eps_B": 19.525, "Omega": 6.0, "T_A": 5.0, "T_B": 8.0, "T_C": 0.0}
    at |= dict.fromkeys(("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB"), 1.0)
    first = 2 * printed.eq20_transition_rates(model(at)).down_1
    return misprint(
        printed=(compare("the four rates", rates, flows, p),),
        corrected_form=(compare("twice the four rates", 2 * rates, flows, p),),
        corrected=r"\Gamma_1^- = 2\{\sin^2(\tfrac\theta2)\Gamma_A(\omega_1)[\bar n_A(\omega_1)+1] + \cos^2(\tfrac\theta2)\Gamma_B(\omega_1)[\bar n_B(\omega_1)+1]\},\ \ldots",
        counterexample=at,
        method="flow from one eigenstate to another under eqs. (9) and (10), 400 random machines",
        second=confirm(
            "d⟨λ₄|ρ|λ₄⟩/dt from ρ = |λ₃⟩⟨λ₃| by eqs. (9) and (10)",
            Gamma_1_minus=(first, _rate_from_state(at)),
        ),
        finding="With the dissipators Γ(2VρV† − {V†V, ρ}) of eqs. (9) and (10) every transition runs at twice the printed "
        "rate; the common factor 2 cancels in eq. (19).",
        size="A factor of 2 everywhere.",
        consequence="None: the rates enter through their ratios only.",
    )


@equation(
    "21",
    place="sec. IV",
    printed=r"\mathcal L_{dep}[\rho] = \gamma(\hat D_A\rho\hat D_A^\dagger + \hat D_B\rho\hat D_B^\dagger - 2\rho)",
)
def eq21(rng: Generator) -> Evidence:
    rho, p = states(rng), {"gamma": 10 ** rng.uniform(-5, 0, DRAWS)}
    change = apply(np.zeros((4, 4), dtype=complex), dephasing_jumps(p["gamma"]), rho)
    return exact(
        compare(
            "on random states",
            printed.eq21_dephasing(p["gamma"], rho),
            change,
            p,
            scale=p["gamma"][:, None, None],
        ),
        method=KRONECKER,
        finding="Pure dephasing of both bare qubits; the coherence of each decays at 2γ (see the claim on γ).",
    )


# ---- parts -------------------------------------------------------------------------------------


def _bare_elements(what: str, p: Point) -> Comparison:
    m = machine(**p)
    eta = printed.eq15_bare_elements(model(p).theta, tuple(populations(m)))
    rho = m.steady_state().rho
    places = ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))
    reference = np.stack([rho[:, i, k] for i, k in places], axis=-1)
    return compare(what, np.stack(eta, axis=-1), reference, p, scale=1.0)


def _corrected_elements(what: str, p: Point) -> Comparison:
    """Eq. (15) with the coherence between lambda_2 and lambda_3."""
    steady, theta = machine(**p).steady_state(), model(p).theta
    eta = printed.eq15_bare_elements(theta, tuple(populations(machine(**p))))
    between = steady.rho_in_frame[:, 1, 2]
    shift = np.sin(theta) * between.real
    cross = eta.e23 + np.cos(theta / 2) ** 2 * between - np.sin(theta / 2) ** 2 * between.conj()
    found = np.stack([eta.e11, eta.e22 - shift, eta.e33 + shift, eta.e44, cross], axis=-1)
    places = ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))
    return compare(what, found, np.stack([steady.rho[:, i, k] for i, k in places], axis=-1), p, scale=1.0)


def _pattern(what: str, rho: Complex, p: Point) -> Comparison:
    kept = np.zeros((4, 4), dtype=bool)
    kept[np.diag_indices(4)] = kept[1, 2] = kept[2, 1] = True
    return compare(what, np.where(kept, rho, 0), rho, p, scale=1.0)


def _quanta(p: Point, label: str) -> Array:
    """Energy from quanta absorbed less emitted, at each frequency."""
    omega, _ = frequencies_and_jumps(p)
    rho = machine(**p).steady_state().rho
    jumps = dense_jumps(p)[label]
    total = np.zeros(DRAWS)
    for k, (rate, jump) in enumerate(jumps):
        flow = rate * np.einsum("nij,njk,nik->n", jump, rho, jump.conj()).real
        total += flow * omega[1 + k // 2] * (1 if k % 2 else -1)
    return total


def _transition_rates(p: Point) -> Array:
    """Rates 3→4, 4→3, 2→4, 4→2 without R_C, from numerical eigenstates, shape (n, 4)."""
    _, ket = np.linalg.eigh(hamiltonian(p))
    jumps = [pair for label in "AB" for pair in dense_jumps(p)[label]]
    found = []
    for start, end in ((1, 0), (0, 1), (2, 0), (0, 2)):
        amplitudes = [
            rate * np.abs(np.einsum("ni,nij,nj->n", ket[:, :, end].conj(), jump, ket[:, :, start])) ** 2
            for rate, jump in jumps
        ]
        found.append(np.sum(amplitudes, axis=0))
    return np.stack(found, axis=-1)


def _rate_from_state(at: Point) -> float:
    m = model(point(at, 0))
    _, _, third, fourth = printed.eq05_states(m.theta)
    rho = np.outer(third, third).astype(complex)
    change = printed.eq09_independent_a(m, rho) + printed.eq10_independent_b(m, rho)
    return float((fourth @ change @ fourth).real)
