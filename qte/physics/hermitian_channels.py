r"""Dissipators of a bath that couples through a Hermitian operator, in every usual form.

A coupling ``A (x) B`` splits into parts A(w) that lower the energy of the system by w, of either
sign or 0.  With ``Gamma(w) = gamma(w)/2 + i S(w)`` (`qte.physics.baths.Bath.noise`,
`qte.physics.lamb_shift`) the Bloch-Redfield equation is

    sum_(w, w') Gamma(w) (A(w) rho A(w')^+ - A(w')^+ A(w) rho) + h.c.

over all pairs of frequencies.  The partial secular form keeps those that differ by no more than a
cut-off, the secular one those that are equal, which makes it a Lindblad equation (H.-P. Breuer and
F. Petruccione, The Theory of Open Quantum Systems (2002), sec. 3.3; A. Trushechkin, Phys. Rev. A 103,
062226 (2021) for what lies between).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, Expansion
from qte.common.errors import ParameterError
from qte.physics.baths import Bath
from qte.physics.eigenbasis import Eigenbasis
from qte.physics.lamb_shift import lamb_shift as shift_of
from qte.physics.terms import Channel, Terms, as_terms
from qte.physics.transitions import SAME_FREQUENCY, Grouped, Transition, groups, joined, transitions

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]

FORMS = ("pauli", "secular", "partial", "redfield")


def hermitian_channels(
    reservoir: Hashable,
    bath: Bath,
    coupling: Terms,
    basis: Eigenbasis,
    shape: tuple[int, ...],
    *,
    form: str = "secular",
    cutoff: ArrayLike | None = None,
    lamb_shift: bool = False,
) -> tuple[Channel, ...]:
    """Dissipators of a bath that couples through a Hermitian operator.

    Parameters
    ----------
    reservoir : hashable
    bath : Bath
        Bosons, or two-level systems (fermions of chemical potential 0).
    coupling : tuple of Term
        A, Hermitian, real or complex.
    basis : Eigenbasis
        Of the Hamiltonian that sets the frequencies: of the whole one, or, for a local
        equation, of its uncoupled part if that is diagonal in the computational basis.
    shape : tuple of int
        Shape of the grid.
    form : {"pauli", "secular", "partial", "redfield"}
        Which pairs of transitions are kept: none but each with itself (rates between
        populations, without the coherences of degenerate levels), those of equal frequency
        (to a relative 1e-10), those whose frequencies differ by at most `cutoff`, all.
    cutoff : array_like, shape (...), optional
        Energy >= 0, for ``form="partial"`` only.
    lamb_shift : bool
        Whether the principal parts are kept.

    Returns
    -------
    tuple of Channel
        Written in the eigenbasis; no particles are counted.  A generator of a partial or
        Redfield form is to be made with ``completely_positive=False``.

    Raises
    ------
    ParameterError
        The coupling is not Hermitian; a cut-off is missing or of no use; or the bath has no
        rate, or no Lamb shift, at a frequency of the coupling.

    Notes
    -----
    A Lamb shift acts as part of the dissipator of its reservoir, so that heat is measured
    with the bare Hamiltonian in every form.

    Examples
    --------
    >>> from qte.physics.eigenbasis import eigenbasis, energy_terms
    >>> from qte.physics.generators import Generator, Term
    >>> from qte.physics.operators import EXCITED, FLIP
    >>> from qte.physics.spectral_densities import ohmic
    >>> from qte.solver.steady import steady_state
    >>> basis = eigenbasis((Term.of(1.0, EXCITED), Term.of(0.3, FLIP)), (), 2)
    >>> bath = Bath(0.5, 0.01, spectral_density=ohmic(cutoff=10.0))
    >>> channels = hermitian_channels("h", bath, (Term.of(1.0, FLIP),), basis, ())
    >>> state = steady_state(Generator(energy_terms(basis), channels, basis.vectors))
    >>> state.rho_in_frame.diagonal().real.round(6)
    array([0.088476, 0.911524])
    """
    check.instance("bath", bath, Bath)
    check.instance("lamb_shift", lamb_shift, bool)
    check.choice("form", form, FORMS)
    coupling = as_terms("coupling", coupling)
    _check_coupling(coupling, basis.support.shape[0])
    width = _width(form, cutoff)
    parts = transitions(coupling, basis, shape)
    if not parts:
        return ()
    found = Grouped.of(parts, shape)
    frequencies, same = _centred(found.frequencies), found.same
    tails = np.where(frequencies == 0, 0.0, found.tails)
    spectrum = _Spectrum.of(bath, _safe(bath, found, frequencies), tails, lamb_shift)
    pattern = np.eye(len(parts), dtype=bool) if form == "pauli" else found.pattern
    if form in ("pauli", "secular") and pattern is not None:
        return _lindblad(reservoir, spectrum, parts, pattern)
    if form == "partial":
        same = same | (np.abs(frequencies[:, None] - frequencies[None, :]) <= width)
    return _bilinear(reservoir, spectrum, parts, np.ones_like(same) if form == "redfield" else same)


@dataclass(frozen=True, eq=False)
class _Spectrum:
    """What the bath does at the frequency of each transition.

    Parameters
    ----------
    rates : list of ndarray, DoubleDouble or Expansion, shapes (...)
    shifts : ndarray, shape (transitions, ...), or None
    """

    rates: list[Any]
    shifts: Array | None

    @classmethod
    def of(cls, bath: Bath, frequencies: Array, tails: Array, shifted: bool) -> _Spectrum:
        together = bath.noise(frequencies, tails)
        if isinstance(together, Expansion):
            parts = [np.broadcast_to(part, together.shape) for part in together.parts]
            rates = [Expansion(tuple(part[k] for part in parts)) for k in range(len(frequencies))]
        else:
            rates = [together[k] for k in range(len(frequencies))]
        return cls(rates, shift_of(bath, frequencies) if shifted else None)


def _lindblad(
    reservoir: Hashable, spectrum: _Spectrum, parts: list[Transition], same: Bool
) -> tuple[Channel, ...]:
    """One jump operator a frequency, and what it shifts."""
    channels: list[Channel] = []
    for leader, numbers in groups(same):
        members = [parts[m] for m in numbers]
        jump = joined(members, [1.0] * len(members))
        channels.append(Channel(reservoir, spectrum.rates[leader], jump))
        if spectrum.shifts is not None:
            turned = joined(members, [1j] * len(members))
            channels.append(Channel(reservoir, 2 * spectrum.shifts[leader], turned, jump))
    return tuple(channels)


def _bilinear(
    reservoir: Hashable, spectrum: _Spectrum, parts: list[Transition], kept: Bool
) -> tuple[Channel, ...]:
    """A channel for each set of transitions that are paired with the same others."""
    sets: dict[bytes, list[int]] = {}
    for k, row in enumerate(kept):
        sets.setdefault(row.tobytes(), []).append(k)
    channels: list[Channel] = []
    for members in sets.values():
        chosen = [parts[k] for k in members]
        near = np.flatnonzero(kept[members[0]].reshape(len(parts), -1).any(axis=1))
        partner = joined([parts[k] for k in near], list(kept[members[0]][near].astype(float)))
        rates = [spectrum.rates[k] for k in members]
        if not any(isinstance(rate, (DoubleDouble, Expansion)) for rate in rates):
            channels.append(Channel(reservoir, np.ones(()), joined(chosen, rates), partner))
        else:
            channels += [
                Channel(reservoir, r, p.terms(), partner) for r, p in zip(rates, chosen, strict=True)
            ]
        if spectrum.shifts is not None:
            turned = joined(chosen, [2j * spectrum.shifts[k] for k in members])
            channels.append(Channel(reservoir, np.ones(()), turned, partner))
    return tuple(channels)


def _centred(frequencies: Array) -> Array:
    """Frequencies that are round-off of 0 beside the largest, set to 0."""
    scale = np.abs(frequencies).max(axis=0)
    return np.where(np.abs(frequencies) <= SAME_FREQUENCY * scale, 0.0, frequencies)


def _safe(bath: Bath, found: Grouped, frequencies: Array) -> Array:
    """Frequencies with another in the place of a 0 that only round-off of the coupling would ask for."""
    if bath.statistics != "bose" or np.all(frequencies != 0):
        return frequencies
    largest = np.abs(frequencies).max(axis=0)
    idle = (frequencies == 0) & found.only_noise()
    return np.where(idle, np.where(largest > 0, largest, 1.0), frequencies)


def _check_coupling(coupling: Terms, dim: int) -> None:
    for term in coupling:
        operator = term.operator
        if operator.shape[0] != dim:
            raise ParameterError("coupling", operator.shape, f"have the shape ({dim}, {dim}) of the basis")
        if abs(operator - operator.conj().T).max() > 0:
            raise ParameterError("coupling", "an operator A that is not A^+", "be Hermitian")


def _width(form: str, cutoff: ArrayLike | None) -> Array:
    """The cut-off of the partial secular form; of no use elsewhere."""
    if (cutoff is None) == (form == "partial"):
        allowed = (
            "be given for the form 'partial'"
            if form == "partial"
            else "be left out but for the form 'partial'"
        )
        raise ParameterError("cutoff", cutoff, allowed)
    return check.real("cutoff", 0.0 if cutoff is None else cutoff, minimum=0.0)
