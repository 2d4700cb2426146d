"""What a state is worth: free energy, relative entropy to equilibrium, and ergotropy, batched."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.information.entropies import as_states, von_neumann_entropy
from qte.physics.information.spectra import populations, relative_entropy, spectrum
from qte.physics.operators import square

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Populations that differ by less than this of themselves are not told apart.
ROUND_OFF = 16 * np.finfo(float).eps
# What rounding may leave of H - H^+, relative to H.
HERMITIAN = 1e-13


def gibbs_relative_entropy(
    rho: ArrayLike, hamiltonian: Any, temperature: ArrayLike, *, certified: bool = False
) -> Array:
    """``S(rho|tau) = (F(rho) - F(tau))/T`` to the Gibbs state ``tau = exp(-H/T)/Z``, shape (...).

    The populations of tau count by their logarithms: they may be below the smallest double.

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    hamiltonian : array_like, shape (..., d, d)
        Hermitian.
    temperature : array_like, shape (...)
        > 0; +inf for the state of equal populations.
    certified : bool
        Whether `rho` comes from a solver that has looked at it; otherwise what is no state is refused.

    Raises
    ------
    ParameterError
        No state, no Hamiltonian of its size, or no temperature.

    Examples
    --------
    >>> float(gibbs_relative_entropy(np.diag([0.5, 0.5]), np.diag([1.0, 0.0]), 1.0).round(6))
    0.120115
    """
    state, h = _with_hamiltonian(rho, hamiltonian, certified)
    t = check.real("temperature", temperature, above=0.0, infinite=True)
    check.broadcast_shape(rho=state[..., 0, 0], hamiltonian=h[..., 0, 0], temperature=t)
    energies, vectors = matrices.eigh(h)
    with np.errstate(over="ignore"):
        exponents = -(energies - energies[..., :1]) / t[..., None]
    allowed = "be no smaller than 1e-300 times the energies, so that their ratios are doubles"
    check.require("temperature", t, np.isfinite(exponents).all(axis=-1), allowed)
    weight = np.zeros(exponents.shape[:-1])
    for k in range(1, exponents.shape[-1]):
        weight = weight + el.exp(exponents[..., k])
    logarithms = exponents - el.log1p(weight)[..., None]
    return relative_entropy(*spectrum(state), el.exp(logarithms), vectors, logarithms)


def free_energy(
    rho: ArrayLike, hamiltonian: Any, temperature: ArrayLike, *, certified: bool = False
) -> Array:
    """``Tr[H rho] - T S(rho)`` with a bath's temperature, shape (...); arguments as `gibbs_relative_entropy`.

    Examples
    --------
    >>> float(free_energy(np.diag([0.5, 0.5]), np.diag([1.0, 0.0]), 1.0).round(6))
    -0.193147
    """
    state, h = _with_hamiltonian(rho, hamiltonian, certified)
    t = check.real("temperature", temperature, minimum=0.0)
    check.broadcast_shape(rho=state[..., 0, 0], hamiltonian=h[..., 0, 0], temperature=t)
    return np.asarray(_energy(state, h) - t * von_neumann_entropy(state, certified=True))


def ergotropy(rho: ArrayLike, hamiltonian: Any, *, certified: bool = False) -> Array:
    """The most work that a unitary takes out of a state, shape (...); arguments as `gibbs_relative_entropy`.

    The energy less that of the passive state (A. E. Allahverdyan, R. Balian and T. M. Nieuwenhuizen, Europhys.
    Lett. 67, 565 (2004)), summed gap by gap: what the state holds above a gap, less what the passive state
    does, is never negative.  Where both agree to round-off (16 eps) it counts as 0.

    Examples
    --------
    >>> ergotropy([np.diag([0.75, 0.25]), np.diag([0.25, 0.75])], np.diag([2.0, 0.0]))
    array([1., 0.])
    """
    state, h = _with_hamiltonian(rho, hamiltonian, certified)
    check.broadcast_shape(rho=state[..., 0, 0], hamiltonian=h[..., 0, 0])
    energies, vectors = matrices.eigh(h)
    held = matrices.product(matrices.adjoint(vectors), state, vectors)
    held = np.diagonal(held, axis1=-2, axis2=-1).real
    passive = populations(state)
    total = np.zeros(np.broadcast_shapes(held.shape, energies.shape)[:-1])
    above, least = np.zeros_like(total), np.zeros_like(total)
    for k in range(held.shape[-1] - 1, 0, -1):
        above, least = above + held[..., k], least + passive[..., k]
        excess = above - least
        told_apart = excess > ROUND_OFF * (above + least)
        total = total + np.where(told_apart, (energies[..., k] - energies[..., k - 1]) * excess, 0.0)
    return np.asarray(total)


def _energy(state: Complex, h: Complex) -> Array:
    total = np.zeros(np.broadcast_shapes(state.shape[:-2], h.shape[:-2]))
    for i in range(h.shape[-1]):
        for j in range(h.shape[-1]):
            total = total + matrices.times(h[..., i, j], state[..., j, i]).real
    return np.asarray(total)


def _with_hamiltonian(rho: Any, hamiltonian: Any, certified: bool) -> tuple[Complex, Complex]:
    state = as_states("rho", rho, certified)
    given = hamiltonian.toarray() if hasattr(hamiltonian, "toarray") else hamiltonian
    h = square("hamiltonian", given).astype(complex)
    if h.shape[-1] != state.shape[-1]:
        raise ParameterError(
            "hamiltonian", h.shape, f"have shape (..., {state.shape[-1]}, {state.shape[-1]})"
        )
    largest = np.abs(h).max(axis=(-2, -1), initial=0.0)
    check.require("hamiltonian", largest, largest <= check.LARGEST, f"have entries <= {check.LARGEST:g}")
    excess = np.abs(h - matrices.adjoint(h)).max(axis=(-2, -1), initial=0.0)
    allowed = "be Hermitian: |H - H^+| is what was found"
    check.require("hamiltonian", excess, excess <= HERMITIAN * largest, allowed)
    return state, h
