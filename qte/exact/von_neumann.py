"""The second-order von Neumann equation of interacting levels between leads: up to two electrons on their way.

Pedersen and Wacker, Phys. Rev. B 72, 195330 (2005), with the leads written as sums of exponentials: what a hierarchy of
depth 2 holds, exact without interaction.  A code of its own, in NumPy and SciPy without QuTiP: what two electrons do is
eliminated in closed form, what one does numerically.

Units hbar = k_B = 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from qte.common import parameters as check
from qte.common.errors import IllConditioned, ParameterError
from qte.exact.hierarchy import MOST_TERMS, FermionicLead, OpenSystem, SteadyState
from qte.exact.hierarchy_levels import eigenbasis, turned

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What may be left of the equations, in their own size.
RESIDUAL = 1e-9


@dataclass(frozen=True, eq=False)
class _Kind:
    """Electrons of one lead that come (the adjoint operator) or go, by their exponentials ``c exp(-v t)``."""

    lead: int
    operator: Complex
    c: Complex
    opposite: Complex
    v: Complex


def pade(terms: int) -> tuple[Array, Array]:
    """Residues and poles of ``1/(exp(x) + 1) = 1/2 - sum 2 residue x/(x^2 + pole^2)``, shape (terms,) each.

    The expansion [terms - 1 / terms] of Hu et al., J. Chem. Phys. 134, 244106 (2011).
    """
    check.integer("terms", terms, minimum=1, maximum=MOST_TERMS)

    def roots(first: int, size: int) -> Array:
        beside = [1 / np.sqrt((2 * k + first) * (2 * k + first + 2)) for k in range(size - 1)]
        values = np.linalg.eigvalsh(np.diag(beside, 1) + np.diag(beside, -1))
        return np.asarray(2 / np.sort(values)[::-1][: size // 2])

    poles, zeros = roots(1, 2 * terms), roots(3, 2 * terms - 1)
    residues = []
    for j, pole in enumerate(poles):
        others = np.delete(poles, j)
        ratios = (zeros**2 - pole**2) / (others**2 - pole**2)
        residues.append(terms * (2 * terms + 1) / 2 * np.prod(ratios))
    return np.array(residues), poles


def steady_state(system: OpenSystem, terms: int) -> SteadyState:
    """The stationary solution, with as many terms of the Padé expansion.

    Raises
    ------
    ParameterError
        The system has an environment that is no fermionic lead.
    IllConditioned
        The equations are singular.
    """
    check.instance("system", system, OpenSystem)
    for one in system.environments:
        if not isinstance(one, FermionicLead):
            raise ParameterError("environments", one.name, "be fermionic leads")
    energies, states = eigenbasis(system.hamiltonian)
    kinds = _kinds(system, states, terms)
    dim = len(energies)
    turning = np.asarray(1j * (energies[:, None] - energies[None, :]).ravel(), dtype=np.complex128)
    one_electron, source, sinks = _equations(kinds, turning, dim)
    answer = _solved(one_electron, source)
    flows = [-sink @ answer for sink in sinks]
    total = sum(flows) - np.diag(turning)
    rho = _null(total, dim)
    back = [states @ (flow @ rho).reshape(dim, dim) @ states.conj().T for flow in flows]
    names = [one.name for one in system.environments]
    return SteadyState(
        states @ rho.reshape(dim, dim) @ states.conj().T, dict(zip(names, back, strict=True)), system
    )


def _kinds(system: OpenSystem, states: Complex, terms: int) -> list[_Kind]:
    residues, poles = pade(terms)
    found = []
    for lead, one in enumerate(system.environments):
        assert isinstance(one, FermionicLead)
        operator = turned(one.operator, states)
        (come, v), (go, w) = (_exponentials(one, sign, residues, poles) for sign in (1, -1))
        found.append(_Kind(lead, operator.conj().T, come, go.conj(), v))
        found.append(_Kind(lead, operator, go, come.conj(), w))
    return found


def _exponentials(lead: FermionicLead, sign: int, residues: Array, poles: Array) -> tuple[Complex, Complex]:
    """Coefficients and rates of the correlation function of a Lorentzian band; the band's own pole comes first."""
    width, away = lead.width, lead.middle - lead.mu
    x = (sign * away + 1j * width) / lead.T
    own = 0.5 * lead.gamma * width * (0.5 - (2 * residues * x / (x**2 + poles**2)).sum())
    at = -away + sign * 1j * poles * lead.T
    rest = -1j * residues * lead.T * lead.gamma * width**2 / (at**2 + width**2)
    rates = poles * lead.T - sign * 1j * lead.mu
    return np.array([own, *rest]), np.array([width - sign * 1j * lead.middle, *rates])


def _left(operator: Complex) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.kron(operator, np.eye(len(operator))))


def _right(operator: Complex) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.kron(np.eye(len(operator)), operator.T))


def _equations(
    kinds: list[_Kind], turning: Complex, dim: int
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, list[sparse.csr_matrix]]:
    """What one electron obeys, what the state makes of it, and what it makes of the state, by lead."""
    size, blocks = dim**2, []
    for one in kinds:
        row = []
        for other in kinds:
            row.append(_pair(one, other, turning) + (_alone(one, kinds, turning) if one is other else 0))
        blocks.append(row)
    source = sparse.vstack(
        [
            sparse.kron(one.c[:, None], -1j * _left(one.operator))
            + sparse.kron(one.opposite[:, None], 1j * _right(one.operator))
            for one in kinds
        ]
    )
    sinks = []
    for lead in sorted({one.lead for one in kinds}):
        parts = []
        for one in kinds:
            back = one.operator.conj().T
            acts = 1j * (_left(back) - _right(back)) * (one.lead == lead)
            parts.append(sparse.kron(np.ones((1, len(one.v))), acts))
        sinks.append(sparse.hstack(parts).tocsr())
    assert source.shape[1] == size
    return sparse.bmat(blocks).tocsr(), source.tocsr(), sinks


def _alone(one: _Kind, kinds: list[_Kind], turning: Complex) -> sparse.csr_matrix:
    """An electron that travels while another one comes and goes."""
    diagonal = [sparse.diags(turning + v) for v in one.v]
    for other in kinds:
        back = other.operator.conj().T
        end = _left(back) + _right(back)
        for k, v in enumerate(one.v):
            decay = 1 / (turning[:, None] + v + other.v)
            middle = sparse.diags((decay * other.c).sum(axis=1)) @ _left(other.operator)
            middle = middle + sparse.diags((decay * other.opposite).sum(axis=1)) @ _right(other.operator)
            diagonal[k] = diagonal[k] + end @ middle
    return sparse.block_diag(diagonal)


def _pair(one: _Kind, other: _Kind, turning: Complex) -> sparse.csr_matrix:
    """Two electrons of which the second goes on after the first."""
    back = other.operator.conj().T
    end = (_left(back) + _right(back)).tocsc()
    decay = 1 / (turning[:, None, None] + one.v[:, None] + other.v[None, :])
    total = None
    for begin, weight in ((_left(one.operator), one.c), (_right(one.operator), one.opposite)):
        rows, columns, values, middle = _paths(end, begin)
        entries = -values[:, None, None] * decay[middle] * weight[:, None]
        a, b = np.arange(len(one.v))[:, None], np.arange(len(other.v))[None, :]
        size = len(turning)
        place = (a * size + rows[:, None, None], b * size + columns[:, None, None])
        shape = (len(one.v) * size, len(other.v) * size)
        spread = [np.broadcast_to(index, entries.shape).ravel() for index in place]
        part = sparse.coo_matrix((entries.ravel(), tuple(spread)), shape=shape).tocsr()
        total = part if total is None else total + part
    return total


def _paths(end: sparse.csc_matrix, begin: sparse.csr_matrix) -> tuple[NDArray[np.int64], ...]:
    """All products ``end[i, m] begin[m, j]`` that are not 0: i, j, their values, m."""
    found = []
    for m in range(end.shape[0]):
        first = slice(end.indptr[m], end.indptr[m + 1])
        second = slice(begin.indptr[m], begin.indptr[m + 1])
        i, j = np.meshgrid(end.indices[first], begin.indices[second], indexing="ij")
        values = np.multiply.outer(end.data[first], begin.data[second])
        found.append((i.ravel(), j.ravel(), values.ravel(), np.full(i.size, m)))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def _solved(matrix: sparse.csr_matrix, source: sparse.csr_matrix) -> Complex:
    """``matrix^-1 source``, of what the source reaches alone."""
    matrix.eliminate_zeros()
    pattern = sparse.csr_matrix((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    _, label = connected_components(pattern, directed=False)
    out = np.zeros(source.shape, dtype=complex)
    touched = np.unique(source.nonzero()[0])
    for part in np.unique(label[touched]):
        inside = np.flatnonzero(label == part)
        out[inside] = np.linalg.solve(matrix[inside][:, inside].toarray(), source[inside].toarray())
    return out


def _null(total: Complex, dim: int) -> Complex:
    """The vectorised state of trace one that `total` annihilates."""
    diagonal = np.arange(dim) * (dim + 1)
    _, label = connected_components(sparse.csr_matrix(total != 0), directed=False)
    inside = np.flatnonzero(np.isin(label, label[diagonal]))
    matrix, right = total[np.ix_(inside, inside)], np.zeros(len(inside), dtype=complex)
    scale = np.abs(matrix).max()
    matrix[0] = scale * np.isin(inside, diagonal)
    right[0] = scale
    rho = np.zeros(dim**2, dtype=complex)
    rho[inside] = np.linalg.solve(matrix, right)
    left = float(np.abs(total @ rho).max())
    if not left <= RESIDUAL * scale:
        raise IllConditioned(
            f"The second-order von Neumann equation could not be solved: residual {left:.1e}"
        )
    matrix = rho.reshape(dim, dim)
    return np.asarray((matrix + matrix.conj().T).ravel() / 2)
