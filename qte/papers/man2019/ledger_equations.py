"""Verdicts on equations (1) to (14) of man2019, the master equation."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, definition, exact
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.judging import (
    DRAWS,
    LOWER,
    Array,
    Complex,
    Point,
    apply,
    both_signs,
    dense_jumps,
    draws,
    frequencies_and_jumps,
    hamiltonian,
    machine,
    model,
    states,
    traffic,
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
    p = both_signs(rng)
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
    p = both_signs(rng)
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
    p = both_signs(rng)
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
    p, rho = both_signs(rng), states(rng)
    jumps = dense_jumps(p)
    change = apply(hamiltonian(p), [pair for label in "ABC" for pair in jumps[label]], rho)
    steady = machine(**p).steady_state().rho
    left = printed.eq08_derivative(model(p), steady)
    return exact(
        compare(
            "right-hand side on random states",
            printed.eq08_derivative(model(p), rho),
            change,
            p,
            scale=traffic(p)[:, None, None],
        ),
        compare("zero in the steady state", left, np.zeros_like(left), p, scale=traffic(p)[:, None, None]),
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
    p, rho = both_signs(rng), states(rng)
    return _dissipator(p, rho, printed.eq09_independent_a(model(p), rho), "A")


@equation(
    "10",
    place="sec. II",
    printed=r"\mathcal L_B[\rho] = \sum_j\Gamma_B(\omega_j)[(\bar n_B(\omega_j)+1)(2\hat V_{B,j}\rho\hat V_{B,j}^\dagger"
    r" - \{\hat V_{B,j}^\dagger\hat V_{B,j},\rho\}) + \ldots]",
)
def eq10(rng: Generator) -> Evidence:
    p, rho = both_signs(rng), states(rng)
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
    p, rho = both_signs(rng), states(rng)
    return _dissipator(p | {"Gamma_CB": 0.0}, rho, printed.eq12_common_a(model(p), rho), "C")


@equation(
    "13",
    place="sec. II",
    printed=r"\mathcal L_C^{(B)}[\rho] = \sum_j\Gamma_C^{(B)}(\omega_j)[(\bar n_C(\omega_j)+1)(2\hat V_{B,j}\rho\hat V_{B,j}^\dagger - \ldots) + \ldots]",
)
def eq13(rng: Generator) -> Evidence:
    p, rho = both_signs(rng), states(rng)
    return _dissipator(p | {"Gamma_CA": 0.0}, rho, printed.eq13_common_b(model(p), rho), "C")


@equation(
    "14",
    place="sec. II",
    printed=r"\mathcal L_C^{(AB)}[\rho] = \sum_j\Gamma_C^{(AB)}(\omega_j)[(\bar n_C(\omega_j)+1)(2\hat V_{A,j}\rho\hat V_{B,j}^\dagger"
    r" - \{\hat V_{B,j}^\dagger\hat V_{A,j},\rho\}) + \ldots]",
)
def eq14(rng: Generator) -> Evidence:
    p, rho = both_signs(rng), states(rng)
    return _dissipator(
        p, rho, printed.common(model(p), rho), "C", "sum of eqs. (12) to (14) on random states"
    )


# ---- parts -------------------------------------------------------------------------------------


def _size(h: Complex) -> Array:
    return np.asarray(np.abs(h).max(axis=(-1, -2), keepdims=True))


def _dissipator(
    p: Point, rho: Complex, found: Complex, label: str, what: str = "on random states"
) -> Evidence:
    change = apply(np.zeros((4, 4), dtype=complex), dense_jumps(p)[label], rho)
    size = traffic(p)[:, None, None]
    return exact(
        compare(what, found, change, p, scale=size),
        method=KRONECKER,
        finding="The stated dissipator, both signs of Δε and of Ω, unequal rates.",
    )
