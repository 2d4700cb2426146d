"""Hamiltonians and labelled dissipation channels, over a grid of parameters.

An operator that depends on parameters is a sum of constant sparse matrices with
coefficients of the grid's shape (`Term`).  A `Generator` collects the terms of
the Hamiltonian and the `Channel`s of each reservoir; `qte.solver.blocks` turns it into
equations.  Units: hbar = k_B = 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, Expansion, leading, two_sum
from qte.common.errors import ParameterError
from qte.physics.baths import Bath
from qte.physics.operators import Operator

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Terms = tuple["Term", ...]

# Transition frequencies closer than this, relative to the largest, are one frequency:
# far above round-off, far below any rate for which a secular equation is meant.
SAME_FREQUENCY = 1e-10
# What rounding may leave of H - H^+, relative to H, and of F^+ F - 1 a dimension.
HERMITIAN, UNITARY = 1e-13, 1e-13
# An amplitude below this, relative to the largest and a transition, is round-off of one that is 0.
NO_AMPLITUDE = 1e-15


@dataclass(frozen=True, eq=False)
class Term:
    """`coefficient` (real, shape (...)) times a constant `operator`, shape (d, d)."""

    coefficient: Array
    operator: Operator

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficient", check.real("coefficient", self.coefficient))
        object.__setattr__(self, "operator", _as_operator("operator", self.operator))

    @classmethod
    def of(cls, coefficient: ArrayLike, operator: Any) -> Term:
        return cls(np.asarray(check.real("coefficient", coefficient)), operator)


def _as_operator(name: str, value: Any) -> Operator:
    """A square sparse matrix of finite numbers."""
    allowed = "be a square matrix of finite numbers"
    if sp.issparse(value):
        matrix = value if isinstance(value, sp.csr_array) else sp.csr_array(value)
        data = matrix.data
    else:
        data = check.numbers(name, value, allowed)
        if data.ndim != 2:
            raise ParameterError(name, data.shape, allowed)
        matrix = sp.csr_array(data)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise ParameterError(name, matrix.shape, allowed)
    if data.dtype.kind not in "iufcb" or not np.all(np.isfinite(data)):
        raise ParameterError(name, value, allowed)
    return matrix


@dataclass(frozen=True, eq=False)
class Channel:
    r"""One dissipator ``rate * D[jump]`` due to one reservoir.

    ``D[A] rho = A rho A^+ - {A^+ A, rho}/2``.  With a `partner` B it is the
    bilinear form ``(A rho B^+ + B rho A^+ - B^+ A rho - rho A^+ B)/2`` of a
    Redfield equation.

    Parameters
    ----------
    reservoir : hashable
        Label of the reservoir the energy comes from; None for pure dephasing.
    rate : ndarray, DoubleDouble or Expansion, shape (...)
    jump : tuple of Term
    partner : tuple of Term, optional
    quanta : float, optional
        Particles that a jump brings into the system (+1, -1), 0 where no
        particle is counted.
    """

    reservoir: Hashable
    rate: Any
    jump: Terms
    partner: Terms | None = None
    quanta: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.reservoir, Hashable):
            raise ParameterError("reservoir", self.reservoir, "be a label: a word, a number or None")
        if not isinstance(self.rate, (DoubleDouble, Expansion)):
            object.__setattr__(self, "rate", check.real("rate", self.rate))
        for name in ("jump", "partner"):
            terms = getattr(self, name)
            if terms is not None or name == "jump":
                object.__setattr__(self, name, _as_terms(name, terms))
        check.real("quanta", self.quanta)

    @classmethod
    def of(cls, reservoir: Hashable, rate: Any, jump: Any, quanta: int = 0) -> Channel:
        """Lindblad channel of one constant jump operator."""
        return cls(reservoir, rate, (Term(np.ones(()), _as_operator("jump", jump)),), None, quanta)


def _as_terms(name: str, terms: Any) -> Terms:
    """At least one term, all of one dimension."""
    if not isinstance(terms, (tuple, list)) or not terms or not all(isinstance(t, Term) for t in terms):
        raise ParameterError(name, terms, "be a tuple of at least one Term")
    sizes = [t.operator.shape[0] for t in terms]
    if len(set(sizes)) > 1:
        raise ParameterError(name, tuple(sizes), "have operators of one dimension")
    return tuple(terms)


@dataclass(frozen=True, eq=False)
class Generator:
    """A master equation d rho/dt = -i[H, rho] + sum of dissipators, on a grid.

    Parameters
    ----------
    hamiltonian : tuple of Term
    channels : tuple of Channel
    frame : ndarray, optional, shape (..., d, d)
        Unitary matrix whose columns are the vectors of the basis in which
        the terms are written; None for the computational basis.
    completely_positive : bool
        False for a Redfield equation, whose states may be negative.
    permutations : tuple of ndarray of int, shapes (d,)
        Renamings i -> p[i] of the basis states that may be symmetries; `qte.solver.permutation_symmetry`
        uses those that are.
    attracting : ndarray of int, optional, shape (k,)
        Basis states that every evolution ends in and none leaves, so that a steady state
        lives on them alone.  That none is left is checked; that all else decays is for
        who builds the generator to know.
    """

    hamiltonian: Terms
    channels: tuple[Channel, ...]
    frame: Array | Complex | None = None
    completely_positive: bool = True
    permutations: tuple[NDArray[np.intp], ...] = ()
    attracting: NDArray[np.intp] | None = None
    shape: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hamiltonian", _as_terms("hamiltonian", self.hamiltonian))
        if not isinstance(self.channels, (tuple, list)) or not all(
            isinstance(c, Channel) for c in self.channels
        ):
            raise ParameterError("channels", self.channels, "be a tuple of Channels")
        object.__setattr__(self, "channels", tuple(self.channels))
        if self.frame is not None:
            frame = check.numbers("frame", self.frame, "be unitary matrices of finite numbers")
            object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "shape", self._common_shape())
        self._check_channels()
        self._check_hamiltonian()
        self._check_frame()
        for order in self.permutations:
            if sorted(np.asarray(order).tolist()) != list(range(self.dim)):
                raise ParameterError("permutations", order, f"hold permutations of {self.dim} numbers from 0")

        if self.attracting is not None:
            self._check_attracting(np.asarray(self.attracting))

    def _check_attracting(self, states: NDArray[np.intp]) -> None:
        outside = np.setdiff1d(np.arange(self.dim), states)
        acting = [t for t in self.hamiltonian if np.any(t.coefficient != 0)]
        for channel in self.channels:
            acting += [
                t for t in channel.jump if np.any(np.asarray(leading(channel.rate)) * t.coefficient != 0)
            ]
        if any(abs(t.operator[outside][:, states]).sum() != 0 for t in acting):
            raise ParameterError(
                "attracting", f"{len(states)} states", "be basis states that no term leads out of"
            )

    def restricted(self, states: NDArray[np.intp]) -> Generator:
        """The generator on some basis states only, shape (k, k) operators; channels without entries are left out."""

        def cut(terms: Terms) -> Terms:
            return tuple(Term(t.coefficient, t.operator[states][:, states]) for t in terms)

        channels = tuple(
            dataclasses.replace(c, jump=cut(c.jump), partner=None if c.partner is None else cut(c.partner))
            for c in self.channels
        )
        kept = tuple(c for c in channels if any(t.operator.nnz for t in c.jump))
        first, *rest = cut(self.hamiltonian)
        wide = Term(np.broadcast_to(first.coefficient, self.shape), first.operator)
        return Generator((wide, *rest), kept, None, self.completely_positive)

    def _common_shape(self) -> tuple[int, ...]:
        shapes = [("hamiltonian", t.coefficient.shape) for t in self.hamiltonian]
        for channel in self.channels:
            shapes.append(("rate", channel.rate.shape))
            shapes += [("jump", t.coefficient.shape) for t in channel.jump]
            shapes += [("partner", t.coefficient.shape) for t in channel.partner or ()]
        if self.frame is not None:
            shapes.append(("frame", np.shape(self.frame)[:-2]))
        common: tuple[int, ...] = ()
        for name, shape in shapes:
            try:
                common = np.broadcast_shapes(common, shape)
            except ValueError:
                wanted = f"have a shape that broadcasts with the others, {common}"
                raise ParameterError(name, shape, wanted) from None
        return common

    def _check_channels(self) -> None:
        for channel in self.channels:
            for name, terms in (("jump", channel.jump), ("partner", channel.partner or ())):
                for term in terms:
                    if term.operator.shape[0] != self.dim:
                        wanted = f"have the shape of the Hamiltonian, ({self.dim}, {self.dim})"
                        raise ParameterError(name, term.operator.shape, wanted)

    def _check_hamiltonian(self) -> None:
        if all(_is_hermitian(t.operator) for t in self.hamiltonian):
            return
        matrix = self.hamiltonian_matrix
        excess = np.abs(matrix - np.swapaxes(matrix, -1, -2).conj()).max(axis=(-2, -1))
        fine = excess <= HERMITIAN * np.abs(matrix).max(axis=(-2, -1))
        allowed = "be Hermitian: |H - H^+| is what was found"
        check.require("hamiltonian", excess, fine, allowed)

    def _check_frame(self) -> None:
        frame = self.frame
        if frame is None:
            return
        if frame.shape[-2:] != (self.dim, self.dim):
            raise ParameterError("frame", frame.shape, f"have shape (..., {self.dim}, {self.dim})")
        excess = np.abs(_adjoint_matrix(frame) @ frame - np.eye(self.dim)).max(axis=(-2, -1))
        check.require(
            "frame", excess, excess <= UNITARY * self.dim, "be unitary: |F^+ F - 1| is what was found"
        )

    @property
    def dim(self) -> int:
        """Dimension d of the Hilbert space."""
        return int(self.hamiltonian[0].operator.shape[0])

    @property
    def reservoirs(self) -> tuple[Hashable, ...]:
        """Labels of the reservoirs, in order of appearance."""
        seen = dict.fromkeys(c.reservoir for c in self.channels if c.reservoir is not None)
        return tuple(seen)

    def channels_of(self, reservoir: Hashable) -> tuple[Channel, ...]:
        """Channels of one reservoir, with the nearest valid label in the error."""
        labels = self.reservoirs
        if not isinstance(reservoir, Hashable) or reservoir not in labels:
            allowed = "be one of " + ", ".join(map(repr, labels))
            hint = check.did_you_mean(reservoir, map(str, labels))
            raise ParameterError("reservoir", reservoir, allowed + hint)
        return tuple(c for c in self.channels if c.reservoir == reservoir)

    @cached_property
    def hamiltonian_matrix(self) -> Complex:
        """H in the frame of the terms, shape (..., d, d)."""
        return dense(self.hamiltonian, self.shape, self.dim)

    def hamiltonian_at(self, point: int) -> Operator:
        """H at one grid point (counted in C order) as a sparse matrix, in the frame of the terms."""
        total = sp.csr_array((self.dim,) * 2)
        for term in self.hamiltonian:
            total = total + float(np.broadcast_to(term.coefficient, self.shape).flat[point]) * term.operator
        return sp.csr_array(total)

    def to_computational(self, rho: Complex) -> Complex:
        """`rho` of the frame's basis, expressed in the computational basis."""
        if self.frame is None:
            return rho
        return _hermitian(self.frame @ rho @ _adjoint_matrix(self.frame))

    def to_frame(self, rho: Complex) -> Complex:
        """`rho` of the computational basis, expressed in the frame's basis."""
        if self.frame is None:
            return rho
        return _hermitian(_adjoint_matrix(self.frame) @ rho @ self.frame)


def _adjoint_matrix(matrix: Array | Complex) -> Any:
    turned = np.swapaxes(matrix, -1, -2)
    return turned.conj() if np.iscomplexobj(turned) else turned


def _is_hermitian(operator: Operator) -> bool:
    """Exactly, as H of sums of Hermitian terms is."""
    if operator.shape[0] <= 64:
        dense_operator = operator.toarray()
        return np.array_equal(dense_operator, dense_operator.conj().T)
    return bool(abs(operator - operator.conj().T).max() == 0)


def _hermitian(rho: Complex) -> Complex:
    """Drop what the rounding of a matrix product adds to a Hermitian matrix."""
    return np.asarray((rho + np.swapaxes(rho, -1, -2).conj()) / 2)


def dense(terms: Iterable[Term], shape: tuple[int, ...], dim: int) -> Complex:
    """Sum of terms as a dense array, shape (..., d, d)."""
    total = np.zeros((*shape, dim, dim), dtype=complex)
    for term in terms:
        total += np.asarray(term.coefficient)[..., None, None] * term.operator.toarray()
    return total


def local_channels(
    reservoir: Hashable, bath: Bath, energy: ArrayLike, lower: Any, shift: ArrayLike = 0.0
) -> tuple[Channel, Channel]:
    """Emission and absorption of one qubit at its own gap (khandelwal2020 eqs. (3), (4)).

    Parameters
    ----------
    reservoir : hashable
    bath : Bath
    energy : array_like, shape (...)
    lower : array_like or sparse, shape (d, d)
        Lowering operator of the qubit.
    shift : array_like, shape (...)
        The rates are taken at ``energy + shift``, which an `ExtendedBath` does not round.

    Examples
    --------
    >>> from qte.physics.operators import lowering
    >>> emission, absorption = local_channels("h", Bath(1.0, 0.01), 1.0, lowering(0, 2))
    >>> emission.reservoir, emission.quanta, float(emission.rate.round(6)), float(absorption.rate.round(6))
    ('h', -1, 0.01582, 0.00582)
    """
    check.instance("bath", bath, Bath)
    lower = _as_operator("lower", lower)
    return (
        Channel.of(reservoir, bath.emission(energy, shift), lower, -1),
        Channel.of(reservoir, bath.absorption(energy, shift), sp.csr_array(lower.conj().T), +1),
    )


def dephasing_channels(rate: ArrayLike, projectors: Sequence[Any]) -> tuple[Channel, ...]:
    """Pure dephasing ``rate * D[P]`` for each operator; it belongs to no reservoir."""
    return tuple(Channel.of(None, rate, p) for p in projectors)


@dataclass(frozen=True, eq=False)
class Eigenbasis:
    """Energies (..., d) and orthogonal eigenvectors (..., d, d) of a real Hamiltonian.

    `support` (d, d) marks the entries of the vectors that can differ from zero:
    all others are exactly zero, so that the sparsity of what is built on them
    is exact.
    """

    energies: Array
    vectors: Array
    support: NDArray[np.bool_]


def eigenbasis(hamiltonian: Terms, shape: tuple[int, ...], dim: int) -> Eigenbasis:
    """Diagonalise H within each block of its sparsity pattern.

    Blocks of two states use the stable closed form, larger ones LAPACK; the
    order of a block's states is by decreasing energy.

    Examples
    --------
    >>> from qte.physics.operators import flip_flop, total_excitation
    >>> terms = (Term.of(1.0, total_excitation(2)), Term.of([0.1, 0.4], flip_flop(0, 1, 2)))
    >>> eigenbasis(terms, (2,), 4).energies
    array([[2. , 1.1, 0.9, 0. ],
           [2. , 1.4, 0.6, 0. ]])
    """
    hamiltonian = _as_terms("hamiltonian", hamiltonian)
    if hamiltonian[0].operator.shape[0] != dim:
        raise ParameterError("hamiltonian", hamiltonian[0].operator.shape, f"have shape ({dim}, {dim})")
    matrix = dense(hamiltonian, shape, dim)
    if np.any(matrix.imag != 0):
        raise ParameterError("hamiltonian", "complex entries", "be real")
    if not np.array_equal(matrix, np.swapaxes(matrix, -1, -2)):
        raise ParameterError("hamiltonian", "entries H_ij that are not H_ji", "be symmetric")
    pattern = np.any(matrix.real != 0, axis=tuple(range(len(shape))))
    _, labels = sp.csgraph.connected_components(sp.csr_array(pattern), directed=False)
    energies = np.zeros((*shape, dim))
    vectors = np.zeros((*shape, dim, dim))
    support = np.zeros((dim, dim), dtype=bool)
    for label in range(labels.max() + 1):
        block = np.flatnonzero(labels == label)
        sub = matrix.real[..., block[:, None], block]
        if len(block) == 2:
            apart = _level_difference(hamiltonian, shape, block)
            energies[..., block], inner = _diagonalise_pair(sub, apart)
        else:
            energies[..., block], inner = _diagonalise(sub)
        vectors[..., block[:, None], block] = inner
        support[np.ix_(block, block)] = True
    return Eigenbasis(energies, vectors, support)


def _diagonalise(sub: Array) -> tuple[Array, Array]:
    size = sub.shape[-1]
    if size == 1:
        return sub[..., 0], np.ones_like(sub)
    values, vectors = np.linalg.eigh(sub)
    return values[..., ::-1], vectors[..., ::-1]


def _level_difference(hamiltonian: Terms, shape: tuple[int, ...], pair: NDArray[np.intp]) -> Array:
    """H_aa - H_bb term by term: a detuning keeps its digits beside what both levels share."""
    total = np.zeros(shape)
    for term in hamiltonian:
        first, second = (complex(term.operator[k, k]).real for k in pair.tolist())
        total = total + term.coefficient * (first - second)
    return np.asarray(total)


def _diagonalise_pair(sub: Array, apart: Array) -> tuple[Array, Array]:
    """Two levels: angle theta in [0, pi] with tan(theta) = 2 b/(a - d), the right branch of man2019."""
    a, b, d = sub[..., 0, 0], sub[..., 0, 1], sub[..., 1, 1]
    mean, half_gap = (a + d) / 2, np.hypot(apart / 2, b)
    half_angle = np.arctan2(2 * b, apart) / 2
    c, s = np.cos(half_angle), np.sin(half_angle)
    values = np.stack([mean + half_gap, mean - half_gap], axis=-1)
    return values, np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], axis=-2)


@dataclass(frozen=True, eq=False)
class _Transition:
    """|a><b| with its amplitude <a|A|b> (...) and frequency E_b - E_a = frequency + tail (...)."""

    amplitude: Array | Complex
    frequency: Array
    tail: Array
    operator: Operator

    def terms(self, weight: ArrayLike = 1.0) -> Terms:
        """amplitude * |a><b|; the imaginary part of a complex amplitude is a term of its own."""
        amplitude = np.asarray(self.amplitude * np.asarray(weight))
        if not np.iscomplexobj(amplitude):
            return (Term(amplitude, self.operator),)
        return Term(amplitude.real, self.operator), Term(amplitude.imag, 1j * self.operator)


def _transitions(coupling: Terms, basis: Eigenbasis, shape: tuple[int, ...]) -> list[_Transition]:
    dim = basis.support.shape[0]
    matrix: Array | Complex = dense(coupling, shape, dim)
    if not np.any(matrix.imag):
        matrix = np.asarray(matrix.real)
    frame = basis.vectors
    rotated = np.swapaxes(frame, -1, -2) @ matrix @ frame
    bare = np.any(matrix != 0, axis=tuple(range(len(shape))))
    reach = basis.support.T.astype(int) @ bare.astype(int) @ basis.support.astype(int) > 0
    # a 0 that the pattern cannot show (a dark state of a collective bath) is left as a number
    found = []
    for a, b in np.argwhere(reach):
        unit = sp.csr_array(([1.0], ([a], [b])), shape=(dim, dim))
        gap, tail = two_sum(basis.energies[..., b], -basis.energies[..., a])
        found.append(_Transition(rotated[..., a, b], gap, tail, unit))
    return found


def _clusters(frequencies: Array, tolerance: float) -> NDArray[np.intp]:
    """Number the distinct frequencies along axis 0, separately at every grid point."""
    order = np.argsort(frequencies, axis=0, kind="stable")
    ranked = np.take_along_axis(frequencies, order, axis=0)
    scale = np.abs(frequencies).max(axis=0, keepdims=True)
    steps = np.diff(ranked, axis=0) > tolerance * scale
    label = np.concatenate([np.zeros_like(ranked[:1], dtype=np.intp), np.cumsum(steps, axis=0)])
    out = np.empty_like(label)
    np.put_along_axis(out, order, label, axis=0)
    return out


def global_channels(
    reservoir: Hashable,
    bath: Bath,
    coupling: Terms,
    basis: Eigenbasis,
    shape: tuple[int, ...],
    *,
    secular: bool = True,
) -> tuple[Channel, ...]:
    """Dissipators of a bath that couples through `coupling` (a lowering operator).

    The coupling operator A is split into its parts A(w) that lower the energy
    by w.  Secular: ``sum_w gamma^-(w) D[A(w)] + gamma^+(w) D[A(w)^+]``, where
    frequencies that agree to a relative 1e-10 count as one, at every grid
    point by itself.  Otherwise the Redfield form without Lamb shift, which keeps
    every pair of frequencies.

    Returns
    -------
    tuple of Channel
        Written in the eigenbasis.

    Raises
    ------
    ParameterError
        A part with w <= 0 meets a bosonic bath, which has no such mode.

    Examples
    --------
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> terms = (Term.of(1.0, total_excitation(2)), Term.of(0.4, flip_flop(0, 1, 2)))
    >>> basis = eigenbasis(terms, (), 4)
    >>> channels = global_channels("h", Bath(1.0, 0.01), (Term.of(1.0, lowering(0, 2)),), basis, ())
    >>> len(channels)
    4
    >>> Generator(energy_terms(basis), channels, basis.vectors).dim
    4
    """
    check.instance("bath", bath, Bath)
    coupling = _as_terms("coupling", coupling)
    dim = basis.support.shape[0]
    if coupling[0].operator.shape[0] != dim:
        raise ParameterError(
            "coupling", coupling[0].operator.shape, f"have the shape ({dim}, {dim}) of the basis"
        )
    parts = _transitions(coupling, basis, shape)
    if not parts:
        return ()
    frequencies = np.stack([np.broadcast_to(p.frequency, shape) for p in parts])
    alone = np.eye(len(parts), dtype=bool).reshape(len(parts), len(parts), *(1,) * len(shape))
    if not secular:
        parts, frequencies = _without_noise(bath, parts, frequencies, alone)
        return _redfield(reservoir, bath, parts, frequencies)
    labels = _clusters(frequencies, SAME_FREQUENCY)
    same = labels[:, None] == labels[None, :]
    frequencies = _cluster_means(frequencies, same)
    parts, frequencies = _without_noise(bath, parts, frequencies, same)
    uniform = np.all(
        same == same.reshape(*same.shape[:2], -1)[..., :1].reshape(same.shape[:2] + (1,) * len(shape))
    )
    if uniform:
        return _lindblad(reservoir, bath, parts, frequencies, same.reshape(*same.shape[:2], -1)[..., 0])
    return _pairwise(reservoir, bath, parts, frequencies, same)


def _without_noise(
    bath: Bath, parts: list[_Transition], frequencies: Array, same: NDArray[np.bool_]
) -> tuple[list[_Transition], Array]:
    """Transitions that a bosonic bath could not drive, left out where their amplitude is round-off."""
    if bath.statistics != "bose" or np.all(frequencies > 0):
        return parts, frequencies
    amplitudes = np.stack([np.broadcast_to(np.abs(p.amplitude), frequencies.shape[1:]) for p in parts])
    noise = amplitudes <= NO_AMPLITUDE * len(parts) * amplitudes.max(axis=0)
    # of one frequency all have to be, or the bath is asked for a mode it does not have
    idle = (frequencies <= 0) & ~np.any(same & ~noise[None], axis=1)
    kept = [
        dataclasses.replace(p, amplitude=np.where(gone, 0.0, p.amplitude)) if gone.any() else p
        for p, gone in zip(parts, idle, strict=True)
    ]
    # nothing is driven at the frequency put in their place
    return kept, np.where(idle, np.abs(frequencies).max(axis=0) + 1.0, frequencies)


def _cluster_means(frequencies: Array, same: NDArray[np.bool_]) -> Array:
    weights = same.astype(float)
    first = np.argmax(same, axis=1)
    base = np.take_along_axis(frequencies, first, axis=0)
    offset = np.einsum("pq...,q...->p...", weights, frequencies) - base * weights.sum(axis=1)
    return np.asarray(base + offset / weights.sum(axis=1))


def _rates(bath: Bath, frequency: Array, tail: Array) -> tuple[Any, Any]:
    """Rates at a frequency and what its rounding cut off, which only an `ExtendedBath` feels."""
    return bath.emission(frequency, tail), bath.absorption(frequency, tail)


def _up_and_down(
    reservoir: Hashable, rates: tuple[Any, Any], down: Terms, partner: Terms | None = None
) -> tuple[Channel, Channel]:
    up = _adjoint(down)
    up_partner = None if partner is None else _adjoint(partner)
    return (
        Channel(reservoir, rates[0], down, partner, -1),
        Channel(reservoir, rates[1], up, up_partner, +1),
    )


def _adjoint(terms: Terms) -> Terms:
    return tuple(Term(t.coefficient, sp.csr_array(t.operator.conj().T)) for t in terms)


def _lindblad(
    reservoir: Hashable,
    bath: Bath,
    parts: list[_Transition],
    frequencies: Array,
    same: NDArray[np.bool_],
) -> tuple[Channel, ...]:
    channels: list[Channel] = []
    for leader in sorted({int(np.argmax(row)) for row in same}):
        members = np.flatnonzero(same[leader])
        jump = tuple(term for m in members for term in parts[m].terms())
        tail = parts[leader].tail if len(members) == 1 else np.zeros(())
        channels += _up_and_down(reservoir, _rates(bath, frequencies[leader], tail), jump)
    return tuple(channels)


def _pairwise(
    reservoir: Hashable,
    bath: Bath,
    parts: list[_Transition],
    frequencies: Array,
    same: NDArray[np.bool_],
) -> tuple[Channel, ...]:
    """The secular form where the sets of equal frequencies differ between grid points."""
    channels: list[Channel] = []
    for p, part in enumerate(parts):
        partner = tuple(
            term for q, other in enumerate(parts) if np.any(same[p, q]) for term in other.terms(same[p, q])
        )
        jump = part.terms()
        tail = np.where(same[p].sum(axis=0) == 1, part.tail, 0.0)
        channels += _up_and_down(reservoir, _rates(bath, frequencies[p], tail), jump, partner)
    return tuple(channels)


def _redfield(
    reservoir: Hashable, bath: Bath, parts: list[_Transition], frequencies: Array
) -> tuple[Channel, ...]:
    whole = tuple(term for p in parts for term in p.terms())
    channels: list[Channel] = []
    for part, frequency in zip(parts, frequencies, strict=True):
        jump = part.terms()
        channels += _up_and_down(reservoir, _rates(bath, frequency, part.tail), jump, whole)
    return tuple(channels)


def energy_terms(basis: Eigenbasis) -> Terms:
    """The Hamiltonian in its own eigenbasis: one diagonal term a level."""
    dim = basis.support.shape[0]
    return tuple(
        Term(basis.energies[..., i], sp.csr_array(([1.0], ([i], [i])), shape=(dim, dim))) for i in range(dim)
    )
