"""Verdicts where the texts of khandelwal2020 differ from each other, and on the approaches they rest on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import compare, fact
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, confirm, fails, undecided
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020 import equations as printed
from qte.papers.khandelwal2020.judging import (
    BOTH,
    DENSE,
    FIGURE,
    Array,
    dense,
    figure,
    globally,
    local,
    weak,
    weak_draws,
)


@claim(
    "matrix-size",
    place="sec. 2, app. A",
    says="M is a 15 × 16 matrix.",
    versions=("preprint",),
    against="the published text: 15 × 15; and both texts use M⁻¹",
)
def matrix_size(rng: Generator) -> Evidence:
    at = FIGURE | {"T_h": 0.7, "delta": 0.01}
    matrix, b = printed.eq29_matrix(weak(at)), printed.eq30_vector(weak(at))
    solved, copy = -np.linalg.solve(matrix, b), dense(at)
    return fails(
        fact(
            "M has 16 columns",
            matrix.shape[1] == 16,
            at={"rows": matrix.shape[0], "columns": matrix.shape[1]},
            rank=int(np.linalg.matrix_rank(matrix)),
        ),
        method="matrix of eq. (29), its rank, and the solution −M⁻¹b",
        second=confirm(
            DENSE, r1=(solved[0].real, copy.rho[0, 0].real), coherence=(abs(solved[6]), copy.coherence)
        ),
        finding="With the last population eliminated 15 unknowns stay, and M is square and invertible; a 15 × 16 matrix has no inverse. "
        "Corrected in the published text.",
        size="A matter of counting; no number changes.",
        consequence="None.",
    )


@claim(
    "comma-in-eq-17",
    place="below eq. (17)",
    says="Read literally, C of eq. (17) ends with the comma after the product of sums of squares.",
    versions=("published",),
    against="the preprint has no comma: the two terms below it belong to C",
)
def comma(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    rho = local(**p).steady_state().rho
    r1, r4 = rho[:, 0, 0].real, rho[:, 3, 3].real
    n = printed.eq16_margin(rho[:, 1, 2], r1, r4)
    at = FIGURE | {"T_h": 0.7, "delta": 0.0}
    short, copy = float(_cut_margin(at)), dense(at)
    sixteen = (
        np.sqrt(4 * copy.coherence**2 + (copy.rho[0, 0] - copy.rho[3, 3]).real ** 2)
        - (copy.rho[0, 0] + copy.rho[3, 3]).real
    ) / 2
    return fails(
        compare("n with C up to the comma", _cut_margin(p), n, p, scale=r1 + r4),
        right=(compare("n with the whole of C", printed.eq17_margin(weak(p)), n, p, scale=r1 + r4),),
        method="both readings against eq. (16) on the steady state of 400 random engines",
        second=confirm(DENSE, n=(local(**at).negativity(), sixteen)),
        counterexample=at | {"n with C up to the comma": short, "n": float(sixteen)},
        finding="Only the whole of C is right; the comma is a slip of the pen.",
        size=f"Read with the comma as its end: n = {short:.6g} instead of {float(sixteen):.6g} at figure 2's T_h = 0.7, δ = 0.",
        consequence="None.",
    )


@claim(
    "local-approach-justified",
    place="sec. 2",
    says="The local master equation is justified for g ≲ γ_j ≪ ε_j.",
    versions=("published",),
    against="the preprint asks for g ≪ ε and γ_j ≪ ε only",
)
def local_justified(rng: Generator) -> Evidence:
    delta = np.array([0.0, 0.01, 0.05])
    engine, full = figure(T_h=0.7, delta=delta), figure(T_h=0.7, delta=delta, approach="redfield")
    j, n = engine.net_current() / full.net_current() - 1, engine.negativity() / full.negativity() - 1
    at = FIGURE | {"T_h": 0.7, "delta": 0.01}
    one, copy = local(**at), dense(at)
    secular = globally(**at)
    return approximately(
        fact(
            "J and N within 2 % of the Redfield equation at the figures' parameters",
            bool(np.all(np.abs(j) < 0.02) and np.all(np.abs(n) < 0.02)),
            delta=delta,
            J_off_by=j,
            N_off_by=n,
        ),
        numbers={
            "J of the global approach there (δ = 0.01)": secular.net_current(),
            "J of the local approach": one.net_current(),
        },
        method="Redfield equation without Lamb shift, same baths, T_h = 0.7",
        second=confirm(
            DENSE,
            J_local=(one.net_current(), copy.J),
            J_global=(secular.net_current(), dense(at, "global").J),
        ),
        finding="Good to 1e-5 at resonance and to a few parts in a thousand at δ = 0.01 ε_h, where the global equation gives another current "
        "altogether.",
    )


@claim(
    "local-approach-weak-g",
    place="sec. 2",
    says="The local master equation is justified if g ≪ ε (and γ_j ≪ ε).",
    versions=("preprint",),
    against="the published text asks for g ≲ γ_j as well",
)
def local_weak_g(rng: Generator) -> Evidence:
    g = np.array([0.005, 0.02, 0.05])
    p: dict[str, Any] = FIGURE | {"T_h": 0.7, "delta": 0.0, "g": g}
    engine, full = local(**p), local(**p, approach="redfield")
    j, c = engine.net_current() / full.net_current() - 1, _coherence(engine) / _coherence(full) - 1
    at = p | {"g": 0.05}
    one = local(**at)
    return approximately(
        fact(
            "J within 1 % for g up to 50 γ_h",
            bool(np.all(np.abs(j) < 0.01)),
            g=g,
            J_off_by=j,
            coherence_off_by=c,
        ),
        method="Redfield equation without Lamb shift, same baths, T_h = 0.7, δ = 0",
        second=confirm(
            DENSE, J=(one.net_current(), dense(at).J), coherence=(_coherence(one), dense(at).coherence)
        ),
        finding="The current stays right far beyond g ≈ γ, as long as g ≪ ε. The coherence does not: its real part, of order "
        "g/ε and left out by the local equation, is no longer small against the imaginary part, of order γ/g.",
    )


@claim(
    "global-approach-justified",
    place="sec. 2, sec. 6",
    says="The global master equation is justified for g ≫ γ_j.",
    versions=("published",),
)
def global_justified(rng: Generator) -> Evidence:
    g = np.array([0.5, 0.8, 0.9])
    p: dict[str, Any] = {
        "eps_h": 1.0,
        "delta": 0.0,
        "g": g,
        "gamma_h": 0.01,
        "gamma_c": 0.01,
        "T_h": 0.4,
        "T_c": 0.01,
    }
    engine, full = globally(**p), local(**p, approach="redfield")
    j, n = engine.net_current() / full.net_current() - 1, engine.negativity() / full.negativity() - 1
    at = p | {"g": 0.8}
    one, copy = globally(**at), dense(at, "global")
    return approximately(
        fact(
            "J and N within 2 % of the Redfield equation, γ_c = 0.01",
            bool(np.all(np.abs(j) < 0.02) and np.all(np.abs(n) < 0.02)),
            g=g,
            J_off_by=j,
            N_off_by=n,
        ),
        method="Redfield equation without Lamb shift, same baths, T_h = 0.4, T_c = 0.01",
        second=confirm(DENSE, J=(one.net_current(), copy.J), N=(one.negativity(), copy.N)),
        finding="At figure 6's couplings the secular equation agrees with the Redfield one as well as stated.",
    )


@claim(
    "names-of-kappa",
    place="sec. 5",
    says="The text on figure 5 varies 'κ₁' and speaks once of 'k_max'.",
    versions=BOTH,
    against="figure 5's axes and caption: κ_h; the text elsewhere: κ_max",
)
def names(rng: Generator) -> Evidence:
    return undecided("Two slips of notation; read as κ_h and κ_max, which is what figures 4 and 5 show.")


@claim(
    "colours-and-values",
    place="figures 2 to 4, 6",
    says="Curves are 'for different values of T_h' and of g; the captions do not say which.",
    versions=BOTH,
)
def values(rng: Generator) -> Evidence:
    return undecided(
        "The legends did not survive in the texts at hand, so no curve can be compared with a printed one by its value; the values in "
        "config.yaml are ours."
    )


@claim(
    "detuning-limit",
    place="sec. 2",
    says="δ must be much smaller than the gaps for the local analysis to be valid.",
    versions=BOTH,
)
def detuning_limit(rng: Generator) -> Evidence:
    delta = np.array([0.01, 0.05, 0.12, 0.3])
    engine, full = figure(T_h=0.7, delta=delta), figure(T_h=0.7, delta=delta, approach="redfield")
    j = engine.net_current() / full.net_current() - 1
    at = FIGURE | {"T_h": 0.7, "delta": 0.3}
    one, copy = local(**at), dense(at)
    return approximately(
        fact(
            "the current's error grows with δ", bool(np.all(np.diff(np.abs(j)) > 0)), delta=delta, J_off_by=j
        ),
        method="Redfield equation without Lamb shift, same baths, T_h = 0.7",
        second=confirm(DENSE, J_at_0_3=(one.net_current(), copy.J)),
        finding="The error against the Redfield equation grows in step with δ/ε_h.",
    )


# ---- what the entries share ------------------------------------------------------------------------


def _coherence(engine: TwoQubitEngine) -> Array:
    return np.abs(engine.steady_state().rho[..., 1, 2])


def _cut_margin(p: Any) -> Array:
    """Eq. (17) with C read up to the comma."""
    w = weak(p)
    (hp, hm), (cp, cm), n = w.rates("h"), w.rates("c"), printed.eq09_notation(w)
    split = 4 * np.square(w.delta) + n.total**2
    left_out = -(hm * hp + cm * cp) * (hm * cp + hp * cm) - 8 * hm * hp * cm * cp
    g2 = np.square(w.g)
    a = np.square(w.gamma_h) + np.square(w.gamma_c) + 2 * (hp + cm) * (hm + cp)
    linear = 4 * g2 * a + (hm * cm + hp * cp) * split
    root = (2 * n.chi * printed.eq17_margin(w) + linear) ** 2 - 8 * g2 * left_out * split
    return np.asarray((np.sqrt(root) - linear) / (2 * n.chi))
