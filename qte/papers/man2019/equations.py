"""Printed equations of man2019 (Phys. Scr. 94, 075101) that can be evaluated.

Every function is the formula as printed, right or wrong; what disagrees with the
master equation says so in its note.  Eqs. (3), (4) and (6) name reservoir modes
and have no value; (16) is the form that (15) fills.

Units: hbar = k_B = 1.  Basis |11>, |10>, |01>, |00>, qubit A first.  The
dissipators are ``Gamma (2 V rho V^+ - {V^+ V, rho})``, twice the usual D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.physics.operators import embed, excitation, flip_flop

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Qubit = Literal["A", "B"]
Jumps = Mapping[tuple[str, int], Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """Parameters of the model, all array_like of shapes that broadcast."""

    eps_A: ArrayLike
    eps_B: ArrayLike
    Omega: ArrayLike
    T_A: ArrayLike
    T_B: ArrayLike
    T_C: ArrayLike = 0.0
    Gamma_A: ArrayLike = 1.0
    Gamma_B: ArrayLike = 1.0
    Gamma_CA: ArrayLike = 1.0
    Gamma_CB: ArrayLike = 1.0

    @property
    def delta_eps(self) -> Array:
        """Delta epsilon = eps_A - eps_B."""
        return np.asarray(np.subtract(self.eps_A, self.eps_B))

    @property
    def eps_m(self) -> Array:
        """Mean gap."""
        return np.asarray(np.add(self.eps_A, self.eps_B) / 2)

    @property
    def splitting(self) -> Array:
        """sqrt(delta_eps**2/4 + Omega**2)."""
        return np.asarray(el.hypot(self.delta_eps / 2, self.Omega))

    @property
    def theta(self) -> Array:
        """The angle of ``tan(theta) = 2 Omega/delta_eps`` for which lambda_i has the energy E_i."""
        return np.asarray(el.arctan2(np.multiply(2, self.Omega), self.delta_eps))

    @property
    def theta_naive(self) -> Array:
        """The arc tangent of what is printed: wrong by pi wherever delta_eps < 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(el.arctan(np.multiply(2, self.Omega) / self.delta_eps))

    @property
    def omega(self) -> dict[int, Array]:
        """omega_1 and omega_2."""
        return {1: self.eps_m - self.splitting, 2: self.eps_m + self.splitting}


# ---- the system and its transitions ------------------------------------------------------------


def eq01_free_hamiltonian(model: Model) -> Array:
    """H_0, shape (..., 4, 4)."""
    parts = ((model.eps_A, excitation(0, 2)), (model.eps_B, excitation(1, 2)))
    return np.asarray(sum(_times(gap, number.toarray()) for gap, number in parts))


def eq02_interaction(model: Model) -> Array:
    """H_int, shape (..., 4, 4)."""
    return np.asarray(_times(model.Omega, flip_flop(0, 1, 2).toarray()))


def eq05_energies(model: Model) -> tuple[Array, Array, Array, Array]:
    """E_1 … E_4, shape (...) each."""
    m, split = model.eps_m, model.splitting
    return np.asarray(np.add(model.eps_A, model.eps_B)), m + split, m - split, np.zeros_like(m)


def eq05_states(theta: ArrayLike) -> tuple[Array, Array, Array, Array]:
    """lambda_1 … lambda_4 in the bare basis, shape (..., 4) each (the text above eq. (5))."""
    c, s = el.cos(np.asarray(theta) / 2), el.sin(np.asarray(theta) / 2)
    one, zero = np.ones_like(c), np.zeros_like(c)
    parts = ((one, zero, zero, zero), (zero, c, s, zero), (zero, -s, c, zero), (zero, zero, zero, one))
    first, second, third, fourth = (np.stack(part, axis=-1) for part in parts)
    return first, second, third, fourth


def eq07_jump_operators(theta: ArrayLike) -> Jumps:
    """V_{mu,j} by (mu, j) in the bare basis, shape (..., 4, 4) each."""
    half = np.asarray(theta) / 2
    c, s = el.cos(half), el.sin(half)
    l1, l2, l3, l4 = eq05_states(theta)
    return {
        ("A", 1): _times(s, _outer(l2, l1) - _outer(l4, l3)),
        ("A", 2): _times(c, _outer(l3, l1) + _outer(l4, l2)),
        ("B", 1): _times(c, _outer(l2, l1) + _outer(l4, l3)),
        ("B", 2): _times(s, _outer(l4, l2) - _outer(l3, l1)),
    }


# ---- the master equation -----------------------------------------------------------------------


def eq08_derivative(model: Model, rho: Complex) -> Complex:
    """d rho/dt, shape (..., 4, 4)."""
    h = eq01_free_hamiltonian(model) + eq02_interaction(model)
    baths = eq09_independent_a(model, rho) + eq10_independent_b(model, rho) + common(model, rho)
    return np.asarray(-1j * (h @ rho - rho @ h) + baths)


def eq09_independent_a(model: Model, rho: Complex) -> Complex:
    """L_A[rho], shape (..., 4, 4)."""
    return _dissipator(model, model.Gamma_A, model.T_A, "A", "A", rho)


def eq10_independent_b(model: Model, rho: Complex) -> Complex:
    """L_B[rho], shape (..., 4, 4)."""
    return _dissipator(model, model.Gamma_B, model.T_B, "B", "B", rho)


def eq11_occupation(omega: ArrayLike, temperature: ArrayLike) -> Array:
    """Mean photon number, shape (...); its limit 0 at temperature 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(1 / (el.exp(np.asarray(omega) / np.asarray(temperature)) - 1))


def eq12_common_a(model: Model, rho: Complex) -> Complex:
    """L_C^(A)[rho], shape (..., 4, 4)."""
    return _dissipator(model, model.Gamma_CA, model.T_C, "A", "A", rho)


def eq13_common_b(model: Model, rho: Complex) -> Complex:
    """L_C^(B)[rho], shape (..., 4, 4)."""
    return _dissipator(model, model.Gamma_CB, model.T_C, "B", "B", rho)


def eq14_common_cross(model: Model, rho: Complex) -> Complex:
    """L_C^(AB)[rho] with Gamma_C^(AB) the geometric mean, shape (..., 4, 4)."""
    rate = np.sqrt(np.asarray(model.Gamma_CA) * np.asarray(model.Gamma_CB))
    forth = _dissipator(model, rate, model.T_C, "A", "B", rho)
    return forth + _dissipator(model, rate, model.T_C, "B", "A", rho)


def common(model: Model, rho: Complex) -> Complex:
    """L_C[rho], the sum of eqs. (12) to (14)."""
    return eq12_common_a(model, rho) + eq13_common_b(model, rho) + eq14_common_cross(model, rho)


def eq21_dephasing(gamma: ArrayLike, rho: Complex) -> Complex:
    """L_dep[rho], shape (..., 4, 4)."""
    sigma_z = np.diag([1.0, -1.0])
    d_a, d_b = (embed({site: sigma_z}, 2).toarray() for site in (0, 1))
    return np.asarray(_times(gamma, d_a @ rho @ d_a + d_b @ rho @ d_b - 2 * rho))


# ---- what is read off the steady state ---------------------------------------------------------


class BareElements(NamedTuple):
    """Elements eta of the state in the bare basis, shape (...) each."""

    e11: Array
    e22: Array
    e33: Array
    e44: Array
    e23: Array


def eq15_bare_elements(theta: ArrayLike, levels: tuple[Array, Array, Array, Array]) -> BareElements:
    """eta from the populations lambda_11 … lambda_44.

    Notes
    -----
    Holds without dephasing.  With it and out of resonance the coherence between
    lambda_2 and lambda_3 does not vanish and adds to eta_22, eta_33 and eta_23.
    """
    l1, l2, l3, l4 = levels
    c2, s2 = el.cos(np.asarray(theta) / 2) ** 2, el.sin(np.asarray(theta) / 2) ** 2
    cross = el.sin(theta) / 2 * (l2 - l3)
    return BareElements(l1, c2 * l2 + s2 * l3, s2 * l2 + c2 * l3, l4, np.asarray(cross))


def eq17_concurrence(eta: BareElements) -> Array:
    """Concurrence of the X state of eq. (16), shape (...)."""
    return np.asarray(2 * np.maximum(0.0, np.abs(eta.e23) - np.sqrt(eta.e11 * eta.e44)))


def eq18_heat_current(model: Model, change: Complex) -> Array:
    """Q_nu from L_nu[rho], shape (...)."""
    h = eq01_free_hamiltonian(model) + eq02_interaction(model)
    return np.asarray(np.einsum("...ij,...ji->...", change, h).real)


class TransitionRates(NamedTuple):
    """Gamma_1^-, Gamma_1^+, Gamma_2^-, Gamma_2^+ of eq. (20), shape (...) each."""

    down_1: Array
    up_1: Array
    down_2: Array
    up_2: Array


def eq19_effective_temperatures(model: Model) -> tuple[Array, Array]:
    """T_eff(omega_1) and T_eff(omega_2) without the common reservoir, shape (...) each.

    Notes
    -----
    They are exact: without R_C both transitions of a frequency have the same
    rates, so the steady state is a product of two thermal factors.
    """
    rates = eq20_transition_rates(model)
    omega = model.omega
    first = omega[1] / el.log(rates.down_1 / rates.up_1)
    return np.asarray(first), np.asarray(omega[2] / el.log(rates.down_2 / rates.up_2))


def eq20_transition_rates(model: Model) -> TransitionRates:
    """Effective rates between the eigenstates of H_S, half those of the dissipators (9) and (10)."""
    c2, s2 = el.cos(model.theta / 2) ** 2, el.sin(model.theta / 2) ** 2
    found = []
    for j, (share_a, share_b) in ((1, (s2, c2)), (2, (c2, s2))):
        n_a, n_b = (eq11_occupation(model.omega[j], t) for t in (model.T_A, model.T_B))
        a, b = share_a * np.asarray(model.Gamma_A), share_b * np.asarray(model.Gamma_B)
        found += [a * (n_a + 1) + b * (n_b + 1), a * n_a + b * n_b]
    return TransitionRates(*found)


# ---- parts -------------------------------------------------------------------------------------


def _times(factor: ArrayLike, matrix: Any) -> Any:
    return np.asarray(np.asarray(factor)[..., None, None] * matrix)


def _outer(ket: Array, bra: Array) -> Array:
    return np.asarray(ket[..., :, None] * bra[..., None, :])


def _dissipator(
    model: Model, rate: ArrayLike, temperature: ArrayLike, x: Qubit, y: Qubit, rho: Complex
) -> Complex:
    """Sum over j of ``rate [(n + 1)(2 X rho Y^+ - {Y^+ X, rho}) + n (2 X^+ rho Y - {Y X^+, rho})]``."""
    jumps = eq07_jump_operators(model.theta)
    total = np.zeros_like(rho)
    for j in (1, 2):
        n = eq11_occupation(model.omega[j], temperature)
        left, right = jumps[x, j], jumps[y, j]
        left_up, right_up = np.swapaxes(left, -1, -2), np.swapaxes(right, -1, -2)
        for weight, a, b_up in ((n + 1, left, right_up), (n, left_up, right)):
            loss = b_up @ a
            change = 2 * a @ rho @ b_up - loss @ rho - rho @ loss
            total = total + _times(np.asarray(rate) * weight, change)
    return np.asarray(total)
