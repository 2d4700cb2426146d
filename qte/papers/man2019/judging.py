"""What the ledger of man2019 judges with: random draws, quantities of a machine, a second method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.common.optimise import find_root
from qte.ledger import second
from qte.ledger.checks import Range
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.equations import Model, eq11_occupation
from qte.papers.man2019.parts import margin

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Point = Mapping[str, Any]

DRAWS: Final = 400
RATES: Final = ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")
# Captions of figures 2, of 3, and of 4 and 5 (in units of Gamma), and of 7 (in GHz).
EQUAL: Final = dict.fromkeys(RATES, 1.0)
FIGURE_2: Final = {"eps_A": 20.0, "eps_B": 20.0, "Omega": 10.0} | EQUAL
FIGURE_3: Final = FIGURE_2 | {"Omega": 6.0}
FIGURE_7: Final = {"eps_A": 1.0, "eps_B": 1.0, "Omega": 0.7, "dephasing": 3.5e-5} | dict.fromkeys(RATES, 0.01)
PRINTED_DETUNINGS: Final = {5.0: 0.95, 4.0: 1.43, 3.0: 1.86, 2.0: 2.08}
# T_A of the four panels of figures 4 and 5, and the detunings printed for them.
COLD: Final = np.array(list(PRINTED_DETUNINGS))
DETUNINGS: Final = np.array(list(PRINTED_DETUNINGS.values()))
DENSE: Final = "null vector of the dense 16 × 16 Liouvillian in numerical eigenstates of H_S"
SOLVED: Final = "against the steady state of 400 random machines, both signs of Δε, unequal rates"


def draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random machines, shape (n,): both signs of the detuning, unequal rates, all temperatures."""
    drawn: dict[str, Any] = {
        "eps_A": rng.uniform(0.5, 2.0, n),
        "eps_B": rng.uniform(0.5, 2.0, n),
        "Omega": rng.uniform(0.02, 0.98, n),
    }
    drawn |= {f"T_{k}": 10 ** rng.uniform(-1, 1, n) for k in "ABC"}
    drawn |= {k: 10 ** rng.uniform(-3, 0, n) for k in RATES} | fixed
    return drawn | {"Omega": drawn["Omega"] * np.sqrt(drawn["eps_A"] * drawn["eps_B"])}


def both_signs(rng: Generator) -> dict[str, Any]:
    """Random machines with both signs of Omega, too, shape (400,)."""
    p = draws(rng)
    return p | {"Omega": p["Omega"] * np.where(rng.random(DRAWS) < 0.5, -1.0, 1.0)}


def traffic(p: Point) -> Array:
    """Energies and rates, the size of what cancels, shape (n,)."""
    warm = sum(p[f"Gamma_{k}"] * (1 + 2 * p[f"T_{k[0]}"]) for k in ("A", "B", "CA", "CB"))
    return np.asarray(p["eps_A"] + p["eps_B"] + warm)


def model(p: Point) -> Model:
    """Parameters for the printed equations."""
    return Model(**{name: value for name, value in p.items() if name != "dephasing"})


def biased(T_A: Any, delta_eps: Any, T_C: Any = 0.0, **varied: Any) -> dict[str, Any]:
    """Parameters of figures 4 and 5."""
    half = np.asarray(delta_eps) / 2
    gaps = {"eps_A": 20.0 + half, "eps_B": 20.0 - half, "Omega": 6.0}
    return gaps | EQUAL | {"T_A": T_A, "T_B": 8.0, "T_C": T_C} | varied


def machine(**p: Any) -> CommonReservoirEngine:
    """The machine of a set of parameters."""
    return CommonReservoirEngine(**p)


def signed_concurrence(**p: Any) -> Array:
    """Eq. (17) without its ``max``, with the common reservoir, shape (...)."""
    return margin(machine(**p))


def alone(**p: Any) -> Array:
    """The same without the common reservoir."""
    return margin(machine(**p).without_common())


def gain(**p: Any) -> Array:
    """Change of eq. (17) without its ``max`` by the common reservoir, shape (...)."""
    full = machine(**p)
    return np.asarray(margin(full) - margin(full.without_common()))


def clipped_gain(**p: Any) -> Array:
    """Change of the concurrence by the common reservoir, shape (...)."""
    full = machine(**p)
    return np.asarray(np.maximum(margin(full), 0) - np.maximum(margin(full.without_common()), 0))


def relative_heat(**p: Any) -> Array:
    """Q_C over what R_C and the qubits give each other both ways, shape (...); without dephasing or at resonance.

    From the populations and the four squared amplitudes of the collective jumps.
    """
    m, full = model(p), machine(**p)
    r1, r2, r3, r4 = populations(full)
    c, s = np.cos(m.theta / 2), np.sin(m.theta / 2)
    a, b = np.sqrt(full.Gamma_CA), np.sqrt(full.Gamma_CB)
    net, gross = np.zeros(full.shape), np.zeros(full.shape)
    for j, pairs in (
        (1, ((c * b + s * a, r1, r2), (c * b - s * a, r3, r4))),
        (2, ((c * a - s * b, r1, r3), (c * a + s * b, r2, r4))),
    ):
        n = eq11_occupation(m.omega[j], p["T_C"])
        for amplitude, upper, lower in pairs:
            taken, given = n * lower, (n + 1) * upper
            net = net + m.omega[j] * amplitude**2 * (taken - given)
            gross = gross + m.omega[j] * amplitude**2 * (taken + given)
    return np.asarray(net / np.where(gross > 0, gross, 1.0))


def equilibrium(T: Any, T_C: Any, mix: Any, ratio: Any = 1.0, **rates: Any) -> dict[str, Any]:
    """Machine with ``T_A = T_B = T``, ``sqrt(eps_A eps_B) = 1``, ``eps_A/eps_B = ratio`` and ``Omega = mix``."""
    return apart(T, T, T_C, mix, ratio, **rates)


def apart(T_A: Any, T_B: Any, T_C: Any, mix: Any, ratio: Any = 1.0, **rates: Any) -> dict[str, Any]:
    """The same with two temperatures."""
    root = np.sqrt(ratio)
    gaps = {"eps_A": root, "eps_B": 1 / root, "Omega": mix}
    return gaps | EQUAL | {"T_A": T_A, "T_B": T_B, "T_C": T_C} | rates


def thermalised(
    omega_1: Any, omega_2: Any, T_A: Any, T_B: Any, place: Any, T_C: Any, **rates: Any
) -> dict[str, Any]:
    """Machine with ``T_A != T_B`` whose qubits have one temperature without R_C (`one_temperature`).

    That both eqs. (19) give T fixes tan(theta/2)^4 and Gamma_A/Gamma_B in closed form.
    """
    T = one_temperature(T_A, T_B, place)
    odds = []
    for omega in (omega_1, omega_2):
        n_A, n_B, n = (eq11_occupation(omega, t) for t in (T_A, T_B, T))
        odds.append((n - n_B) / (n_A - n))
    tangent_squared = np.sqrt(odds[0] / odds[1])
    theta = 2 * np.arctan(np.sqrt(tangent_squared))
    split = np.asarray(omega_2) - omega_1
    half = split * np.cos(theta) / 2
    mean = (np.asarray(omega_1) + omega_2) / 2
    gaps = {"eps_A": mean + half, "eps_B": mean - half, "Omega": split * np.sin(theta) / 2}
    own = EQUAL | {"Gamma_A": odds[0] / tangent_squared}
    return gaps | own | {"T_A": T_A, "T_B": T_B, "T_C": T_C} | rates


def one_temperature(T_A: Any, T_B: Any, place: Any) -> Array:
    """Between T_A and T_B on a logarithmic scale, at `place` in (0, 1)."""
    return np.asarray(np.asarray(T_A) * (np.asarray(T_B) / T_A) ** place)


def where_thermalised(margin: Callable[..., Array]) -> Callable[..., Array]:
    """A margin on `thermalised` machines that says nothing where T_A and T_B agree to a thousandth."""

    def guarded(T_A: Array, T_B: Array, **q: Any) -> Array:
        apart_enough = np.abs(np.log(T_A / T_B)) > 1e-3
        return np.where(apart_enough, margin(T_A=T_A, T_B=np.where(apart_enough, T_B, 2 * T_A), **q), np.nan)

    return guarded


# Hunting grounds in units of sqrt(eps_A eps_B): couplings up to where omega_1 vanishes.
WARM: Final = Range(0.05, 20, log=True)
# Where the second method, too, keeps six digits of a small concurrence.
MILD: Final = Range(0.1, 20, log=True)
MIX: Final = Range(0.01, 0.99)
RATIO: Final = Range(1 / 3, 3, log=True)
ANY_RATE: Final = Range(0.01, 10, log=True)


def populations(m: CommonReservoirEngine) -> Array:
    """lambda_11 … lambda_44, shape (4, ...)."""
    found = np.diagonal(m.steady_state().rho_in_frame, axis1=-2, axis2=-1).real
    return np.asarray(np.moveaxis(found, -1, 0))


def effective_temperatures(p: Any) -> tuple[Array, Array]:
    """Both effective temperatures from the populations without R_C."""
    free = machine(**p).without_common()
    _, r2, r3, r4 = populations(free)
    return np.asarray(free.omega_1 / np.log(r4 / r3)), np.asarray(free.omega_2 / np.log(r4 / r2))


def thermalisation() -> Array:
    """Detunings of figure 4 at which both effective temperatures agree."""

    def difference(delta_eps: Array) -> Array:
        first, upper = effective_temperatures(biased(COLD, delta_eps))
        return first - upper

    return find_root(difference, -1.0, 5.0, shape=COLD.shape).x


def states(rng: Generator, n: int = DRAWS) -> Complex:
    """Random full-rank two-qubit states, shape (n, 4, 4)."""
    a = rng.normal(size=(n, 4, 4)) + 1j * rng.normal(size=(n, 4, 4))
    rho = a @ a.conj().swapaxes(1, 2)
    return np.asarray(rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


def point(p: Point, k: int) -> dict[str, float]:
    """One of several draws."""
    return {name: float(np.asarray(value)[k] if np.ndim(value) else value) for name, value in p.items()}


def shown_at(p: Point, **more: Any) -> dict[str, float]:
    """Parameters of one machine as plain numbers."""
    return {name: float(np.asarray(value)) for name, value in (dict(p) | more).items()}


# ---- the second method: no angle, no block, no elimination --------------------------------------

LOWER: Final = {"A": second.lower(0, 2), "B": second.lower(1, 2)}


def hamiltonian(p: Point) -> Complex:
    """H_S, shape (..., 4, 4)."""
    parts = (
        (p["eps_A"], second.number(0, 2)),
        (p["eps_B"], second.number(1, 2)),
        (p["Omega"], second.exchange(0, 1, 2)),
    )
    return np.asarray(sum(np.asarray(value)[..., None, None] * matrix for value, matrix in parts))


def frequencies_and_jumps(p: Point) -> tuple[dict[int, Array], dict[tuple[str, int], Complex]]:
    """omega_j and V_{mu,j} from numerical eigenstates, shapes (...) and (..., 4, 4).

    In ascending order the levels are lambda_4, lambda_3, lambda_2, lambda_1.
    """
    energy, ket = np.linalg.eigh(hamiltonian(p))
    omega = {1: energy[..., 1] - energy[..., 0], 2: energy[..., 2] - energy[..., 0]}
    jumps = {}
    for label, lowering in LOWER.items():
        inner = ket.conj().swapaxes(-1, -2) @ lowering @ ket
        for j, places in ((1, ((0, 1), (2, 3))), (2, ((0, 2), (1, 3)))):
            kept = np.zeros((4, 4))
            for row, column in places:
                kept[row, column] = 1.0
            jumps[label, j] = ket @ (inner * kept) @ ket.conj().swapaxes(-1, -2)
    return omega, jumps


def dense_jumps(p: Point, *, collective: bool = True) -> dict[str, list[tuple[Any, Complex]]]:
    """Rates and jump operators of each reservoir; R_C without its cross terms if not `collective`."""
    omega, jumps = frequencies_and_jumps(p)
    found: dict[str, list[tuple[Any, Complex]]] = {"A": [], "B": [], "C": []}
    for j in (1, 2):
        for label in "AB":
            rate = 2 * np.asarray(p[f"Gamma_{label}"])
            found[label] += second.two_level_jumps(jumps[label, j], omega[j], p[f"T_{label}"], rate)
        n = eq11_occupation(omega[j], p["T_C"])
        parts = [np.sqrt(p[f"Gamma_C{k}"])[..., None, None] * jumps[k, j] for k in "AB"]
        for jump in [parts[0] + parts[1]] if collective else parts:
            up = jump.conj().swapaxes(-1, -2)
            found["C"] += [(np.asarray(2 * (n + 1)), jump), (np.asarray(2 * n), up)]
    return found


def apply(h: Complex, jumps: Any, rho: Complex) -> Complex:
    """A dense superoperator on states, shape (n, 4, 4)."""
    flat = second.liouvillian(h, jumps) @ rho.reshape(-1, 16, 1)
    return np.asarray(flat[..., 0].reshape(rho.shape))


def dephasing_jumps(gamma: Any) -> list[tuple[Any, Complex]]:
    """Eq. (21) as jump operators."""
    z, one = np.diag([1.0, -1.0]), np.eye(2)
    return [(gamma, np.kron(*pair).astype(np.complex128)) for pair in ((z, one), (one, z))]


@dataclass(frozen=True)
class Again:
    """State, concurrence and heat currents from the second formulation."""

    rho: Complex
    Q: Mapping[str, Array]

    @property
    def signed(self) -> Array:
        """Eq. (17) without its ``max``."""
        outer = np.sqrt(np.abs(self.rho[..., 0, 0] * self.rho[..., 3, 3]))
        return np.asarray(2 * (np.abs(self.rho[..., 1, 2]) - outer))


def again(p: Point, *, without_common: bool = False, collective: bool = True) -> Again:
    """One or many machines once more, by dense matrices coded apart from the machine."""
    if without_common:
        p = {**p, "Gamma_CA": 0.0, "Gamma_CB": 0.0}
    h, jumps = hamiltonian(p), dense_jumps(p, collective=collective)
    pure = dephasing_jumps(p["dephasing"]) if "dephasing" in p else []
    rho = second.steady(h, [*jumps["A"], *jumps["B"], *jumps["C"], *pure])
    return Again(rho, {label: second.energy_flow(h, jumps[label], rho) for label in "ABC"})


def gain_again(p: Point) -> float:
    """`gain` of one machine by the second formulation."""
    return float(again(p).signed - again(p, without_common=True).signed)


def concurrence_of(factor: Complex) -> Array:
    """Wootters' concurrence of ``factor @ factor^+``, shape (...).

    From singular values, which keep the small ones that eigenvalues of rho rho~ lose.
    """
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    values = np.linalg.svd(factor.swapaxes(-1, -2) @ flip @ factor, compute_uv=False)
    return np.asarray(np.maximum(0.0, values[..., 0] - values[..., 1:].sum(axis=-1)))
