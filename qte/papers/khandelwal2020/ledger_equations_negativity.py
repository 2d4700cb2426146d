"""Verdicts on the equations of khandelwal2020 about negativity and critical current (section 4, appendix A.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import compare, fact
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, conditional, confirm, definition, exact
from qte.papers.khandelwal2020 import equations as printed
from qte.papers.khandelwal2020.judging import (
    DENSE,
    DRAWS,
    Array,
    Complex,
    again,
    both,
    local,
    weak,
    weak_draws,
)
from qte.papers.khandelwal2020.judging_equations import SOLVED, current_scale


@equation(both(14), place="sec. 4", printed=r"N(\rho) := \sum_{\lambda_i < 0}|\lambda_i|")
def eq14(rng: Generator) -> Evidence:
    return definition("Negativity, from the eigenvalues of the partial transpose.")


@equation(both(15), place="sec. 4", printed=r"N(\rho_{ss}) = \max\{0, n(\rho_{ss})\}")
def eq15(rng: Generator) -> Evidence:
    p, _, r, c = _solved(rng)
    found = printed.eq15_negativity(printed.eq16_margin(c, r.r1, r.r4))
    return _negativity(p, found, r, c)


@equation(
    both(16),
    place="sec. 4",
    printed=r"n(\rho_{ss}) = \tfrac12\left(\sqrt{4|c|^2 + (r_1 - r_4)^2} - (r_1 + r_4)\right)",
)
def eq16(rng: Generator) -> Evidence:
    p, rho, r, c = _solved(rng)
    split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
    # of the block of |11> and |00>, whose smaller eigenvalue is -n
    block = np.stack([[split[:, 0, 0], split[:, 0, 3]], [split[:, 3, 0], split[:, 3, 3]]]).transpose(2, 0, 1)
    least = np.linalg.eigvalsh(block)[:, 0]
    return exact(
        compare(
            "n against the block's smaller eigenvalue",
            printed.eq16_margin(c, r.r1, r.r4),
            -least,
            p,
            scale=r.r1 + r.r4,
        ),
        method="numerical eigenvalues of the partial transpose, " + SOLVED,
        finding="Exact, whatever its sign.",
    )


@equation(
    both(17),
    place="sec. 4",
    printed=r"n(\rho_{ss}) = \frac{1}{2\chi}\Big[-4g^2A - B(4\delta^2 + \Gamma^2) + "
    r"\sqrt{16g^4(\gamma_h + \gamma_c)^2\Gamma^2 + 8g^2C(4\delta^2 + \Gamma^2) + D(4\delta^2 + \Gamma^2)^2}\Big]",
)
def eq17(rng: Generator) -> Evidence:
    p, _, r, c = _solved(rng)
    found, n = printed.eq17_margin(weak(p)), printed.eq16_margin(c, r.r1, r.r4)
    return exact(
        compare("n from A, B, C, D", found, n, p, scale=r.r1 + r.r4),
        method=SOLVED,
        finding="Exact for bosonic baths, with the whole of C. The published text has a comma in the middle of C, after "
        "the product of sums of squares; the two terms below it belong to C (the preprint has no comma).",
    )


@equation(
    both(18),
    place="sec. 4.1",
    printed=r"J_{ss} > 4g(\varepsilon_h\Gamma_c + \varepsilon_c\Gamma_h)\sqrt{\frac{r_1r_4}{\Gamma^2 + 4\delta^2}} := J_c",
)
def eq18(rng: Generator) -> Evidence:
    p = _biased(weak_draws(rng, 20 * DRAWS))
    inside, value = _witness(p), printed.eq18_critical_current(weak(p))
    preprint = printed.preprint_eq18_critical_current(weak(p))
    negative = p | {"g": -p["g"]}
    at = {"eps_h": 1.0, "delta": 0.0, "g": 1.6e-3, "gamma_h": 1.1e-2, "gamma_c": 1e-3, "T_h": 0.1, "T_c": 0.7}
    engine, copy = local(**at), again(at)
    return conditional(
        inside=(
            compare("J_c against |J| √(r₁r₄)/|c|, g > 0", value, inside, p),
            compare("the preprint's form against the published one", preprint, value, p),
        ),
        outside=(
            compare(
                "the same for g < 0", printed.eq18_critical_current(weak(negative)), _witness(negative), p
            ),
            fact(
                "the state is entangled only if J > J_c, heat flowing backwards",
                bool(engine.net_current() > engine.critical_current()),
                at=at,
                J=engine.net_current(),
                J_c=engine.critical_current(),
                N=engine.negativity(),
            ),
        ),
        conditions="for g > 0 and a current in the forward direction, n_h(ε_h) > n_c(ε_c); in general |J| > |J_c|",
        counterexample=at,
        method=SOLVED + "; J_c as the current at which |c|² would equal r₁r₄",
        second=confirm(DENSE, J=(engine.net_current(), copy.J), N=(engine.negativity(), copy.N)),
        finding="The criterion |c|² > r₁r₄ is about moduli. Where heat flows from the bath called cold to the one called "
        "hot, the engine can be entangled with J < 0 < J_c; with g < 0 the printed J_c is negative. The preprint "
        "writes the prefactor under the root, as a square: the same for g > 0, and right for either sign of g.",
        size="None in the figures, where T_h > T_c, δ ≥ 0 and g > 0.",
        consequence="None for the paper's own setting; the modulus makes the witness independent of which bath is hot.",
    )


@equation(
    both(31, 23),
    place="app. A.2 (preprint: app. B)",
    printed=r"\lambda_1 = r_2,\ \lambda_2 = r_3,\ \lambda_{3,4} = \tfrac12\left(\mp\sqrt{4|c|^2 + (r_1 - r_4)^2} + r_1 + r_4\right)",
)
def eq31(rng: Generator) -> Evidence:
    p, rho, r, c = _solved(rng)
    split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
    values = np.sort(np.stack(printed.eq31_eigenvalues(r, c), axis=-1), axis=-1)
    return exact(
        compare("four eigenvalues of the partial transpose", values, np.linalg.eigvalsh(split), p, scale=1.0),
        method="numerical eigenvalues, " + SOLVED,
        finding="Exact.",
    )


@equation(both(32, 24), place="app. A.2 (preprint: app. B)", printed=r"N(\rho_{ss}) = \max\{0, -\lambda_3\}")
def eq32(rng: Generator) -> Evidence:
    p, _, r, c = _solved(rng)
    return _negativity(p, printed.eq32_negativity(r, c), r, c)


def _negativity(p: Any, found: Array, r: printed.Populations, c: Complex) -> Evidence:
    rho = printed.eq06_state(r, c)
    return exact(
        compare("N", found, second.negativity(rho), p, scale=r.r1 + r.r4),
        method="numerical eigenvalues of the partial transpose, " + SOLVED,
        finding="Exact.",
    )


def _solved(rng: Generator) -> tuple[dict[str, Any], Complex, printed.Populations, Complex]:
    p = weak_draws(rng)
    rho = local(**p).steady_state().rho
    return p, rho, printed.Populations(*(rho[:, i, i].real for i in range(4))), rho[:, 1, 2]


def _witness(p: Any) -> Array:
    """The current at which |c|² would be r₁r₄, from the state alone."""
    engine = local(**p)
    rho = engine.steady_state().rho
    outer = np.sqrt(rho[:, 0, 0].real) * np.sqrt(rho[:, 3, 3].real)
    return np.asarray(np.abs(engine.net_current()) * outer / np.abs(rho[:, 1, 2]))


def _biased(p: dict[str, Any]) -> dict[str, Any]:
    """Draws whose current is not the small difference of large flows, so that |J|/|c| keeps its digits."""
    current, (hot, cold) = np.abs(local(**p).net_current()), (weak(p).rates(side) for side in ("h", "c"))
    exchanged = hot.plus + cold.plus
    clear = (current > 0.05 * current_scale(p)) & (current > 1e-3 * exchanged)
    return {name: np.asarray(value)[clear][:DRAWS] for name, value in p.items()}
