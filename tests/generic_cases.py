"""Hard cases of generators of any kind, each with a reference from mpmath that shares nothing with qte.

A case is a Hamiltonian and jump operators as plain matrices of numbers.  The
reference writes the master equation down on the entries of rho that matter, with as
many digits as the largest time or the smallest rate asks for; `plain` and `qutip` are
what NumPy and QuTiP make of the same matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath as mp
import numpy as np
import qutip
import scipy.linalg

from qte.physics.generators import Channel, Generator, Term
from qte.solver.dynamics import evolve, liouvillian_gap
from qte.solver.steady import steady_state

Matrix = Any
LOWER = np.array([[0.0, 0.0], [1.0, 0.0]])
UP = np.diag([1.0, 0.0])


def site(operator: Matrix, k: int, n: int) -> Matrix:
    """One-qubit operator on qubit k of n."""
    out = np.ones((1, 1))
    for j in range(n):
        out = np.kron(out, operator if j == k else np.eye(2))
    return out


def swap(i: int, j: int, n: int) -> Matrix:
    """sigma_+ sigma_- plus its adjoint."""
    forth = site(LOWER.T, i, n) @ site(LOWER, j, n)
    return forth + forth.T


@dataclass(frozen=True)
class GenericCase:
    """One number of one generator.

    Parameters
    ----------
    name : str
    terms : list of (float, matrix)
        Hamiltonian.
    jumps : list of (float, matrix)
        Rates and jump operators.
    quantity : str
        A key of `QUANTITIES`.
    start : int
        Basis state to start from.
    time : float
        inf for the average over all times to come.
    tolerance : float
    absolute : bool
        Whether the error is measured against 1, as for an evolution, or against the value.
    """

    name: str
    terms: list[tuple[float, Matrix]]
    jumps: list[tuple[float, Matrix]]
    quantity: str
    start: int = 0
    time: float = 0.0
    tolerance: float = 1e-12
    absolute: bool = field(default=False)

    @property
    def dim(self) -> int:
        return len(self.terms[0][1])

    def generator(self) -> Generator:
        """As qte wants it."""
        terms = tuple(Term.of(c, o) for c, o in self.terms)
        return Generator(terms, tuple(Channel.of(k, r, a) for k, (r, a) in enumerate(self.jumps)))

    def computed(self) -> float:
        """By qte."""
        return float(QUANTITIES[self.quantity].qte(self))

    def exact(self) -> Any:
        """By mpmath."""
        scales = [abs(r) for r, _ in self.jumps if r] + [abs(c) for c, _ in self.terms if c] + [1.0]
        spread = float(np.log10(max(scales)) - np.log10(min(scales)))
        late = float(np.log10(self.time)) if 1 < self.time < np.inf else 0.0
        with mp.workdps(60 + int(2 * spread + late + max(0.0, np.log10(max(scales))))):
            return QUANTITIES[self.quantity].mpmath(self)

    def plain(self) -> float:
        """By NumPy and SciPy, in doubles."""
        return float(QUANTITIES[self.quantity].numpy(self))

    def by_qutip(self) -> float:
        """By QuTiP."""
        return float(QUANTITIES[self.quantity].qutip(self))

    def error(self, value: float, exact: Any) -> float:
        with mp.workdps(50):
            scale = mp.mpf(1) if self.absolute or not exact else abs(exact)
            return float(abs(mp.mpf(value) - exact) / scale)


@dataclass(frozen=True)
class Quantity:
    """Four ways to one number."""

    qte: Callable[[GenericCase], Any]
    mpmath: Callable[[GenericCase], Any]
    numpy: Callable[[GenericCase], Any]
    qutip: Callable[[GenericCase], Any]


# ---- mpmath: the equations of the entries that matter --------------------------------------------

Equations = dict[tuple[int, int], dict[tuple[int, int], Any]]


def equations(case: GenericCase) -> Equations:
    """d rho_ij/dt = sum of numbers times rho_km."""
    d = case.dim
    h = mp.zeros(d)
    for c, o in case.terms:
        h += mp.mpf(c) * mp.matrix(o.tolist())
    out: Equations = {}

    def add(row: tuple[int, int], column: tuple[int, int], value: Any) -> None:
        entries = out.setdefault(row, {})
        entries[column] = entries.get(column, 0) + value

    effective = -1j * h
    for r, o in case.jumps:
        a = mp.matrix(o.tolist())
        effective -= mp.mpf(r) / 2 * (a.H * a)
        found = [(i, k, a[i, k]) for i in range(d) for k in range(d) if a[i, k] != 0]
        for i, k, x in found:
            for j, m, y in found:
                add((i, j), (k, m), mp.mpf(r) * x * mp.conj(y))
    for i in range(d):
        for k in range(d):
            if effective[i, k] != 0:
                for j in range(d):
                    add((i, j), (k, j), effective[i, k])
                    add((j, i), (j, k), mp.conj(effective[i, k]))
    return {row: {c: v for c, v in entries.items() if v != 0} for row, entries in out.items()}


def reached(found: Equations, start: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Entries that become nonzero from those to start with."""
    inside, grown = list(start), True
    while grown:
        known = set(inside)
        more = [row for row, entries in found.items() if row not in known and known & entries.keys()]
        inside, grown = inside + more, bool(more)
    return inside


def block(found: Equations, inside: list[tuple[int, int]]) -> Any:
    number = {entry: k for k, entry in enumerate(inside)}
    matrix = mp.zeros(len(inside))
    for row in inside:
        for column, value in found.get(row, {}).items():
            if column in number:
                matrix[number[row], number[column]] = value
    return matrix


def mp_expm(matrix: Any, time: Any) -> Any:
    scaled = matrix * time
    norm = max(sum(abs(scaled[i, j]) for j in range(scaled.cols)) for i in range(scaled.rows))
    doublings = max(0, int(mp.ceil(mp.log(norm, 2))) + 12) if norm > 0 else 0
    small = scaled / mp.mpf(2) ** doublings
    total = term = mp.eye(scaled.rows)
    for k in range(1, mp.mp.dps):
        term = term * small / k
        total = total + term
        if mp.mnorm(term, 1) < mp.mpf(10) ** -mp.mp.dps:
            break
    for _ in range(doublings):
        total = total * total
    return total


def mp_population(case: GenericCase) -> Any:
    """Population of the state that the case starts from, at its time."""
    found = equations(case)
    inside = reached(found, [(case.start, case.start)])
    matrix = block(found, inside)
    if case.time == np.inf:
        return mp_average(matrix)[0]
    return mp.re(mp_expm(matrix, mp.mpf(case.time))[0, 0])


def mp_null(matrix: Any) -> list[Any]:
    """Kernel by Gauss and Jordan with full pivoting, far below any rate."""
    a, n = matrix.copy(), matrix.rows
    order, rank = list(range(n)), 0
    scales = [max([abs(a[i, j]) for j in range(n)] + [mp.mpf(0)]) for i in range(n)]
    for i in range(n):
        for j in range(n):
            a[i, j] = a[i, j] / scales[i] if scales[i] else a[i, j]
    for k in range(n):
        size, i, j = max((abs(a[i, j]), -i, -j) for i in range(k, n) for j in range(k, n))
        if size < mp.mpf(10) ** (-mp.mp.dps + 25):
            break
        i, j = -i, -j
        for c in range(n):
            a[k, c], a[i, c] = a[i, c], a[k, c]
        for r in range(n):
            a[r, k], a[r, j] = a[r, j], a[r, k]
        order[k], order[j] = order[j], order[k]
        pivot = a[k, k]
        for c in range(n):
            a[k, c] /= pivot
        for r in range(n):
            if r != k and a[r, k] != 0:
                factor = a[r, k]
                for c in range(n):
                    a[r, c] -= factor * a[k, c]
        rank += 1
    basis = []
    for free in range(rank, n):
        vector = [mp.mpf(0)] * n
        vector[order[free]] = mp.mpf(1)
        for r in range(rank):
            vector[order[r]] = -a[r, free]
        basis.append(vector)
    return basis


def mp_average(matrix: Any) -> Any:
    """Part of the first unit vector in the kernel along the range."""
    right, left = mp_null(matrix), mp_null(matrix.T)
    pairing = mp.matrix([[mp.fsum(x * y for x, y in zip(a, b, strict=True)) for b in right] for a in left])
    weights = mp.lu_solve(pairing, mp.matrix([a[0] for a in left]))
    return [mp.re(mp.fsum(weights[k] * right[k][j] for k in range(len(right)))) for j in range(matrix.rows)]


def mp_rarest(case: GenericCase) -> Any:
    """Smallest population of the steady state."""
    found = equations(case)
    inside = reached(found, [(k, k) for k in range(case.dim)])
    (vector,) = mp_null(block(found, inside))
    populations = [mp.re(vector[k]) for k in range(case.dim)]
    return min(p / mp.fsum(populations) for p in populations)


def mp_kernel(case: GenericCase) -> Any:
    """Dimension of the kernel of the whole equation."""
    found = equations(case)
    d = case.dim
    return mp.mpf(len(mp_null(block(found, [(i, j) for i in range(d) for j in range(d)]))))


def mp_gap(case: GenericCase) -> Any:
    """Slowest decay of the whole equation, block by block."""
    found = equations(case)
    d, seen, rates = case.dim, set(), []
    mirrored: dict[Any, set[Any]] = {}
    for row, entries in found.items():
        for column in entries:
            mirrored.setdefault(row, set()).add(column)
            mirrored.setdefault(column, set()).add(row)
    for entry in [(i, j) for i in range(d) for j in range(d)]:
        if entry in seen:
            continue
        inside, front = [entry], [entry]
        while front:
            front = [x for x in {y for f in front for y in mirrored.get(f, set())} if x not in inside]
            inside += front
        seen |= set(inside)
        matrix = block(found, inside)
        values = [matrix[0, 0]] if len(inside) == 1 else mp.eig(matrix, left=False, right=False)
        rates += [abs(mp.re(v)) for v in values]
    # at an exceptional point of order k an eigenvalue has 1/k of the digits
    floor = mp.mpf(10) ** (-mp.mp.dps // 3)
    moving = [r for r in rates if r > floor * max(rates)]
    return min(moving) if moving else mp.mpf(0)


# ---- doubles ---------------------------------------------------------------------------------------


def dense(case: GenericCase) -> Matrix:
    d = case.dim
    h = sum(c * o for c, o in case.terms)
    one = np.eye(d)
    total = -1j * (np.kron(h, one) - np.kron(one, np.asarray(h).T))
    for r, a in case.jumps:
        decay = a.conj().T @ a
        total = total + r * (np.kron(a, a.conj()) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2)
    return total


def numpy_population(case: GenericCase) -> Any:
    place = case.start * (case.dim + 1)
    if case.time == np.inf:
        values, vectors = np.linalg.eig(dense(case))
        weights = np.linalg.solve(vectors, np.eye(case.dim**2)[place])
        still = np.abs(values) < 1e-12 * np.abs(values).max()
        return (vectors[place, still] @ weights[still]).real
    return scipy.linalg.expm(dense(case) * case.time)[place, place].real


def numpy_state(case: GenericCase) -> Matrix:
    d = case.dim
    matrix, right = dense(case), np.zeros(d * d)
    matrix[0], right[0] = np.eye(d).ravel(), 1.0
    return np.linalg.solve(matrix, right).reshape(d, d)


def numpy_gap(case: GenericCase) -> Any:
    rates = np.abs(np.linalg.eigvals(dense(case)).real)
    return rates[rates > 1e-13 * rates.max()].min()


def numpy_kernel(case: GenericCase) -> Any:
    values = np.linalg.svd(dense(case), compute_uv=False)
    return (values < 1e-12 * values[0]).sum()


def qobjs(case: GenericCase) -> tuple[Any, list[Any]]:
    h = qutip.Qobj(sum(c * o for c, o in case.terms))
    return h, [np.sqrt(r) * qutip.Qobj(a) for r, a in case.jumps if r > 0]


def qutip_population(case: GenericCase) -> Any:
    h, jumps = qobjs(case)
    start = qutip.basis(case.dim, case.start).proj()
    options = {"method": "bdf", "atol": 1e-12, "rtol": 1e-10, "nsteps": 10**5, "progress_bar": ""}
    last = qutip.mesolve(h, start, [0.0, case.time], jumps, options=options).states[-1]
    return last.full()[case.start, case.start].real


def qutip_rarest(case: GenericCase) -> Any:
    h, jumps = qobjs(case)
    return qutip.steadystate(h, jumps).full().diagonal().real.min()


def qutip_gap(case: GenericCase) -> Any:
    h, jumps = qobjs(case)
    rates = np.abs(qutip.liouvillian(h, jumps).eigenenergies().real)
    return rates[rates > 1e-13 * rates.max()].min()


def qte_population(case: GenericCase) -> Any:
    start = np.zeros((case.dim,) * 2)
    start[case.start, case.start] = 1.0
    return evolve(case.generator(), start, [case.time])[0, case.start, case.start].real


def qte_rarest(case: GenericCase) -> Any:
    return steady_state(case.generator()).rho.diagonal().real.min()


def qte_kernel(case: GenericCase) -> Any:
    start = np.zeros((case.dim,) * 2)
    start[case.start, case.start] = 1.0
    return steady_state(case.generator(), rho0=start).kernel_dimension


QUANTITIES = {
    "evolution": Quantity(qte_population, mp_population, numpy_population, qutip_population),
    "average": Quantity(qte_population, mp_population, numpy_population, lambda case: np.nan),
    "rarest population": Quantity(
        qte_rarest, mp_rarest, lambda c: numpy_state(c).diagonal().real.min(), qutip_rarest
    ),
    "gap": Quantity(lambda c: liouvillian_gap(c.generator()), mp_gap, numpy_gap, qutip_gap),
    "kernel": Quantity(qte_kernel, mp_kernel, numpy_kernel, lambda case: np.nan),
}


# ---- the generators --------------------------------------------------------------------------------


def pair(g: float = 0.05, detuning: float = 0.3, hot: float = 0.01, cold: float = 0.02) -> Any:
    """Two qubits that exchange excitations, each with gain and loss of its own."""
    terms = [(1.0, site(UP, 0, 2) + site(UP, 1, 2)), (detuning, site(UP, 1, 2)), (g, swap(0, 1, 2))]
    down, up = site(LOWER, 0, 2), site(LOWER, 1, 2)
    return terms, [(1.6 * hot, down), (0.6 * hot, down.T), (cold, up), (0.007 * cold, up.T)]


def driven(drive: float, gamma: float) -> Any:
    """A driven qubit that decays; exceptional at drive = gamma/8."""
    return [(drive, LOWER + LOWER.T)], [(gamma, LOWER)]


def closed(g: float = 0.05, detuning: float = 0.3) -> Any:
    return pair(g, detuning)[0], []


def tunnelling(kappa: float, hot: float, cold: float) -> Any:
    terms, jumps = pair(0.05, 0.0, hot, cold)
    return [*terms, (kappa, site(LOWER + LOWER.T, 0, 2))], jumps


def collective(gamma: float, dephasing: float = 0.0) -> Any:
    """Two equal qubits in one bath: the singlet is dark, unless dephasing lights it."""
    together = site(LOWER, 0, 2) + site(LOWER, 1, 2)
    z = [site(np.diag([1.0, -1.0]), k, 2) for k in range(2)]
    terms = [(1.0, site(UP, 0, 2) + site(UP, 1, 2))]
    return terms, [(gamma, together), (0.3 * gamma, together.T), *((dephasing, x) for x in z)]


def beside(slow: float) -> Any:
    """A slow qubit beside a fast one, and nothing between them."""
    terms = [(1.0, site(UP, 0, 2) + site(UP, 1, 2))]
    a, b = site(LOWER, 0, 2), site(LOWER, 1, 2)
    return terms, [(slow, a), (0.25 * slow, a.T), (1.0, b), (0.4, b.T)]


def rotated(seed: int, spread: float) -> Any:
    """A qutrit with a random Hamiltonian and random complex jumps of rates `spread` apart."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    jumps = [(float(spread**k), rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))) for k in range(3)]
    return [(1.0, (x + x.conj().T) / 2)], jumps


def _case(name: str, made: Any, quantity: str, **more: Any) -> GenericCase:
    return GenericCase(f"{name}, {quantity}", made[0], made[1], quantity, **more)


TIMES = (1e-9, 1.0, 1e2, 1e5, 1e8, 1e12, 1e18)
RATIOS = (1e-6, 1e-10, 1e-16, 1e-30, 1e-100, 1e-300)
MOVING = {"absolute": True}

GENERIC = [
    *(_case(f"pair at t = {t:g}", pair(), "evolution", start=1, time=t, **MOVING) for t in TIMES),
    *(_case(f"closed pair at t = {t:g}", closed(), "evolution", start=1, time=t, **MOVING) for t in (*TIMES, 1e40)),
    *(
        _case(f"exceptional point at t = {t:g}", driven(0.05, 0.4), "evolution", time=t, **MOVING)
        for t in (1e-9, 1.0, 10.0, 1e2, 1e5, 1e12)
    ),
    *(
        _case(f"leak of {r:g} at its own time", beside(r), "evolution", time=1 / r, **MOVING)
        for r in (1e-6, 1e-10, 1e-16, 1e-30)
    ),
    *(
        _case(f"tunnelling, {r:g}, at its time", tunnelling(0.1, r, 2 * r), "evolution", time=1 / r, **MOVING)
        for r in (1e-3, 1e-6, 1e-10)
    ),
    *(_case(f"dark state, rates {r:g}", collective(r), "average", start=1, time=np.inf) for r in (1.0, 1e-8, 1e-200)),
    *(_case(f"closed pair, g = {g:g}", closed(g), "average", start=1, time=np.inf) for g in (0.3, 1e-3, 1e-8, 1e-100)),
    *(_case(f"slow beside fast, {r:g}", beside(r), "average", start=1, time=np.inf) for r in RATIOS),
    *(_case(f"slow beside fast, {r:g}", beside(r), "rarest population") for r in RATIOS),
    *(_case(f"slow beside fast, {r:g}", beside(r), "kernel") for r in RATIOS),
    *(_case(f"slow beside fast, {r:g}", beside(r), "gap") for r in RATIOS[:4]),
    *(_case(f"weak link, g = {g:g}", pair(g, 0.0, 0.01, 0.0), "kernel") for g in (1e-3, 1e-20, 1e-100)),
    *(_case(f"weak link, g = {g:g}", pair(g, 0.0, 0.01, 0.0), "rarest population") for g in (1e-3, 1e-8, 1e-100)),
    *(
        _case(f"tunnelling, rates {r:g}", tunnelling(0.1, r, 2 * r), "rarest population")
        for r in (1e-3, 1e-8, 1e-14, 1e-20)
    ),
    *(_case(f"tunnelling, rates {r:g}", tunnelling(0.1, r, 2 * r), "kernel") for r in (1e-8, 1e-14, 1e-20)),
    *(_case(f"pair, hot rate {r:g}", pair(hot=r), "gap") for r in (1.0, 1e-4, 1e-10, 1e-16)),
    *(_case(f"pair, g = {g:g}", pair(g, 0.0), "gap") for g in (0.3, 1e-4, 1e-8)),
    *(
        _case(f"driven, {x:+g} from the exceptional point", driven(0.05 * (1 + x), 0.4), "gap")
        for x in (0.0, 1e-12, -1e-12, 1e-6, -1e-6)
    ),
    *(_case(f"dephased dark state, {r:g}", collective(1.0, r), "kernel") for r in (0.0, 1e-3, 1e-17, 1e-100)),
    *(_case(f"dephased dark state, {r:g}", collective(1.0, r), "rarest population") for r in (1e-3, 1e-9, 1e-17)),
    *(_case(f"random qutrit {k}, rates 1e-3 apart", rotated(k, 1e-3), "rarest population") for k in range(4)),
    *(_case(f"random qutrit {k}, rates 1e-8 apart", rotated(k, 1e-8), "rarest population") for k in range(4)),
    *(
        _case(f"random qutrit {k} at t = {t:g}", rotated(k, 1e-6), "evolution", time=t, **MOVING)
        for k in range(2)
        for t in (1.0, 1e6, 1e12)
    ),
]  # fmt: skip
