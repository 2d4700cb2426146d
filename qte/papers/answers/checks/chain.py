"""Question 8: how long a chain has to be, where it is entangled, and what it rectifies meanwhile.

The second method writes the master equation of the qubits as a dense matrix, in the frame that rotates with them;
it knows neither free fermions nor the solvers of the machines.  Units: hbar = k_B = omega = 1.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from qte.common import elementary as el
from qte.common import matrices
from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, negligible, never_below
from qte.ledger.judged import Found, found
from qte.ledger.numbers import rounded
from qte.machines.spin_chain import SpinChain
from qte.papers.answers.studies_chain import (
    BATHS,
    HOTTEST,
    Chain,
    bond_concurrence,
    hot_rate,
    lowest_cold_rate,
    stiffness,
)
from qte.papers.santiagogarcia2024.parts import largest_difference
from qte.sweeps.optimise_many import Optimum, maximise_over

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# So faint that all rates of the hunts stay far below the gap.
SCALE: Final = 1e-9
FREE: Final = Chain(g=SCALE, rate_min=1e-3, rate_max=1e4)
RATES: Final = {"x": Range(1e-3, 1e3, log=True), "y": Range(1e-3, 1e3, log=True)}
HEAT: Final = {"T_L": Range(0.05, 1e3, log=True), "T_R": Range(0.02, 1e3, log=True)}
WARM: Final = {"T_L": Range(0.1, 10.0, log=True), "T_R": Range(0.1, 10.0, log=True)}
PAIRS: Final = ("fermi, fermi", *BATHS)
LONG: Final = 6
# To what both methods have to agree.
AGREED: Final = 1e-10


def between(
    n: int,
    left: ArrayLike,
    right: ArrayLike,
    heat: tuple[ArrayLike, ArrayLike],
    baths: str,
    system: str = "qubit",
) -> SpinChain:
    """A chain whose bare couplings are `left` and `right`, over 2 g, between a left and a right temperature."""
    statistics_L, statistics_R = baths.split(", ")
    return SpinChain(
        N=n,
        g=SCALE,
        gamma_L=2 * SCALE * np.asarray(left),
        gamma_R=2 * SCALE * np.asarray(right),
        T_L=heat[0],
        T_R=heat[1],
        statistics_L=statistics_L,
        statistics_R=statistics_R,
        system=system,
    )


def driven(n: int, x: ArrayLike, y: ArrayLike, T_L: ArrayLike, T_R: ArrayLike) -> SpinChain:
    """A chain whose ends relax at 2 g x and 2 g y whatever the temperatures: two Fermi baths."""
    return between(n, x, y, (T_L, T_R), "fermi, fermi")


def bosonic(n: int, coupling: ArrayLike, T_L: ArrayLike, T_R: ArrayLike) -> SpinChain:
    """A chain with equal couplings to two Bose baths."""
    return between(n, coupling, coupling, (T_L, T_R), "bose, bose")


def hot_left(margin: Array, T_L: Array, T_R: Array) -> Array:
    """The margin where the left bath is the hot one, NaN elsewhere."""
    return np.asarray(np.where(T_L > T_R, margin, np.nan))


@judge("q8-three-qubits-entangle-more-than-two")
def three_more_than_two(rng: Generator) -> Found:
    def gain(*, x: Array, y: Array, T_L: Array, T_R: Array) -> Array:
        three, two = (bond_concurrence(driven(n, x, y, T_L, T_R), n - 1) for n in (3, 2))
        return hot_left((three - two) / driven(2, x, y, T_L, T_R).occupations()[..., 0], T_L, T_R)

    def elsewhere(*, x: Array, y: Array, T_L: Array, T_R: Array) -> Array:
        chain = driven(LONG, x, y, T_L, T_R)
        near = [bond_concurrence(chain, k) for k in range(1, LONG - 1)]
        largest = np.max([*near, *distant_concurrence(chain)], axis=0)
        return hot_left(-largest / bond(chain), T_L, T_R)

    def below(*, x: Array, y: Array, T_L: Array, T_R: Array) -> Array:
        return hot_left(three - bond_concurrence(driven(3, x, y, T_L, T_R), 2), T_L, T_R)

    tops = {n: summit(n) for n in (2, 3)}
    dense = {n: dense_summit(n) for n in (2, 3)}
    agreement = max(largest_difference(tops[n].value, dense[n]) for n in (2, 3))
    at = {"ratio": 100.0, "x": 7.6e-6, "y": 3.9e-7}
    filtered = [unequal_bonds(**at), unequal_bonds(ratio=1000.0, x=1e-5, y=1e-7)]
    # dense matrices with rates so far below the bonds know four digits
    best = rounded(filtered[0], 4)
    three = float(tops[3].value)
    return found(
        fact("two climbs reach the same maxima", agreement < AGREED, two=dense[2], three=dense[3]),
        never_below("three entangle more than two at the same rates", gain, RATES | HEAT, rng),
        never_below("no other pair of six is entangled", elsewhere, RATES | HEAT, rng),
        never_below("no rates and no temperatures give more", below, RATES | HEAT, rng),
        *dense_states(rng),
        beyond=(fact("no chain with unequal bonds entangles more", best <= three, at, of_four=best),),
        two=tops[2].value,
        three=three,
        more=three / float(tops[2].value) - 1,
        x=tops[3].x["x"],
        y=tops[3].x["y"],
        agreement=AGREED,
        agreeing=int(tops[3].agreeing),
        starts=tops[3].starts,
        unequal=filtered,
        cuts=[cut(n) for n in (2, 3, 4)],
        redfield=redfield_concurrence(1e-3, 20.0, 1.0, float(tops[3].x["y"])),
        local=bond_concurrence(FREE.chain(3, 20.0, 1.0, tops[3].x["y"]), 2),
    )


@judge("q8-equal-couplings-entangle-three")
def equal_couplings(rng: Generator) -> Found:
    def two(*, ratio: Array, T_L: Array, T_R: Array) -> Array:
        chain = bosonic(2, ratio, T_L, T_R)
        return hot_left(-bond_concurrence(chain, 1) / bond(chain), T_L, T_R)

    top = maximise_over(
        lambda ratio, T_L: bond_concurrence(bosonic(3, ratio, T_L, 0.0), 2),
        {"ratio": (1e-2, 1e2, "log"), "T_L": (0.1, 100.0, "log")},
    )
    ratio, hot = float(top.x["ratio"]), float(top.x["T_L"])
    dense = dense_concurrence(3, ratio * float(stiffness(hot)), ratio, half_filling(hot))
    machine = bosonic(3, ratio, hot, 0.0)
    return found(
        never_below("two qubits are separable", two, {"ratio": RATES["x"]} | HEAT, rng),
        close("concurrence of the dense master equation there", dense, float(top.value), AGREED),
        negligible("contrast of three", machine.contrast(), 1e-15),
        concurrence=top.value,
        ratio=ratio,
        hot=hot,
        difference=AGREED,
        agreeing=int(top.agreeing),
        starts=top.starts,
    )


@judge("q8-entanglement-and-rectification-together")
def together(rng: Generator) -> Found:
    def within(*, x: Array, y: Array, T_L: Array, T_R: Array, baths: str) -> Array:
        k, j = stiffness(T_L), stiffness(T_R)
        return hot_left((k - j) / (k + j) - swapped_contrast(x, y, T_L, T_R, baths), T_L, T_R)

    hot = np.array([1.0, 10.0, 100.0, 1000.0])
    top = summit(3, hot)
    at_summit = {b: FREE.chain(3, hot, top.x["x"], top.x["y"], b).contrast() for b in PAIRS}
    bounds, deficits = frontier_holds(rng)
    return found(
        never_below("contrast at most (k_L - k_R)/(k_L + k_R)", within, RATES | HEAT | {"baths": PAIRS}, rng),
        never_below("oscillators are not entangled", least_symplectic, RATES | WARM | {"baths": PAIRS}, rng),
        *bounds,
        fact(
            "contrast at the summit nears its bound",
            all(np.all(np.diff(at_summit[b]) > 0) and at_summit[b][-1] > 0.98 for b in BATHS),
            **{b.replace(", ", "_"): at_summit[b][-1] for b in BATHS},
        ),
        fact("two Fermi baths never rectify", bool(np.all(at_summit["fermi, fermi"] == 0)), contrast=0.0),
        hot=list(map(float, hot)),
        warm=[at_summit[b][1] for b in BATHS],
        hottest=[at_summit[b][-1] for b in BATHS],
        bound=[float((k - 1) / (k + 1)) for k in stiffness(hot)],
        summit=list(map(float, top.value)),
        below=list(deficits.values()),
    )


# ---- what the entries look at -------------------------------------------------------------------


def summit(n: int, hot: ArrayLike = HOTTEST) -> Optimum:
    """The largest concurrence at the cold end over both rates."""
    hot = np.asarray(hot, dtype=float)
    rate = (1e-2, 1e2, "log")
    return maximise_over(
        lambda x, y: bond_concurrence(FREE.chain(n, hot, x, y), n - 1),
        {"x": rate, "y": rate},
        shape=hot.shape,
        starts=12,
    )


def half_filling(hot: float) -> float:
    """Occupation that the hot bath alone would give, from its textbook form."""
    return float(1 / (el.exp(1 / hot) + 1))


def bond(chain: SpinChain) -> Array:
    """|<s_j^+ s_(j+1)>|, the same at every bond, shape (...)."""
    return np.abs(chain.correlations((1, 2))[..., 0, 1].imag)


def distant_concurrence(chain: SpinChain) -> Array:
    """``2 (|<s_i^+ s_j>| - sqrt(p_1 p_4))`` of all pairs of sites that are no neighbours, shape (pairs, ...).

    Only neighbours are correlated among the fermions, and the string between i and j makes
    ``2^(r - 1) c^r`` of the r bonds between them.
    """
    n = np.moveaxis(chain.occupations(), -1, 0)
    c = bond(chain)
    found_ = []
    for i in range(len(n)):
        for j in range(i + 2, len(n)):
            outer = np.sqrt(n[i] * n[j]) * np.sqrt((1 - n[i]) * (1 - n[j]))
            found_.append(2 * (2 ** (j - i - 1) * el.power(c, j - i) - outer))
    return np.asarray(found_)


def dense_state(n: int, x: ArrayLike, y: ArrayLike, f: float, bonds: tuple[float, ...] = ()) -> Complex:
    """States of n qubits from the dense master equation, 2 g = 1 and the cold bath empty, shape (..., 2^n, 2^n)."""
    g = bonds or (0.5,) * (n - 1)
    h = sum(g[k] * second.exchange(k, k + 1, n) for k in range(n - 1))
    x, y = (np.asarray(rate, dtype=float) for rate in (x, y))
    first, last = second.lower(0, n), second.lower(n - 1, n)
    return second.steady(np.asarray(h, dtype=complex), [(x * (1 - f), first), (x * f, first.T), (y, last)])


def reduced(rho: Complex, n: int, pair: tuple[int, int]) -> Complex:
    """States of two of n qubits, counted from 0, shape (..., 4, 4)."""
    grid = rho.shape[:-2]
    t = rho.reshape(*grid, *(2,) * (2 * n))
    for k in sorted(set(range(n)) - set(pair), reverse=True):
        left = (t.ndim - len(grid)) // 2
        t = np.trace(t, axis1=len(grid) + k, axis2=len(grid) + k + left)
    return np.asarray(t.reshape(*grid, 4, 4))


def dense_concurrence(n: int, x: float, y: float, f: float = 0.5) -> float:
    """Wootters' concurrence of the two qubits at the cold end."""
    return float(second.concurrence(reduced(dense_state(n, x, y, f), n, (n - 2, n - 1))))


def dense_summit(n: int) -> float:
    """The largest of `dense_concurrence`, by another optimiser."""
    best = minimize(
        lambda v: -dense_concurrence(n, float(el.exp(v[0])), float(el.exp(v[1]))),
        [0.0, 1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-13},
    )
    return float(-best.fun)


def dense_states(rng: Generator) -> tuple[Any, ...]:
    """Wick's theorem against dense states of three qubits and of four, and chains of several lengths."""
    draws = el.power(10.0, rng.uniform(-0.7, 0.7, (2, 240)))
    points = {"x": draws[0], "y": draws[1]}
    chains = {n: driven(n, draws[0], draws[1], HOTTEST, 0.0) for n in (3, 4, 7, 40)}
    three = dense_state(3, draws[0], draws[1], 0.5)
    found_ = [
        equals(
            "hot end of three", bond_concurrence(chains[3], 1), x_form(three, 3, (0, 1)), points, scale=1.0
        ),
        equals(
            "cold end of three", bond_concurrence(chains[3], 2), x_form(three, 3, (1, 2)), points, scale=1.0
        ),
        equals(
            "both ends of three",
            distant_concurrence(chains[3])[0],
            x_form(three, 3, (0, 2)),
            points,
            scale=1.0,
        ),
    ]
    for n in (4, 7, 40):
        cold = bond_concurrence(chains[n], n - 1)
        found_.append(
            equals(f"cold end of {n} and of three", cold, bond_concurrence(chains[3], 2), points, scale=1.0)
        )
    x, y = draws[:, :4]
    four, few = dense_state(4, x, y, 0.5), driven(4, x, y, HOTTEST, 0.0)
    gap = [np.abs(bond_concurrence(few, k + 1) - x_form(four, 4, (k, k + 1))).max() for k in range(3)]
    pairs = zip(distant_concurrence(few), ((0, 2), (0, 3), (1, 3)), strict=True)
    gap += [np.abs(value - x_form(four, 4, pair)).max() for value, pair in pairs]
    return (*found_, negligible("all six pairs of four", gap, AGREED))


def x_form(rho: Complex, n: int, pair: tuple[int, int]) -> Array:
    """``2 (|c| - sqrt(p_1 p_4))`` of two of n qubits, counted from 0, shape (...)."""
    r = reduced(rho, n, pair)
    populations = np.sqrt(np.abs(r[..., 0, 0])) * np.sqrt(np.abs(r[..., 3, 3]))
    return np.asarray(2 * (np.abs(r[..., 1, 2]) - populations))


def unequal_bonds(*, ratio: float, x: float, y: float) -> float:
    """Concurrence of sites 2 and 4 of four whose last two bonds are `ratio` times the first."""
    rho = dense_state(4, x, y, 0.5, bonds=(0.5, 0.5 * ratio, 0.5 * ratio))
    return float(second.concurrence(reduced(rho, 4, (1, 3))))


def cut(n: int) -> float:
    """The largest negativity between the qubit at the cold end and all others."""

    def negativity(v: Array) -> float:
        t = dense_state(n, el.exp(v[0]), el.exp(v[1]), 0.5).reshape(2 ** (n - 1), 2, 2 ** (n - 1), 2)
        values = np.linalg.eigvalsh(t.transpose(0, 3, 2, 1).reshape(2**n, 2**n))
        return float(-np.minimum(values, 0.0).sum())

    options = {"xatol": 1e-3, "fatol": 1e-8, "maxfev": 60}
    return float(-minimize(lambda v: -negativity(v), [0.0, 0.5], method="Nelder-Mead", options=options).fun)


def redfield_concurrence(g: float, hot: float, x: float, y: float) -> float:
    """Concurrence at the cold end of three qubits in a Redfield equation with all frequencies, Bose baths."""
    n = 3
    lower = [second.lower(k, n) for k in range(n)]
    bonds = [g * second.exchange(k, k + 1, n) for k in range(n - 1)]
    h = np.sum([*(second.number(k, n) for k in range(n)), *bonds], axis=0)
    energies, states = np.linalg.eigh(h)
    gap = energies[None, :] - energies[:, None]
    one = np.eye(len(h))
    total = -1j * (np.kron(h, one) - np.kron(one, h.T))
    baths = ((lower[0], 2 * g * x / float(stiffness(hot)), hot), (lower[-1], 2 * g * y, 0.01))
    for a, gamma, temperature in baths:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            occupation = 1 / el.expm1(np.abs(gap) / temperature)
            rate = np.where(np.abs(gap) < 1e-6, 0.0, gamma * (occupation + (gap > 0)))
        flip = a + a.conj().T
        half = states @ ((states.conj().T @ flip @ states) * rate / 2) @ states.conj().T
        total = total + np.kron(half, flip.T) - np.kron(flip @ half, one)
        total = total + np.kron(flip, half.conj()) - np.kron(one, (flip @ half).conj())
    return float(second.concurrence(reduced(second.null(np.asarray(total)), n, (1, 2))))


def swapped_contrast(x: Array, y: Array, T_L: Array, T_R: Array, baths: str) -> Array:
    """Contrast of a chain with rates 2 g x and 2 g y of its ends while it is driven forwards."""
    left, right = baths.split(", ")
    bare = x / stiffness(T_L) if left == "bose" else x, y / stiffness(T_R) if right == "bose" else y
    return between(3, *bare, (T_L, T_R), baths).contrast()


def least_symplectic(*, x: Array, y: Array, T_L: Array, T_R: Array, baths: str) -> Array:
    """Simon's criterion for neighbouring oscillators: least symplectic eigenvalue of the partial transpose - 1/2.

    Relative to the occupations; two oscillators are entangled where it is negative.  The symplectic eigenvalues of
    ``r r^T`` are the singular values of ``r^T form r``, by rotations that are the same on every processor.
    """
    moments = between(3, x, y, (T_L, T_R), baths, "oscillator").correlations()
    margins = []
    for k in range(2):
        pair = moments[..., k : k + 2, k : k + 2]
        # x and p of either oscillator: <s_i s_j> = 0, and the transpose turns p of the second around
        real, imag = pair.real + np.eye(2) / 2, pair.imag
        turn = np.array([1.0, -1.0])
        blocks = [[real, imag * turn], [-turn[:, None] * imag, turn[:, None] * real * turn]]
        covariance = np.concatenate([np.concatenate(row, axis=-1) for row in blocks], axis=-2)
        form = np.kron(np.array([[0.0, 1.0], [-1.0, 0.0]]), np.eye(2))
        spread, axes = matrices.eigh(covariance)
        root = axes * np.sqrt(spread)[..., None, :]
        values = matrices.singular_values(matrices.product(np.swapaxes(root, -1, -2), form, root))
        margins.append((values.min(axis=-1) - 0.5) / values.max(axis=-1))
    return np.asarray(np.min(margins, axis=0))


def frontier_holds(rng: Generator, n: int = 800) -> tuple[tuple[Any, ...], dict[str, float]]:
    """No machine with the cold bath at any temperature has more of both than the frontier at T_L = 2 omega."""
    hot, checks, nearest = 2.0, [], {}
    k = float(stiffness(hot))
    top = float(summit(3, hot).value)
    for baths in BATHS:
        x, y = (el.power(10.0, rng.uniform(-2, 2, n)) for _ in range(2))
        cold = np.where(rng.random(n) < 0.5, 0.0, rng.uniform(0.02, 0.5, n))
        machine_contrast = swapped_contrast(x, y, np.full(n, hot), cold, baths)
        concurrence = bond_concurrence(driven(3, x, y, hot, cold), 2)
        highest = frontier(baths, np.maximum(machine_contrast, 1e-6), k, hot)
        share = concurrence / np.where(machine_contrast < contrast_of_summit(baths, hot), top, highest)
        nearest[baths.replace(", ", "_")] = float(share.max())
        checks.append(
            fact(f"no machine beyond the frontier, {baths}", bool(np.all(share <= 1)), nearest=share.max())
        )
    return tuple(checks), nearest


def contrast_of_summit(baths: str, hot: float) -> float:
    """Contrast at the rates that entangle most."""
    top = summit(3, hot)
    return float(FREE.chain(3, hot, top.x["x"], top.x["y"], baths).contrast())


def frontier(baths: str, contrast: Array, k: float, hot: float) -> Array:
    """The largest concurrence with a wanted contrast, shape (n,)."""
    kk = np.full(contrast.shape, k)
    low = np.maximum(FREE.rate_min, lowest_cold_rate(baths, kk, contrast))
    return maximise(
        lambda y: bond_concurrence(FREE.chain(3, hot, hot_rate(baths, y, kk, contrast), y, baths), 2),
        low,
        FREE.rate_max,
        shape=contrast.shape,
        scale="log",
        tolerance=1e-6,
    ).value
