"""What man2019 says of the circuit with dephasing (section IV, figure 7)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.common.optimise import Maximum, find_root, maximise
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, fact, falls, larger, never_below
from qte.ledger.judged import Found, again, found
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.trials import (
    FIGURE_7,
    LEVEL_GROUND,
    PURE,
    RATES,
    STEP,
    Array,
    Complex,
    alone,
    falls_with_T_C,
    gain,
    heat,
    machine,
    scaled,
    signed,
    where_entangled,
)
from qte.papers.man2019.equations import eq21_dephasing

# Rates of the two curves of figure 7(c), and the dephasing rate, in GHz.
WEAK, STRONG = 1e-4, 1e-2
GAMMA = 3.5e-5


@judge("dephasing-rate-from-relaxation-times")
def dephasing_rate(rng: Generator) -> Found:
    decay = _decay_by_eq21()
    at = {"gamma": GAMMA, "Omega": 0.0, "bath_rates": 0.0}
    broken = close("decay rate of a qubit's coherence under eq. (21), over γ", decay, 1.0, 1e-9, at)
    halved, full = ({g: _best(0.7, g, gamma) for g in (STRONG, WEAK)} for gamma in (GAMMA / 2, GAMMA))
    ratios = {gamma: float(_ratio(np.array([0.7]), WEAK, gamma)[0]) for gamma in (GAMMA, GAMMA / 2)}
    return found(
        close("the same, against 2", decay, 2.0, 1e-12),
        breaks=(broken,),
        again=(
            again(broken, "exponential of the dense dephasing superoperator over the time 1/γ", _decay_again),
        ),
        printed=1.0,
        right=decay,
        strong=full[STRONG].value,
        strong_halved=halved[STRONG].value,
        weak=full[WEAK].value,
        weak_halved=halved[WEAK].value,
        ratio=ratios[GAMMA],
        ratio_halved=ratios[GAMMA / 2],
        peak_halved=_peak_of_difference(WEAK, GAMMA / 2).x,
    )


@judge("significant-entanglement-with-dephasing")
def significant(rng: Generator) -> Found:
    best, free = _best(0.7, STRONG), _best(0.7, STRONG, 0.0)
    return found(
        larger("largest C over T at the parameters of figure 7(a), T_C = 0", C=best.value, a_fifth=0.2),
        C=best.value,
        T=best.x,
        together=_best(0.7, STRONG, level=True).value,
        without_dephasing=free.value,
        lost=(free.value - best.value) / free.value,
    )


@judge("conclusion-still-valid-with-dephasing")
def still_valid(rng: Generator) -> Found:
    @where_entangled
    def colder(T: Array, T_C: Array, **q: Any) -> tuple[Array, Array]:
        p = scaled(T=T, T_C=T_C, **q)
        return np.where(T_C < T, gain(**p), np.nan), np.maximum(signed(**p), alone(**p))

    T = np.array([0.05, 0.1, 0.2, 0.3])
    bound = find_root(lambda t: gain(**FIGURE_7, T_A=T, T_B=T, T_C=t), 0.5 * T, 3 * T, shape=T.shape, scan=65)
    hotter = float(gain(**FIGURE_7, T_A=0.1, T_B=0.1, T_C=0.14))
    return found(
        never_below(
            "T_C < T never lowers C, any dephasing, at resonance, where C > 1e-4",
            colder,
            LEVEL_GROUND | PURE,
            rng,
        ),
        never_below(
            "C falls with T_C, any dephasing, at resonance, where C > 1e-4",
            falls_with_T_C,
            LEVEL_GROUND | PURE | STEP,
            rng,
        ),
        beyond=(fact("figure 7: T_C = 0.14 lowers C at T = 0.1 GHz", hotter < 0, dC=hotter),),
        hotter=hotter,
        bound=bound.x[1],
    )


@judge("dashed-line-is-thermal-equilibrium")
def dashed_line(rng: Generator) -> Found:
    T = el.geomspace(0.02, 2.0, 400)
    p = FIGURE_7 | {"T_A": T, "T_B": T, "T_C": T}
    distance = dense.distance(machine(**p).steady_state().rho, _gibbs_state(T))
    ideal = p | {"dephasing": 0.0}
    same = machine(**ideal).steady_state().rho
    return found(
        equals("without dephasing the state there is thermal", same, _gibbs_state(T), {"T": T}, scale=1.0),
        beyond=(
            fact("with dephasing it is, to 1e-10", distance.max() < 1e-10, largest_distance=distance.max()),
        ),
        distance=distance.max(),
        T=T[np.argmax(distance)],
        Q_C=np.abs(heat(**p)).max(),
    )


@judge("improvement-depends-on-coupling-and-baths")
def depends(rng: Generator) -> Found:
    at_07 = {g: float(_ratio(np.array([0.7]), g)[0]) for g in (STRONG, WEAK)}
    Omega = np.linspace(0.1, 0.95, 200)
    strong, weak = (_ratio(Omega, g, 0.0) for g in (STRONG, WEAK))
    return found(
        larger("C_neq/C_eq at Ω = 0.7 GHz", at_0_1_MHz=at_07[WEAK], at_10_MHz=at_07[STRONG]),
        falls("C_neq/C_eq at 10 MHz", lambda x: _ratio(x, STRONG), 0.1, 0.99, of="Omega"),
        equals("without dephasing it is the same for both baths", strong, weak, {"Omega": Omega}),
        weak=at_07[WEAK],
        strong=at_07[STRONG],
    )


@judge("improvement-peaks-at-higher-coupling")
def improvement_peaks(rng: Generator) -> Found:
    strong, weak = (_peak_of_difference(g) for g in (STRONG, WEAK))
    halved = [_peak_of_difference(g, GAMMA / 2).x for g in (STRONG, WEAK)]
    warm = [_peak_of_ratio(g, 0.1) for g in (STRONG, WEAK)]
    return found(
        larger("Ω at which C_neq − C_eq peaks", at_0_1_MHz=weak.x, at_10_MHz=strong.x),
        larger("the same with half the dephasing", at_0_1_MHz=halved[1], at_10_MHz=halved[0]),
        *(
            falls(f"C_neq/C_eq at T_C = 0, {1000 * g:g} MHz", partial(_ratio, rate=g), 0.05, 0.99, of="Omega")
            for g in (STRONG, WEAK)
        ),
        strong=strong.x,
        weak=weak.x,
        by_strong=strong.value,
        by_weak=weak.value,
        warm_strong=warm[0],
        warm_weak=warm[1],
    )


@judge("relative-improvement-named-as-absolute")
def relative_improvement(rng: Generator) -> Found:
    at = {"T_A": 0.4, "T_B": 0.4, "T_C": 0.1}
    base, dC = float(alone(**FIGURE_7, **at)), float(gain(**FIGURE_7, **at))
    broken = close("ΔC/C_AB, against ΔC of section III A", dC / base, dC, 1e-9, at)
    T, T_C = np.meshgrid(np.linspace(0.1, 0.75, 40), np.linspace(0.01, 1.0, 40))
    p = FIGURE_7 | {"T_A": T, "T_B": T, "T_C": T_C}
    same = np.sign(gain(**p) / alone(**p)) == np.sign(gain(**p))
    end = find_root(lambda t: alone(**FIGURE_7, T_A=t, T_B=t, T_C=0.0), 0.3, 2.0).x
    return found(
        breaks=(broken,),
        rest=(fact("both improve at the same T and T_C, wherever C_AB > 0", np.all(same), points=same.size),),
        again=(again(broken, dense.DENSE, _relative_again),),
        printed=dC / base,
        right=dC,
        end=end,
    )


@judge("substantial-improvement-accessible")
def substantial(rng: Generator) -> Found:
    ratio = np.array([_ratio(np.array([0.5, 0.7]), g) for g in (STRONG, WEAK)])
    return found(
        larger(
            "C_neq/C_eq at Ω = 0.5 and 0.7 GHz, both baths",
            ratio=ratio,
            a_tenth_more=np.full(ratio.shape, 1.1),
        ),
        least=ratio.min(),
        most=ratio.max(),
    )


# ---- parts -------------------------------------------------------------------------------------


def _curve(Omega: ArrayLike, rate: float, gamma: float, T: ArrayLike, T_C: ArrayLike) -> dict[str, Any]:
    gaps = {"eps_A": 1.0, "eps_B": 1.0, "Omega": Omega, "dephasing": gamma}
    return gaps | dict.fromkeys(RATES, rate) | {"T_A": T, "T_B": T, "T_C": T_C}


def _best(Omega: Any, rate: float, gamma: float = GAMMA, *, level: bool = False, T_C: float = 0.0) -> Maximum:
    """Largest C over T, at a fixed T_C or at T_C = T."""

    def value(T: Array) -> Array:
        return signed(**_curve(Omega, rate, gamma, T, T if level else T_C))

    return maximise(value, 0.005, 10.0, shape=np.shape(Omega), scale="log", scan=65)


def _ratio(Omega: Array, rate: float, gamma: float = GAMMA, T_C: float = 0.0) -> Array:
    """C_neq/C_eq, shape (n,)."""
    return np.asarray(_best(Omega, rate, gamma, T_C=T_C).value / _best(Omega, rate, gamma, level=True).value)


def _peak_of_difference(rate: float, gamma: float = GAMMA) -> Maximum:
    def difference(Omega: Array) -> Array:
        return np.asarray(_best(Omega, rate, gamma).value - _best(Omega, rate, gamma, level=True).value)

    return maximise(difference, 0.05, 0.99, scan=17, tolerance=1e-8)


def _peak_of_ratio(rate: float, T_C: float) -> float:
    """Omega of the largest C_neq/C_eq if R_C is no colder than T_C."""
    top = maximise(
        lambda x: el.log(np.maximum(_ratio(x, rate, T_C=T_C), 1e-9)), 0.03, 0.5, scan=33, tolerance=1e-6
    )
    return float(top.x)


def _relative_again(**at: Any) -> dict[str, float]:
    p = FIGURE_7 | at
    dC, base = float(dense.gain_again(p)), float(dense.again(p, common=False).signed)
    return {"found": dC / base, "stated": dC}


def _decay_by_eq21() -> float:
    """Decay rate of |10><00| over gamma by eq. (21)."""
    coherence = np.zeros((4, 4), dtype=complex)
    coherence[1, 3] = 1.0
    return float(-eq21_dephasing(1.0, coherence)[1, 3].real)


def _decay_again(**_: Any) -> dict[str, float]:
    """The same from the state of (|00> + |10>)/sqrt 2 after the time 1/gamma."""
    matrix = second.liouvillian(np.zeros((4, 4), dtype=complex), dense.dephasing_jumps(1.0))
    values, vectors = np.linalg.eigh(matrix)
    start = np.zeros((4, 4), dtype=complex)
    start[np.ix_([1, 3], [1, 3])] = 0.5
    end = vectors @ (el.exp(values) * (vectors.conj().T @ start.reshape(-1)))
    return {"found": float(-el.log(end.reshape(4, 4)[1, 3].real / 0.5))}


def _gibbs_state(T: Array) -> Complex:
    """Thermal states of H_S of figure 7, shape (n, 4, 4)."""
    energy, ket = np.linalg.eigh(dense.hamiltonian(FIGURE_7))
    weight = el.exp(-energy / T[:, None])
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ia,na,ja->nij", ket, weight, ket.conj()))
