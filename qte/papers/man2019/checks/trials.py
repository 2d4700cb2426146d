"""Random machines, the captions' machines and the quantities that the entries of man2019 speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common.optimise import find_root
from qte.ledger.checks import Range
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.equations import Model, eq05_energies, eq11_occupation
from qte.papers.man2019.parts import margin

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Point = Mapping[str, Any]

DRAWS: Final = 400
RATES: Final = ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")
# Captions of figures 2, of 3 (in units of Gamma), and of 7 (in GHz).
EQUAL: Final = dict.fromkeys(RATES, 1.0)
FIGURE_2: Final = {"eps_A": 20.0, "eps_B": 20.0, "Omega": 10.0} | EQUAL
FIGURE_3: Final = FIGURE_2 | {"Omega": 6.0}
FIGURE_7: Final = {"eps_A": 1.0, "eps_B": 1.0, "Omega": 0.7, "dephasing": 3.5e-5} | dict.fromkeys(RATES, 0.01)
# T_A of the four panels of figures 4 and 5, and the detunings printed for them.
COLD: Final = np.array([5.0, 4.0, 3.0, 2.0])
DETUNINGS: Final = np.array([0.95, 1.43, 1.86, 2.08])

# Hunting grounds in units of sqrt(eps_A eps_B): couplings up to where omega_1 vanishes.
WARM: Final = Range(0.05, 20, log=True)
ANY_RATE: Final = Range(0.01, 10, log=True)
MIX: Final = {"mix": Range(0.01, 0.99)}
RATIO: Final = {"ratio": Range(1 / 3, 3, log=True)}
STEP: Final = {"step": Range(1.01, 10, log=True)}
PURE: Final = {"dephasing": Range(1e-4, 10, log=True)}
OWN_RATES: Final = {"Gamma_A": ANY_RATE, "Gamma_B": ANY_RATE}
COMMON_RATES: Final = {"Gamma_CA": ANY_RATE, "Gamma_CB": ANY_RATE}
# Resonant qubits with R_A and R_B at one temperature, and at two.
LEVEL_GROUND: Final = {"T": WARM, "T_C": WARM} | MIX | OWN_RATES
BIASED_GROUND: Final = {"T_A": WARM, "T_B": WARM, "T_C": WARM} | MIX | OWN_RATES


def draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random machines, shape (n,): both signs of the detuning and of Omega, unequal rates, all temperatures."""
    drawn: dict[str, Any] = {k: rng.uniform(0.5, 2.0, n) for k in ("eps_A", "eps_B")}
    drawn["Omega"] = rng.uniform(0.02, 0.98, n) * rng.choice([-1.0, 1.0], n)
    drawn |= {f"T_{k}": el.power(10.0, rng.uniform(-1, 1, n)) for k in "ABC"}
    drawn |= {k: el.power(10.0, rng.uniform(-3, 0, n)) for k in RATES} | fixed
    return drawn | {"Omega": drawn["Omega"] * np.sqrt(drawn["eps_A"] * drawn["eps_B"])}


def level_draws(rng: Generator) -> dict[str, Any]:
    """Random machines with T_A = T_B."""
    p = draws(rng)
    return p | {"T_B": p["T_A"]}


def states(rng: Generator) -> Complex:
    """Random full-rank two-qubit states, shape (400, 4, 4)."""
    a = el.normal(rng, (DRAWS, 4, 4)) + 1j * el.normal(rng, (DRAWS, 4, 4))
    rho = a @ a.conj().swapaxes(1, 2)
    return np.asarray(rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


def traffic(p: Point) -> Array:
    """Energies and rates, the size of what cancels, shape (n,)."""
    warm = sum(p[f"Gamma_{k}"] * (1 + 2 * p[f"T_{k[0]}"]) for k in ("A", "B", "CA", "CB"))
    return np.asarray(p["eps_A"] + p["eps_B"] + warm)


# ---- machines ------------------------------------------------------------------------------------


def model(p: Point) -> Model:
    """Parameters for the printed equations."""
    return Model(**{name: value for name, value in p.items() if name != "dephasing"})


def machine(**p: Any) -> CommonReservoirEngine:
    """The machine of a set of parameters."""
    return CommonReservoirEngine(**p)


def in_gamma(T_A: Any, T_B: Any, T_C: Any = 0.0, Omega: Any = 6.0, delta_eps: Any = 0.0) -> dict[str, Any]:
    """All rates 1 and ``eps_m = 20`` as in figures 2 to 5."""
    half = np.asarray(delta_eps) / 2
    gaps = {"eps_A": 20.0 + half, "eps_B": 20.0 - half, "Omega": Omega}
    return gaps | EQUAL | {"T_A": T_A, "T_B": T_B, "T_C": T_C}


def figure_5(T_A: Any, delta_eps: Any, T_C: Any = 0.0) -> dict[str, Any]:
    """Parameters of figures 4 and 5."""
    return in_gamma(T_A, 8.0, T_C, delta_eps=delta_eps)


def scaled(mix: Any, ratio: Any = 1.0, T: Any = None, **rest: Any) -> dict[str, Any]:
    """Machine with ``sqrt(eps_A eps_B) = 1``, ``eps_A/eps_B = ratio``, ``Omega = mix``; T is that of R_A and R_B."""
    gaps = {"eps_A": np.sqrt(ratio), "eps_B": 1 / np.sqrt(ratio), "Omega": mix}
    return gaps | EQUAL | ({} if T is None else {"T_A": T, "T_B": T}) | rest


def thermalised(omega_1: Any, T_A: Any, T_B: Any, place: Any, **rest: Any) -> dict[str, Any]:
    """Machine with ``T_A != T_B``, ``omega_2 = 1`` and `one_temperature` without R_C.

    That both eqs. (19) give it fixes tan(theta/2)^4 and Gamma_A/Gamma_B in closed form.
    """
    odds = []
    for omega in (omega_1, 1.0):
        n_A, n_B, n = (eq11_occupation(omega, t) for t in (T_A, T_B, one_temperature(T_A, T_B, place)))
        odds.append((n - n_B) / (n_A - n))
    tangent_squared = np.sqrt(odds[0] / odds[1])
    theta = 2 * el.arctan(np.sqrt(tangent_squared))
    half, mean = (1 - np.asarray(omega_1)) / 2, (1 + np.asarray(omega_1)) / 2
    cosine = half * el.cos(theta)
    gaps = {"eps_A": mean + cosine, "eps_B": mean - cosine, "Omega": half * el.sin(theta)}
    return gaps | EQUAL | {"Gamma_A": odds[0] / tangent_squared, "T_A": T_A, "T_B": T_B} | rest


def one_temperature(T_A: Any, T_B: Any, place: Any) -> Array:
    """Between T_A and T_B on a logarithmic scale, at `place` in (0, 1)."""
    return np.asarray(el.spread(T_A, T_B, place))


# ---- quantities ----------------------------------------------------------------------------------


def signed(**p: Any) -> Array:
    """Eq. (17) without its ``max``, with the common reservoir, shape (...)."""
    return margin(machine(**p))


def alone(**p: Any) -> Array:
    """The same without the common reservoir."""
    return margin(machine(**p).without_common())


def gain(**p: Any) -> Array:
    """Change of eq. (17) without its ``max`` by the common reservoir, shape (...)."""
    return np.asarray(signed(**p) - alone(**p))


def heat(**p: Any) -> Array:
    """Q_C, shape (...)."""
    return machine(**p).net_current()


def relative_heat(**p: Any) -> Array:
    """Q_C over what R_C and the qubits give each other both ways, shape (...); without dephasing or at resonance.

    From the populations and the four squared amplitudes of the collective jumps.
    """
    m, full = model(p), machine(**p)
    r1, r2, r3, r4 = populations(full)
    c, s = el.cos(m.theta / 2), el.sin(m.theta / 2)
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


def populations(m: CommonReservoirEngine) -> Array:
    """lambda_11 … lambda_44, shape (4, ...)."""
    found = np.diagonal(m.steady_state().rho_in_frame, axis1=-2, axis2=-1).real
    return np.asarray(np.moveaxis(found, -1, 0))


def energies(p: Point) -> Array:
    """E_1 … E_4, shape (4, ...)."""
    return np.array(np.broadcast_arrays(*eq05_energies(model(p))))


def gibbs(p: Point) -> Array:
    """Thermal populations of lambda_1 … lambda_4 at T_A, shape (4, ...)."""
    weight = el.exp(-energies(p) / p["T_A"])
    return np.asarray(weight / weight.sum(axis=0))


def effective_temperatures(p: Any) -> tuple[Array, Array]:
    """Both effective temperatures from the populations without R_C."""
    free = machine(**p).without_common()
    _, r2, r3, r4 = populations(free)
    return np.asarray(free.omega_1 / el.log(r4 / r3)), np.asarray(free.omega_2 / el.log(r4 / r2))


def thermalisation() -> Array:
    """Detunings of figure 4 at which both effective temperatures agree."""

    def difference(delta_eps: Array) -> Array:
        return np.asarray(np.subtract(*effective_temperatures(figure_5(COLD, delta_eps))))

    return find_root(difference, -1.0, 5.0, shape=COLD.shape).x


# ---- margins of what is hunted -------------------------------------------------------------------


def where_entangled(share: Callable[..., tuple[Array, Array]]) -> Callable[..., Array]:
    """Margin ``value/size`` of a function that gives both, and none where the concurrence `size` is below 1e-4."""

    def guarded(**q: Any) -> Array:
        value, size = share(**q)
        return np.where(size > 1e-4, value / np.where(size > 1e-4, size, 1.0), np.nan)

    return guarded


@where_entangled
def colder_enhances(T: Array, T_C: Array, **q: Any) -> tuple[Array, Array]:
    """ΔC has the sign of T − T_C."""
    p = scaled(T=T, T_C=T_C, **q)
    return np.sign(T - T_C) * gain(**p), np.maximum(signed(**p), alone(**p))


@where_entangled
def falls_with_T_C(T_C: Array, step: Array, **q: Any) -> tuple[Array, Array]:
    """C is no larger at ``T_C step``."""
    cold, hot = (signed(**scaled(T_C=t, **q)) for t in (T_C, T_C * step))
    return cold - hot, np.maximum(cold, hot)


@where_entangled
def gain_needs_absorption(**q: Any) -> tuple[Array, Array]:
    """Not both ΔC > 0 and Q_C > 0."""
    p = scaled(**q)
    size = signed(**p)
    return -np.minimum(gain(**p), relative_heat(**p) * size), size
