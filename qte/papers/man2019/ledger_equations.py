"""Verdicts on the numbered equations of man2019."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import Comparison, compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, conditional, confirm, definition, exact, misprint
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.judging import (
    DENSE,
    DRAWS,
    LOWER,
    SOLVED,
    Array,
    Complex,
    Point,
    again,
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
)

KRONECKER = "against superoperators built from Kronecker products and numerical eigenstates, on random states"


@equation(
    "1",
    place="sec. II",
    printed=r"\hat H_0 = \epsilon_A|1\rangle_A\langle 1|\otimes\mathbb I_B + \epsilon_B\mathbb I_A\otimes|1\rangle_B\langle 1|",
)
def eq01(rng: Generator) -> Evidence:
    p = draws(rng)
    h = hamiltonian(p | {"Omega": 0.0 * p["Omega"]})
    return exact(
        compare("all sixteen entries", printed.eq01_free_hamiltonian(model(p)), h, p, scale=_size(h)),
        method="entry by entry against products of Pauli matrices",
        finding="Defines the free Hamiltonian; read and evaluated with qubit A first, |11⟩, |10⟩, |01⟩, |00⟩.",
    )


@equation(
    "2",
    place="sec. II",
    printed=r"\hat H_{int} = \Omega(\hat\sigma_+^A\otimes\hat\sigma_-^B + \hat\sigma_-^A\otimes\hat\sigma_+^B)",
)
def eq02(rng: Generator) -> Evidence:
    p = draws(rng)
    h = hamiltonian(p | {"eps_A": 0.0 * p["Omega"], "eps_B": 0.0 * p["Omega"]})
    return exact(
        compare("all sixteen entries", printed.eq02_interaction(model(p)), h, p, scale=_size(h)),
        method="entry by entry against products of Pauli matrices",
        finding="Defines the interaction; it keeps the number of excitations.",
    )


@equation(
    "3",
    place="sec. II",
    printed=r"\hat H_R = \sum_l\omega_{a,l}\hat a_l^\dagger\hat a_l + \sum_m\omega_{b,m}\hat b_m^\dagger\hat b_m + \sum_n\omega_{c,n}\hat c_n^\dagger\hat c_n",
)
def eq03(rng: Generator) -> Evidence:
    return definition("The modes of the three reservoirs; names only.")


@equation(
    "4",
    place="sec. II",
    printed=r"\hat H_{SR} = \sum_l g_{A,l}(\hat\sigma_+^A\hat a_l + \hat\sigma_-^A\hat a_l^\dagger) + \ldots",
)
def eq04(rng: Generator) -> Evidence:
    return definition(
        "The coupling to the modes. The letters g_A, g_B serve for the couplings to R_A, R_B and, told apart by the "
        "index of the mode only, to R_C."
    )


@equation(
    "5",
    place="sec. II",
    printed=r"\hat H_S = \sum_{i=1}^4 E_i|\lambda_i\rangle\langle\lambda_i|,\quad \hat H_{SR} = \sum_{j=1}^2\hat H_{SR,j}",
)
def eq05(rng: Generator) -> Evidence:
    p = _both_signs(rng)
    m, h = model(p), hamiltonian(p)
    kets = printed.eq05_states(m.theta)
    parts = zip(printed.eq05_energies(m), kets, strict=True)
    total = sum(e[:, None, None] * k[:, :, None] * k[:, None, :] for e, k in parts)
    overlap = np.einsum("iks,jks->kij", np.array(kets), np.array(kets))
    return exact(
        compare("the spectral sum against H_S", np.asarray(total), h, p, scale=_size(h)),
        compare("orthonormal states", overlap, np.broadcast_to(np.eye(4), overlap.shape), p, scale=1.0),
        method="entry by entry against products of Pauli matrices, both signs of Δε and of Ω",
        finding="Exact with the θ of the quadrant of (Δε, 2Ω), which tan θ alone leaves open (see the claim on θ).",
    )


@equation(
    "6",
    place="sec. II",
    printed=r"\hat H_{SR,j} = \sum_l g_{A,l}(\hat V_{A,j}^+\hat a_l + \hat V_{A,j}\hat a_l^\dagger) + \ldots",
)
def eq06(rng: Generator) -> Evidence:
    p = _both_signs(rng)
    jumps = printed.eq07_jump_operators(model(p).theta)
    total = {k: np.asarray(jumps[k, 1] + jumps[k, 2]) for k in LOWER}
    return exact(
        *(
            compare(
                f"V_{k},1 + V_{k},2 against σ₋ of {k}",
                total[k],
                np.broadcast_to(LOWER[k], total[k].shape),
                p,
                scale=1.0,
            )
            for k in LOWER
        ),
        method="the sum over j must give back eq. (4), mode by mode",
        finding="The two parts add up to eq. (4). V⁺ here and V† in the line below it are the same operator.",
    )


@equation(
    "7",
    place="sec. II",
    printed=r"\hat V_{A,1} = \sin\tfrac\theta2(|\lambda_2\rangle\langle\lambda_1| - |\lambda_4\rangle\langle\lambda_3|),\ \ldots",
)
def eq07(rng: Generator) -> Evidence:
    p = _both_signs(rng)
    jumps = printed.eq07_jump_operators(model(p).theta)
    _, reference = frequencies_and_jumps(p)
    return exact(
        *(
            compare(f"V_{k},{j} entry by entry", v, reference[k, j], p, scale=1.0)
            for (k, j), v in jumps.items()
        ),
        method="σ₋ cut into its frequencies between numerical eigenstates, both signs of Δε and of Ω",
        finding="All four operators, signs included, are the parts of σ₋ of one frequency each.",
    )


@equation(
    "8",
    place="sec. II",
    printed=r"\dot\rho = -i[H_S,\rho] + \mathcal L_A[\rho] + \mathcal L_B[\rho] + \mathcal L_C[\rho]",
)
def eq08(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    jumps = dense_jumps(p)
    change = _apply(hamiltonian(p), [pair for label in "ABC" for pair in jumps[label]], rho)
    steady = machine(**p).steady_state().rho
    left = printed.eq08_derivative(model(p), steady)
    return exact(
        compare(
            "right-hand side on random states", printed.eq08_derivative(model(p), rho), change, p, scale=_traffic(p)[:, None, None]
        ),
        compare("zero in the steady state", left, np.zeros_like(left), p, scale=_traffic(p)[:, None, None]),
        method=KRONECKER,
        finding="The generator, and the steady state that the machine finds for it.",
    )


@equation(
    "9",
    place="sec. II",
    printed=r"\mathcal L_A[\rho] = \sum_j\Gamma_A(\omega_j)[(\bar n_A(\omega_j)+1)(2\hat V_{A,j}\rho\hat V_{A,j}^\dagger"
    r" - \{\hat V_{A,j}^\dagger\hat V_{A,j},\rho\}) + \ldots]",
)
def eq09(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    return _dissipator(p, rho, printed.eq09_independent_a(model(p), rho), "A")


@equation(
    "10",
    place="sec. II",
    printed=r"\mathcal L_B[\rho] = \sum_j\Gamma_B(\omega_j)[(\bar n_B(\omega_j)+1)(2\hat V_{B,j}\rho\hat V_{B,j}^\dagger"
    r" - \{\hat V_{B,j}^\dagger\hat V_{B,j},\rho\}) + \ldots]",
)
def eq10(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    return _dissipator(p, rho, printed.eq10_independent_b(model(p), rho), "B")


@equation("11", place="sec. II", printed=r"\bar n_\nu(\omega_j) = \frac{1}{\exp[\omega_j/T_\nu] - 1}")
def eq11(rng: Generator) -> Evidence:
    p = {"omega": rng.uniform(0.1, 2.0, DRAWS), "T": 10 ** rng.uniform(-1, 1, DRAWS)}
    weight = np.exp(-np.outer(p["omega"] / p["T"], np.arange(6000)))
    mean = (weight * np.arange(6000)).sum(axis=1) / weight.sum(axis=1)
    return exact(
        compare("mean number of photons", printed.eq11_occupation(p["omega"], p["T"]), mean, p),
        method="Boltzmann average over the levels of one mode, 6000 of them",
        finding="The mean occupation of a mode in its thermal state.",
    )


@equation(
    "12",
    place="sec. II",
    printed=r"\mathcal L_C^{(A)}[\rho] = \sum_j\Gamma_C^{(A)}(\omega_j)[(\bar n_C(\omega_j)+1)(2\hat V_{A,j}\rho\hat V_{A,j}^\dagger - \ldots) + \ldots]",
)
def eq12(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    return _dissipator(p | {"Gamma_CB": 0.0}, rho, printed.eq12_common_a(model(p), rho), "C")


@equation(
    "13",
    place="sec. II",
    printed=r"\mathcal L_C^{(B)}[\rho] = \sum_j\Gamma_C^{(B)}(\omega_j)[(\bar n_C(\omega_j)+1)(2\hat V_{B,j}\rho\hat V_{B,j}^\dagger - \ldots) + \ldots]",
)
def eq13(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    return _dissipator(p | {"Gamma_CA": 0.0}, rho, printed.eq13_common_b(model(p), rho), "C")


@equation(
    "14",
    place="sec. II",
    printed=r"\mathcal L_C^{(AB)}[\rho] = \sum_j\Gamma_C^{(AB)}(\omega_j)[(\bar n_C(\omega_j)+1)(2\hat V_{A,j}\rho\hat V_{B,j}^\dagger"
    r" - \{\hat V_{B,j}^\dagger\hat V_{A,j},\rho\}) + \ldots]",
)
def eq14(rng: Generator) -> Evidence:
    p, rho = _both_signs(rng), states(rng)
    return _dissipator(p, rho, printed.common(model(p), rho), "C", "sum of eqs. (12) to (14) on random states")


@equation(
    "15",
    place="sec. II",
    printed=r"\eta_{22}^S = \cos^2\tfrac\theta2\lambda_{22}^S + \sin^2\tfrac\theta2\lambda_{33}^S,\quad "
    r"\eta_{23}^S = \eta_{32}^S = \tfrac12\sin\theta(\lambda_{22}^S - \lambda_{33}^S),\ \ldots",
)
def eq15(rng: Generator) -> Evidence:
    p = _both_signs(rng)
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
        ),
        outside=(_bare_elements("all five with dephasing and detuning", p | {"dephasing": gamma}),),
        conditions="No pure dephasing, or qubits at resonance.",
        method=SOLVED,
        counterexample=at,
        corrected=r"\eta_{23}^S = \tfrac12\sin\theta(\lambda_{22}^S - \lambda_{33}^S) + \cos^2\tfrac\theta2\,\lambda_{23}^S"
        r" - \sin^2\tfrac\theta2\,\lambda_{32}^S,\ \eta_{22}^S \to \eta_{22}^S - \sin\theta\,\mathrm{Re}\lambda_{23}^S,\ "
        r"\eta_{33}^S \to \eta_{33}^S + \sin\theta\,\mathrm{Re}\lambda_{23}^S",
        second=confirm(DENSE, Im_eta_23=(rho[1, 2].imag, lines[1, 2].imag), eta_22=(rho[1, 1].real, lines[1, 1].real)),
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
    p = _both_signs(rng)
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
    e = printed.BareElements(*(any_x[:, i, i].real for i in range(4)), np.abs(any_x[:, 1, 2]))
    return exact(
        compare(
            "steady states",
            printed.eq17_concurrence(steady),
            concurrence_of(np.linalg.cholesky(rho)),
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
            compare(f"Q_{k} against quanta counted", found[k], _quanta(p, k), p, scale=_traffic(p))
            for k in "ABC"
        ),
        compare("they add up to zero", found["A"] + found["B"], -found["C"], p, scale=_traffic(p)),
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
            "d⟨λ₄|ρ|λ₄⟩/dt from ρ = |λ₃⟩⟨λ₃| by eqs. (9) and (10)", Gamma_1_minus=(first, _rate_from_state(at))
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
    change = _apply(np.zeros((4, 4), dtype=complex), dephasing_jumps(p["gamma"]), rho)
    return exact(
        compare(
            "on random states", printed.eq21_dephasing(p["gamma"], rho), change, p, scale=p["gamma"][:, None, None]
        ),
        method=KRONECKER,
        finding="Pure dephasing of both bare qubits; the coherence of each decays at 2γ (see the claim on γ).",
    )


# ---- parts -------------------------------------------------------------------------------------


def _both_signs(rng: Generator) -> dict[str, Any]:
    p = draws(rng)
    return p | {"Omega": p["Omega"] * np.where(rng.random(DRAWS) < 0.5, -1.0, 1.0)}


def _size(h: Complex) -> Array:
    return np.asarray(np.abs(h).max(axis=(-1, -2), keepdims=True))


def _traffic(p: Point) -> Array:
    """Energies and rates, the size of what cancels, shape (n,)."""
    warm = sum(p[f"Gamma_{k}"] * (1 + 2 * p[f"T_{k[0]}"]) for k in ("A", "B", "CA", "CB"))
    return np.asarray(p["eps_A"] + p["eps_B"] + warm)


def _apply(h: Complex, jumps: Any, rho: Complex) -> Complex:
    """A dense superoperator on states, shape (n, 4, 4)."""
    flat = second.liouvillian(h, jumps) @ rho.reshape(-1, 16, 1)
    return np.asarray(flat[..., 0].reshape(rho.shape))


def _dissipator(
    p: Point, rho: Complex, found: Complex, label: str, what: str = "on random states"
) -> Evidence:
    change = _apply(np.zeros((4, 4), dtype=complex), dense_jumps(p)[label], rho)
    size = _traffic(p)[:, None, None]
    return exact(
        compare(what, found, change, p, scale=size),
        method=KRONECKER,
        finding="The stated dissipator, both signs of Δε and of Ω, unequal rates.",
    )


def _bare_elements(what: str, p: Point) -> Comparison:
    m = machine(**p)
    eta = printed.eq15_bare_elements(model(p).theta, tuple(populations(m)))
    rho = m.steady_state().rho
    places = ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))
    reference = np.stack([rho[:, i, k] for i, k in places], axis=-1)
    return compare(what, np.stack(eta, axis=-1), reference, p, scale=1.0)


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
