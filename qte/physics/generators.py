"""Hamiltonians and labelled dissipation channels, over a grid of parameters.

An operator that depends on parameters is a sum of constant sparse matrices with
coefficients of the grid's shape (`Term`).  A `Generator` collects the terms of
the Hamiltonian and the `Channel`s of each reservoir; `qte.solver.blocks` turns it into
equations.  Units: hbar = k_B = 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.double_double import acts, leading
from qte.common.errors import ParameterError
from qte.common.qobj import dims_of, is_qobj
from qte.physics.baths import Bath
from qte.physics.eigenbasis import Eigenbasis as Eigenbasis
from qte.physics.eigenbasis import eigenbasis as eigenbasis
from qte.physics.eigenbasis import energy_terms as energy_terms
from qte.physics.global_channels import global_channels as global_channels
from qte.physics.operators import Operator, adjoint, check_dims
from qte.physics.terms import Channel as Channel
from qte.physics.terms import Term as Term
from qte.physics.terms import Terms as Terms
from qte.physics.terms import as_operator, as_terms
from qte.physics.terms import dense as dense
from qte.physics.transitions import SAME_FREQUENCY as SAME_FREQUENCY

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What rounding may leave of H - H^+, relative to H, and of F^+ F - 1 a dimension.
HERMITIAN, UNITARY = 1e-13, 1e-13


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
    dims : tuple of int, optional
        Dimensions of the factors of the space; qubits, if it is a power of two, without it.
    energy : tuple of Term, optional
        What heat is measured with, Hermitian; H, without it.  Of a rotating frame the energies at rest, of a
        machine whose couplings are kept up by work those of its parts (`qte.solver.thermodynamics.driving_power`).
    """

    hamiltonian: Terms
    channels: tuple[Channel, ...]
    frame: Array | Complex | None = None
    completely_positive: bool = True
    permutations: tuple[NDArray[np.intp], ...] = ()
    attracting: NDArray[np.intp] | None = None
    dims: tuple[int, ...] | None = None
    energy: Terms | None = None
    shape: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hamiltonian", as_terms("hamiltonian", self.hamiltonian))
        if not isinstance(self.channels, (tuple, list)) or not all(
            isinstance(c, Channel) for c in self.channels
        ):
            raise ParameterError("channels", self.channels, "be a tuple of Channels")
        object.__setattr__(self, "channels", tuple(self.channels))
        if self.energy is not None:
            object.__setattr__(self, "energy", as_terms("energy", self.energy))
        if self.dims is not None:
            object.__setattr__(self, "dims", check_dims("dims", self.dims, self.dim))
        if self.frame is not None:
            frame = check.numbers("frame", self.frame, "be unitary matrices of finite numbers")
            object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "shape", self._common_shape())
        self._check_sizes()
        self._check_hermitian("hamiltonian", self.hamiltonian)
        self._check_hermitian("energy", self.energy or ())
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
            acting += [t for t in channel.jump if np.any(acts(channel.rate) & (t.coefficient != 0))]
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
        energy = None if self.energy is None else cut(self.energy)
        return Generator((wide, *rest), kept, None, self.completely_positive, energy=energy)

    def at_points(self, points: NDArray[np.intp]) -> Generator:
        """The generator at some points of its grid, counted in C order, on a grid of one axis."""
        where = np.unravel_index(points, self.shape) if self.shape else ()

        def pick(value: Any) -> Array:
            return np.asarray(np.broadcast_to(value, self.shape)[where])

        def of(terms: Terms) -> Terms:
            return tuple(Term(pick(t.coefficient), t.operator) for t in terms)

        channels = tuple(
            Channel(
                c.reservoir, pick(c.rate), of(c.jump), None if c.partner is None else of(c.partner), c.quanta
            )
            for c in self.channels
        )
        frame: Any = self.frame
        if frame is not None:
            frame = np.broadcast_to(frame, (*self.shape, self.dim, self.dim))[where]
        energy = None if self.energy is None else of(self.energy)
        return Generator(of(self.hamiltonian), channels, frame, self.completely_positive, energy=energy)

    def _common_shape(self) -> tuple[int, ...]:
        shapes = [("hamiltonian", t.coefficient.shape) for t in self.hamiltonian]
        shapes += [("energy", t.coefficient.shape) for t in self.energy or ()]
        for channel in self.channels:
            shapes.append(("rate", channel.rate.shape))
            shapes += [("jump", t.coefficient.shape) for t in channel.jump]
            shapes += [("partner", t.coefficient.shape) for t in channel.partner or ()]
        if self.frame is not None:
            shapes.append(("frame", np.shape(self.frame)[:-2]))
        common: tuple[int, ...] = ()
        for name, shape in shapes:
            if shape in ((), common):
                continue
            try:
                common = np.broadcast_shapes(common, shape)
            except ValueError:
                wanted = f"have a shape that broadcasts with the others, {common}"
                raise ParameterError(name, shape, wanted) from None
        return common

    def _check_sizes(self) -> None:
        named = [("energy", self.energy or ())]
        for channel in self.channels:
            named += [("jump", channel.jump), ("partner", channel.partner or ())]
        for name, terms in named:
            for term in terms:
                if term.operator.shape[0] != self.dim:
                    wanted = f"have the shape of the Hamiltonian, ({self.dim}, {self.dim})"
                    raise ParameterError(name, term.operator.shape, wanted)

    def _check_hermitian(self, name: str, terms: Terms) -> None:
        if all(_is_hermitian(t.operator) for t in terms):
            return
        matrix = dense(terms, self.shape, self.dim)
        excess = np.abs(matrix - np.swapaxes(matrix, -1, -2).conj()).max(axis=(-2, -1))
        fine = excess <= HERMITIAN * np.abs(matrix).max(axis=(-2, -1))
        letter = "H" if name == "hamiltonian" else "E"
        allowed = f"be Hermitian: |{letter} - {letter}^+| is what was found"
        check.require(name, excess, fine, allowed)

    def _check_frame(self) -> None:
        frame = self.frame
        if frame is None:
            return
        if frame.shape[-2:] != (self.dim, self.dim):
            raise ParameterError("frame", frame.shape, f"have shape (..., {self.dim}, {self.dim})")
        excess = np.abs(matrices.product(matrices.adjoint(frame), frame) - np.eye(self.dim)).max(
            axis=(-2, -1)
        )
        check.require(
            "frame", excess, excess <= UNITARY * self.dim, "be unitary: |F^+ F - 1| is what was found"
        )

    @property
    def dim(self) -> int:
        """Dimension d of the Hilbert space."""
        return int(self.hamiltonian[0].operator.shape[0])

    @property
    def measured_energy(self) -> Terms:
        """What heat is measured with: `energy`, or H."""
        return self.hamiltonian if self.energy is None else self.energy

    @property
    def reservoirs(self) -> tuple[Hashable, ...]:
        """Labels of the reservoirs, in order of appearance."""
        seen = dict.fromkeys(c.reservoir for c in self.channels if c.reservoir is not None)
        return tuple(seen)

    def channels_of(self, reservoir: Hashable, name: str = "reservoir") -> tuple[Channel, ...]:
        """Channels of one reservoir; the error calls it `name` and has the nearest valid label."""
        labels = self.reservoirs
        if not check.is_label(reservoir, labels):
            allowed = "be one of " + ", ".join(map(repr, labels))
            hint = check.did_you_mean(reservoir, map(str, labels))
            raise ParameterError(name, reservoir, allowed + hint)
        return tuple(c for c in self.channels if c.reservoir == reservoir)

    @cached_property
    def hamiltonian_matrix(self) -> Complex:
        """H in the frame of the terms, shape (..., d, d)."""
        return dense(self.hamiltonian, self.shape, self.dim)

    def hamiltonian_at(self, point: int) -> Operator:
        """H at one grid point (counted in C order) as a sparse matrix, in the frame of the terms."""
        return self._at(self.hamiltonian, point)

    def measured_energy_at(self, point: int) -> Operator:
        """`measured_energy` at one grid point, as `hamiltonian_at`."""
        return self._at(self.measured_energy, point)

    def _at(self, terms: Terms, point: int) -> Operator:
        total = sp.csr_array((self.dim,) * 2)
        for term in terms:
            total = total + float(np.broadcast_to(term.coefficient, self.shape).flat[point]) * term.operator
        return sp.csr_array(total)

    def to_computational(self, rho: Complex) -> Complex:
        """`rho` of the frame's basis, expressed in the computational basis."""
        if self.frame is None:
            return rho
        return _hermitian(matrices.product(self.frame, rho, matrices.adjoint(self.frame)))

    def to_frame(self, rho: Complex) -> Complex:
        """`rho` of the computational basis, expressed in the frame's basis."""
        if self.frame is None:
            return rho
        return _hermitian(matrices.product(matrices.adjoint(self.frame), rho, self.frame))


def _is_hermitian(operator: Operator) -> bool:
    """Exactly, as H of sums of Hermitian terms is."""
    if operator.shape[0] <= 64:
        dense_operator = operator.toarray()
        return np.array_equal(dense_operator, dense_operator.conj().T)
    return bool(abs(operator - operator.conj().T).max() == 0)


def _hermitian(rho: Complex) -> Complex:
    """Drop what the rounding of a matrix product adds to a Hermitian matrix."""
    both = rho + np.swapaxes(rho, -1, -2).conj()
    # half of each part: a quotient of complex numbers would take ten times as long
    both.real *= 0.5
    both.imag *= 0.5
    return np.asarray(both)


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
    lower = as_operator("lower", lower)
    down, up = bath.rates(energy, shift)
    return Channel.of(reservoir, down, lower, -1), Channel.of(reservoir, up, adjoint(lower), +1)


def dephasing_channels(rate: ArrayLike, projectors: Sequence[Any]) -> tuple[Channel, ...]:
    """Pure dephasing ``rate * D[P]`` for each operator; it belongs to no reservoir."""
    if not np.iterable(projectors) or isinstance(projectors, (str, bytes)):
        raise ParameterError("projectors", projectors, "be a list of operators")
    return tuple(Channel.of(None, rate, p) for p in projectors)


def generator(
    hamiltonian: Any,
    c_ops: Any = (),
    *,
    dims: Sequence[int] | None = None,
    energy: Any = None,
) -> Generator:
    """A generator from a Hamiltonian and collapse operators, as QuTiP's `mesolve` takes them.

    Parameters
    ----------
    hamiltonian : Qobj, array_like or sparse, shape (d, d)
    c_ops : operator, sequence of operators, or mapping of reservoir to either
        Each of shape (d, d) with the root of its rate in it, or a `Channel`, which counts particles too.
        What is under a label has currents and noise of its own; what is not belongs to no reservoir.
    dims : sequence of int, optional
        Dimensions of the factors; without it those that the Hamiltonian brings along.
    energy : operator, optional
        What heat is measured with, if not H: in a rotating frame the Hamiltonian at rest, without its drive.

    Raises
    ------
    ParameterError
        No constant operators of one size, or a Hamiltonian that is not Hermitian.

    Examples
    --------
    >>> from qte.physics.operators import LOWER, RAISE
    >>> from qte.solver.steady import steady_state
    >>> decay, pump = np.sqrt(0.3) * LOWER, np.sqrt(0.1) * RAISE
    >>> steady_state(generator(np.diag([1.0, 0.0]), [decay, pump])).rho.diagonal().real
    array([0.25, 0.75])
    """
    h = _constant("hamiltonian", hamiltonian)
    dims = dims_of("hamiltonian", hamiltonian) if dims is None else check_dims("dims", dims, h.shape[0])
    by_label = c_ops if isinstance(c_ops, Mapping) else {None: c_ops}
    channels = tuple(
        one if isinstance(one, Channel) else Channel.of(label, 1.0, _constant("c_ops", one))
        for label, several in by_label.items()
        for one in _listed(several)
    )
    measured = None if energy is None else (Term.of(1.0, _constant("energy", energy)),)
    return Generator((Term.of(1.0, h),), channels, dims=dims, energy=measured)


def _constant(name: str, value: Any) -> Operator:
    """One operator; lists of operators and functions, as time-dependent ones are written, are none."""
    inside = value if isinstance(value, (list, tuple)) else ()
    if (callable(value) and not is_qobj(value)) or any(map(_is_part, inside)):
        raise ParameterError(name, value, "be constant: generators that depend on time are left to QuTiP")
    dims_of(name, value)
    return as_operator(name, value)


def _is_part(value: Any) -> bool:
    """Whether an entry of a list is an operator, a function of time, or a list with one in it: no row of a matrix."""
    if isinstance(value, (list, tuple)):
        return any(map(_is_part, value))
    return callable(value) or sp.issparse(value) or np.size(getattr(value, "shape", ())) > 1


def _listed(several: Any) -> list[Any]:
    """Collapse operators one by one."""
    if isinstance(several, (list, tuple)):
        return list(several)
    return list(several) if isinstance(several, np.ndarray) and several.ndim == 3 else [several]


def hamiltonian_of(generator: Generator) -> Complex:
    """H of a generator in the computational basis, shape (..., d, d)."""
    check.instance("generator", generator, Generator)
    return _operator(generator, generator.hamiltonian)


def jump_operators_of(generator: Generator, *reservoirs: Hashable) -> list[Complex]:
    """Jump operators ``sqrt(rate) A`` in the computational basis, shape (..., d, d) each.

    Parameters
    ----------
    generator : Generator
    reservoirs : hashable
        Labels; all channels, those without a reservoir too, if there are none.

    Raises
    ------
    ParameterError
        A label that the generator does not know; a Redfield equation, which has no jump operators.
    """
    check.instance("generator", generator, Generator)
    chosen = [c for label in reservoirs for c in generator.channels_of(label)]
    found = []
    for channel in chosen if reservoirs else generator.channels:
        rate = _rate(generator, channel)
        if channel.partner is not None or np.any(rate < 0):
            raise ParameterError(
                "generator", "a Redfield equation", "have jump operators: ask for the Liouvillian"
            )
        found.append(np.sqrt(rate)[..., None, None] * _operator(generator, channel.jump))
    return found


def liouvillian_of(generator: Generator) -> Complex:
    """A generator on states stacked column by column, as QuTiP has it, shape (..., d**2, d**2)."""
    check.instance("generator", generator, Generator)
    one = np.eye(generator.dim)
    h = hamiltonian_of(generator)
    total = -1j * (matrices.kron(one, h) - matrices.kron(_turned(h), one))
    for channel in generator.channels:
        a = _operator(generator, channel.jump)
        b = a if channel.partner is None else _operator(generator, channel.partner)
        decay = matrices.product(matrices.adjoint(b), a)
        gain = matrices.kron(b.conj(), a) + matrices.kron(a.conj(), b)
        loss = matrices.kron(one, decay) + matrices.kron(decay.conj(), one)
        total = total + _rate(generator, channel)[..., None, None] * (gain - loss) / 2
    return np.asarray(total)


def _operator(generator: Generator, terms: Sequence[Term]) -> Complex:
    matrix = dense(terms, generator.shape, generator.dim)
    if generator.frame is None:
        return matrix
    return np.asarray(matrices.product(generator.frame, matrix, matrices.adjoint(generator.frame)))


def _rate(generator: Generator, channel: Channel) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(leading(channel.rate)), generator.shape)


def _turned(matrix: Complex) -> Complex:
    return np.asarray(np.swapaxes(matrix, -1, -2))
