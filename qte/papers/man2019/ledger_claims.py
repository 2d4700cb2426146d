"""Verdicts on what man2019 says of its model (section II)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, holds
from qte.ledger.second import negativity
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.judging import (
    DRAWS,
    FIGURE_2,
    MIX,
    RATIO,
    SOLVED,
    WARM,
    Array,
    again,
    draws,
    equilibrium,
    hamiltonian,
    machine,
    model,
    populations,
    signed_concurrence,
)

GROUND = {"T": WARM, "T_C": WARM, "mix": MIX}


# ---- section II ----------------------------------------------------------------------------------


@claim(
    "theta-from-its-tangent",
    place="sec. II",
    says="The angle θ of the eigenstates is fixed by tan θ = 2Ω/Δε.",
)
def theta(rng: Generator) -> Evidence:
    p = draws(rng)
    m, below = model(p), model(p).delta_eps < 0
    naive = printed.eq05_states(m.theta_naive)[1]
    energy = np.einsum("ni,nij,nj->n", naive, hamiltonian(p).real, naive)
    upper = m.omega[2]
    mirrored = {"eps_A": np.minimum(p["eps_A"], p["eps_B"]), "eps_B": np.maximum(p["eps_A"], p["eps_B"])}
    above = model(p | {"eps_A": mirrored["eps_B"], "eps_B": mirrored["eps_A"]})
    under = model(p | mirrored)
    k = int(np.flatnonzero(below)[0])
    return conditional(
        inside=(_second_level("E₂ of |λ₂⟩ by the arc tangent, Δε > 0", above, p | {"swapped": ~below}),),
        outside=(_second_level("E₂ of |λ₂⟩ by the arc tangent, Δε < 0", under, p | mirrored),),
        conditions="Δε ≥ 0, or θ in the quadrant of (Δε, 2Ω), so that θ > π/2 for Δε < 0.",
        corrected=r"\theta = \mathrm{arg}(\Delta\epsilon + 2i\Omega)",
        method="energy of the printed |λ₂⟩ against E₂, 400 random machines",
        second=confirm(
            "numerical eigenvalues of H_S, the third in ascending order",
            E_2=(upper[k], np.linalg.eigvalsh(hamiltonian(p))[k, 2]),
            E_3_found_instead=(energy[k], np.linalg.eigvalsh(hamiltonian(p))[k, 1]),
        ),
        finding="The tangent leaves θ open by π. Below resonance its principal value exchanges |λ₂⟩ and |λ₃⟩ (up to a "
        "sign); the paper's figures use Δε ≥ 0 or, in figure 4, both sides, where the quadrant matters.",
    )


@claim(
    "two-frequencies",
    place="sec. II",
    says="The four transitions have two frequencies, ω₁ = E₃ − E₄ = E₁ − E₂ and ω₂ = E₁ − E₃ = E₂ − E₄.",
)
def two_frequencies(rng: Generator) -> Evidence:
    p = draws(rng)
    levels = np.linalg.eigvalsh(hamiltonian(p))
    m = model(p)
    size = p["eps_A"] + p["eps_B"]
    pairs = ((1, 1, 0), (1, 3, 2), (2, 3, 1), (2, 2, 0))
    return holds(
        *(
            compare(
                f"ω{j} against E_{4 - a} − E_{4 - b}", m.omega[j], levels[:, a] - levels[:, b], p, scale=size
            )
            for j, a, b in pairs
        ),
        method="numerical eigenvalues of H_S, 400 random machines, both signs of Δε",
        finding="Exact, as long as ω₁ > 0, that is Ω² < ε_A ε_B.",
    )


@claim(
    "jump-operators-lower-by-one-frequency",
    place="sec. II",
    says="The jump operators are eigenoperators of H_S: [H_S, V_j] = −ω_j V_j.",
)
def eigenoperators(rng: Generator) -> Evidence:
    p = draws(rng)
    m, h = model(p), hamiltonian(p)
    checks = []
    for (label, j), v in printed.eq07_jump_operators(m.theta).items():
        size = np.abs(h).max(axis=(1, 2), keepdims=True)
        checks.append(compare(f"V_{label},{j}", h @ v - v @ h, -m.omega[j][:, None, None] * v, p, scale=size))
    return holds(*checks, method="commutators of 400 random machines", finding="Exact for all four.")


@claim(
    "only-one-coherence-survives",
    place="sec. II",
    says="In the steady state only the coherence that the interaction drives survives, and it is real.",
)
def one_coherence(rng: Generator) -> Evidence:
    p = draws(rng)
    rho = again(p).rho
    others = rho.copy()
    others[:, np.arange(4), np.arange(4)] = 0
    others[:, 1, 2] = others[:, 2, 1] = 0
    return holds(
        compare("all other coherences", others, np.zeros_like(others), p, scale=1.0),
        compare("imaginary part of η₂₃", rho[:, 1, 2].imag, np.zeros(DRAWS), p, scale=1.0),
        method="dense Liouvillians with all 16 entries left free, 400 random machines",
        finding="Holds for the master equation (8). With dephasing and detuning η₂₃ gets an imaginary part: see eq. (15).",
    )


@claim(
    "concurrence-marks-entanglement",
    place="sec. II",
    says="The state is entangled exactly where C > 0, and C = 1 is its largest value.",
)
def marks_entanglement(rng: Generator) -> Evidence:
    def margin(**q: Any) -> Array:
        full = machine(**equilibrium(**q))
        value = signed_concurrence(**equilibrium(**q))
        agree = np.where(value > 0, 1.0, -1.0) * np.where(
            negativity(full.steady_state().rho) > 1e-12, 1.0, -1.0
        )
        # where the sign is not clear of round-off the two say nothing
        return np.where(np.abs(value) > 1e-5, np.minimum(agree, 1 - value), np.nan)

    return holds(
        hunt(
            "the sign of C and the partial transpose agree, and C ≤ 1", margin, GROUND | {"ratio": RATIO}, rng
        ),
        finding="The two criteria agree everywhere; 1 is approached and not passed.",
    )


@claim(
    "each-reservoir-acts-on-both-qubits",
    place="sec. II",
    says="In the global master equation each individual reservoir acts on both qubits.",
)
def acts_on_both(rng: Generator) -> Evidence:
    p = draws(rng)
    checks = []
    for own, other in (("A", "B"), ("B", "A")):
        q = p | {f"Gamma_{other}": 0.0, "Gamma_CA": 0.0, "Gamma_CB": 0.0}
        energy = np.stack(printed.eq05_energies(model(q)), axis=-1)
        weight = np.exp(-energy / q[f"T_{own}"][:, None])
        thermal = weight / weight.sum(axis=-1, keepdims=True)
        checks.append(
            compare(f"thermal populations of both qubits at T_{own}", populations(machine(**q)).T, thermal, q)
        )
    return holds(
        *checks,
        method=SOLVED + ", coupled to a single reservoir",
        finding="One reservoir alone brings the pair to its own temperature.",
    )


@claim(
    "collective-coupling-is-what-helps",
    place="sec. II, below eq. (11)",
    says="It is the collective coupling to R_C that lets the entanglement grow further.",
)
def collective(rng: Generator) -> Evidence:
    T = np.geomspace(0.5, 40.0, 400)
    p = FIGURE_2 | {"T_A": T, "T_B": T, "T_C": np.zeros_like(T)}
    with_cross, without_cross = again(p).signed, again(p, collective=False).signed
    none = again(p, without_common=True).signed
    return holds(
        fact(
            "largest C at T_C = 0: R_C; R_C without eq. (14); no R_C",
            with_cross.max() > none.max() > without_cross.max(),
            with_eq_14=with_cross.max(),
            without_eq_14=without_cross.max(),
            no_R_C=none.max(),
        ),
        method="dense Liouvillians with and without the cross terms of eq. (14), 400 temperatures at figure 2",
        finding="Without the cross terms the largest concurrence would even be lower than without R_C: the gain in it is "
        "due to eq. (14) alone.",
    )


# ---- parts -------------------------------------------------------------------------------------


def _second_level(what: str, m: printed.Model, p: Any) -> Any:
    ket = printed.eq05_states(m.theta_naive)[1]
    h = printed.eq01_free_hamiltonian(m) + printed.eq02_interaction(m)
    energy = np.einsum("ni,nij,nj->n", ket, h, ket)
    return compare(what, energy, m.omega[2], p)
