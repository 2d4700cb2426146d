"""Question 10: which equation when; two coupled levels of free electrons held against the exact state.

The second method knows no quadrature: energies at which a lead is felt are the complex ones of ``h - i Γ/2``, found by
LAPACK, and its integrals digamma functions there (SciPy); the master equations are those of `TwoQubitEngine`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.linalg import solve_sylvester
from scipy.special import digamma

from qte.common import elementary as el
from qte.common.optimise import find_root
from qte.exact.landauer import CoupledLevels, pair_concurrence, pair_margin
from qte.ledger.entries import judge
from qte.ledger.forms import fact, larger, negligible
from qte.ledger.judged import Found, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.models.two_levels import EQUATIONS, TwoLevels
from qte.papers.answers.studies_equations import errors
from qte.physics.baths import Bath
from qte.physics.spectral_densities import drude_lorentz

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# The map of the figure, in units of the rate, and its rate and cold lead.
LOW, HIGH, GAMMA, T_C = 0.15, 30.0, 0.01, 0.1
HEAT: Final = (0.3, 10.0)
# The point of the figure's lower row, in units of the rate.
POINT: Final = {"g": 0.3, "delta": 1.0, "T_h": 10.0}
DRAWS, BY_HAND = 600, 60
# To what two ways to the same number have to agree.
AGREED: Final = 1e-10
# Of the Ohmic baths of oscillators, in units of their mean frequency.
CUTOFF: Final = 20.0
# The machine of two qubits, its names of the equations.
APPROACHES: Final = {"local": "local", "secular": "global", "redfield": "redfield"}


def drawn(rng: Generator, n: int, gamma: float = GAMMA) -> TwoLevels:
    """Levels all over the map; at other rates up to the same coupling and detuning."""
    g, delta = el.spread(LOW * gamma, HIGH * GAMMA, rng.random((2, n)))
    T_h = el.spread(*HEAT, rng.random(n))
    return TwoLevels(g=g, delta=delta, gamma=gamma, T_h=T_h, T_c=T_C)


def at_point(gamma: Any, band: Any = None) -> TwoLevels:
    """The point of the lower row."""
    rate = np.asarray(gamma, dtype=float)
    g, delta = POINT["g"] * rate, POINT["delta"] * rate
    return TwoLevels(g=g, delta=delta, gamma=rate, T_h=POINT["T_h"], T_c=T_C, band=band)


def by_digamma(h: Array, gamma: float, T: tuple[float, float]) -> tuple[float, Complex]:
    """Energy current and covariance of two levels between flat leads, without an integral."""
    effective = h - 0.5j * gamma * np.eye(2)
    values, vectors = np.linalg.eig(effective)
    back = np.linalg.inv(vectors)

    def felt(z: Any, temperature: float) -> Any:
        # int f(w) i/(w - z) dw/2pi, less what is the same for all z of one temperature
        return 0.25 + 0.5j / np.pi * digamma(0.5 + 1j * z / (2 * np.pi * temperature))

    put_in = np.zeros((2, 2), dtype=complex)
    for site, temperature in enumerate(T):
        rate = np.zeros((2, 2))
        rate[site, site] = gamma
        of_h = vectors @ np.diag(felt(values, temperature)) @ back
        put_in += of_h @ rate + rate @ of_h.conj().T
    # -i(h' C - C h'^+) + N = 0
    covariance = solve_sylvester(1j * effective, (1j * effective).conj().T, put_in)
    poles = np.concatenate([values, values.conj()])
    current = 0.0
    for k in (0, 1):
        others = [poles[k] - poles[j] for j in range(4) if j != k]
        residue = poles[k] * gamma**2 * h[0, 1] ** 2 / np.prod(others)
        part = residue * (felt(poles[k], T[0]) - felt(poles[k], T[1])) / 1j
        # the constants that were left out add up to nothing: the residues and their conjugates do
        part -= residue * 0.5 / np.pi * (el.log(T[1]) - el.log(T[0]))
        current += 2 * part.real
    return current, covariance


def exact_again(levels: TwoLevels, current: Array, covariance: Complex) -> tuple[float, float]:
    """Largest distance of the integrals from the digamma functions: of J relative to it, of the covariance."""
    off_J, off_C = 0.0, 0.0
    for k in range(len(current)):
        flow, state = by_digamma(
            levels.hopping[k], float(levels.gamma), (float(levels.T_h[k]), float(levels.T_c))
        )
        off_J = max(off_J, abs(flow / float(current[k]) - 1))
        off_C = max(off_C, float(np.abs(state - covariance[k]).max()))
    return off_J, off_C


def machine_again(levels: TwoLevels) -> float:
    """Largest distance of the equations from `TwoQubitEngine`: of J relative to it, of C."""
    off = 0.0
    for equation, approach in APPROACHES.items():
        engine = TwoQubitEngine(
            eps_h=1 - levels.delta / 2,
            delta=levels.delta,
            g=levels.g,
            gamma_h=levels.gamma,
            gamma_c=levels.gamma,
            T_h=levels.T_h,
            T_c=levels.T_c,
            statistics_h="fermi",
            statistics_c="fermi",
            approach=approach,
        )
        current, covariance = levels.by(equation)
        off = max(off, float(np.abs(current / engine.heat_current("h") - 1).max()))
        off = max(off, float(np.abs(pair_concurrence(covariance) - engine.concurrence()).max()))
    return off


def bosons(rng: Generator) -> float:
    """How far the secular equation's error of J is from (γ/s)² for two oscillators in Ohmic baths, over 1 + (γ/s)²."""
    levels = drawn(rng, BY_HAND)
    fine = np.linalg.eigvalsh(levels.hopping)[:, 0] > 0.15
    h, T_h = levels.hopping[fine], levels.T_h[fine]
    density = drude_lorentz(CUTOFF)
    baths = [Bath(T, GAMMA / float(density(1.0)), spectral_density=density) for T in (T_h, T_C)]
    # what the baths pull the frequencies down by is taken back, so that the equation knows where they are
    pull = GAMMA * (el.log(1 / CUTOFF) / np.pi - CUTOFF / 2) / 2
    exact = CoupledLevels(h - pull * np.eye(2), {"h": (0, baths[0]), "c": (1, baths[1])}).energy_current("h")
    energies, vectors = np.linalg.eigh(h)
    weight = vectors**2 * density(energies)[:, None, :] * GAMMA / float(density(1.0))
    filled = [1 / el.expm1(energies / np.asarray(T)[..., None]) for T in (T_h, T_C)]
    inside = (weight[:, 0] * filled[0] + weight[:, 1] * filled[1]) / (weight[:, 0] + weight[:, 1])
    secular = (energies * weight[:, 0] * (filled[0] - inside)).sum(axis=1)
    law = (GAMMA / levels.splitting[fine]) ** 2
    return float((np.abs(secular / exact - 1 - law) / (1 + law)).max())


@judge("q10-equation-for-the-current")
def for_the_current(rng: Generator) -> Found:
    levels = drawn(rng, DRAWS)
    error = errors(levels)
    law = (levels.gamma / levels.splitting) ** 2
    off_law = np.abs(error["J_secular"] - law) / (1 + law)
    worst = {name: float(np.abs(error[f"J_{name}"]).max()) for name in EQUATIONS}
    few = drawn(rng, BY_HAND)
    off_bosons = bosons(rng)
    off_J, _ = exact_again(few, *few.exact())
    strong = errors(drawn(rng, DRAWS, 10 * GAMMA))
    sizes = np.array([np.abs(error[f"J_{name}"]) for name in ("local", "partial", "secular", "redfield")])
    best = np.mean(sizes.argmin(axis=0) == 3)
    near = levels.splitting <= 10 * levels.gamma
    return found(
        larger("the secular equation errs by (γ/s)²", bound=5e-3, off=off_law),
        larger("the partial secular equation within 1 %", bound=0.01, error=np.abs(error["J_partial"])),
        larger("the Redfield equation within 0.5 %", bound=5e-3, error=np.abs(error["J_redfield"])),
        larger("the Redfield equation is the best of them nearly everywhere", share=best, most=0.9),
        negligible("J by integrals over that by digamma functions, less 1", off_J, AGREED),
        larger("of oscillators the secular equation errs by (γ/s)², too", bound=1e-2, off=off_bosons),
        negligible("the equations and the machine of two qubits", machine_again(levels), AGREED),
        secular=worst["secular"],
        partial=worst["partial"],
        redfield=worst["redfield"],
        local=worst["local"],
        best=best,
        law=off_law.max(),
        off=AGREED,
        bosons=off_bosons,
        machine=AGREED,
        ten=np.sqrt(1 / 0.01),
        three=np.sqrt(1 / 0.1),
        close=float(np.abs(error["J_redfield"][near]).max()),
        strong_partial=np.abs(strong["J_partial"]).max(),
        strong_redfield=np.abs(strong["J_redfield"]).max(),
        gamma=GAMMA,
        strong=10 * GAMMA,
    )


def missed(gamma: Array) -> Array:
    """How much more concurrence the Redfield equation has, over its own."""
    levels = at_point(gamma)
    redfield, exact = pair_margin(levels.by("redfield")[1]), pair_margin(levels.exact()[1])
    return np.asarray((redfield - exact) / redfield)


def nearest(levels: TwoLevels) -> float:
    """Smallest error of the Redfield equation's concurrence, over the larger of the two, where there is any."""
    claimed, exact = (pair_concurrence(state) for _, state in (levels.by("redfield"), levels.exact()))
    largest = np.maximum(claimed, exact)
    there = largest > 0
    return float((np.abs(claimed - exact)[there] / largest[there]).min())


@judge("q10-equation-for-the-entanglement")
def for_the_entanglement(rng: Generator) -> Found:
    shares = (0.01, 0.1, 1.0)
    rates = find_root(
        lambda x: missed(x) - np.array(shares), 1e-5, 0.1, shape=(3,), scale="log", tolerance=1e-8
    ).x
    ends = np.array([1e-4, 1e-3])
    order = float(el.log(missed(ends)[1] / missed(ends)[0]) / el.log(10.0))
    here = at_point(GAMMA)
    beside = errors(here)["c_redfield"]
    claimed = {name: float(pair_concurrence(here.by(name)[1])) for name in EQUATIONS}
    truth = float(pair_concurrence(here.exact()[1]))
    narrow, wide = (float(pair_concurrence(at_point(GAMMA, band).exact()[1])) for band in (0.03, 30.0))
    _, state = by_digamma(here.hopping, GAMMA, (POINT["T_h"], T_C))
    again = float(pair_concurrence(state))
    least = nearest(drawn(rng, DRAWS))
    false = drawn(rng, DRAWS)
    cold = TwoLevels(g=false.g, delta=false.delta, gamma=GAMMA, T_h=1.0, T_c=T_C)
    none = pair_margin(cold.exact()[1]) <= 0
    invented = np.mean(none & (pair_margin(cold.by("redfield")[1]) > 0))
    return found(
        fact("the error of C is of first order in γ", abs(order - 1) < 0.02, order=order),
        larger("every equation that keeps the coherence claims more", **_two(claimed, truth)),
        larger(
            "a narrow band has more than the equation, a flat one less",
            narrow=narrow,
            redfield=claimed["redfield"],
        ),
        larger("and a flat one less", redfield=claimed["redfield"], wide=wide),
        negligible("C by integrals and by digamma functions", again - truth, AGREED),
        larger("entanglement is claimed where there is none", share=invented, none=0.01),
        larger("nowhere on the map is the concurrence right to 5 %", error=least, bound=0.05),
        one=rates[0],
        ten=rates[1],
        all=rates[2],
        coherence=beside,
        least=least,
        hottest=HEAT[1],
        exact=truth,
        redfield=claimed["redfield"],
        local=claimed["local"],
        narrow=narrow,
        wide=wide,
        invented=invented,
        off=AGREED,
        order=order,
        gamma=GAMMA,
        W_narrow=0.03,
        W_wide=30.0,
        g=POINT["g"],
        delta=POINT["delta"],
        T_h=POINT["T_h"],
    )


def _two(claimed: dict[str, float], truth: float) -> dict[str, Any]:
    kept = np.array([claimed[name] for name in ("local", "partial", "redfield", "shifted")])
    return {"claimed": kept, "exact": np.full(4, truth)}


@judge("q10-lamb-shift")
def lamb_shift(rng: Generator) -> Found:
    rates = np.array([1e-3, 1e-2])
    levels = at_point(rates)
    current, _ = levels.exact()
    bare, shifted = (np.abs(levels.by(name)[0] / current - 1) for name in ("redfield", "shifted"))
    slope = float(el.log(shifted[1] / shifted[0]) / el.log(10.0))
    error = errors(drawn(rng, DRAWS))
    ratio = np.abs(error["J_shifted"]) / np.maximum(np.abs(error["J_redfield"]), 1e-12)
    again = [by_digamma(levels.hopping[k], float(rates[k]), (POINT["T_h"], T_C))[0] for k in (0, 1)]
    return found(
        fact("with the shift the error of J is of first order in γ", abs(slope - 1) < 0.02, order=slope),
        larger("without it is smaller at every rate", shifted=shifted, bare=bare),
        larger("and in the median of the map by more than ten", ratio=np.median(ratio), ten=10.0),
        negligible(
            "J by integrals over that by digamma functions, less 1", np.array(again) / current - 1, AGREED
        ),
        with_it=shifted[1],
        without=bare[1],
        median=np.median(ratio),
        worst=np.abs(error["J_shifted"]).max(),
        worst_without=np.abs(error["J_redfield"]).max(),
        off=AGREED,
        gamma=GAMMA,
    )
