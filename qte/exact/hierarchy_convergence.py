"""How far a hierarchy is from the model that it stands for, and the refusal of one that is too far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import QteError
from qte.exact.hierarchy import FermionicLead, Hierarchy, OpenSystem, Resolution, SteadyState, cost

Complex = NDArray[np.complex128]

# Terms by which an expansion is shortened to see what the last ones do.
SHORTER = 2
# Largest ratio of changes that is taken for a sum that ends.
SLOWEST = 0.9


@dataclass(frozen=True)
class Certificate:
    """What each of the three numbers of a hierarchy leaves, as trace distances of states.

    No mean of an observable between -1 and 1 is further off than twice their sum.

    Parameters
    ----------
    depth : float
        The change that the last level made; with a third level to tell the ratio q of changes, q/(1 - q) of it.
    terms : float
        The change that the last two terms of the expansion made; what is left falls exponentially with their number.
    width : float
        What is left to flat bands: d/(1 - q), of the change d when all bands become twice as wide and the ratio q of
        the next such change to it, which falls to 1/2.  0 where no flat band is meant.
    least : float
        Smallest eigenvalue of the state.
    """

    depth: float
    terms: float
    width: float
    least: float

    @property
    def largest(self) -> float:
        """The largest of the three distances."""
        return max(self.depth, self.terms, self.width)


class NotConverged(QteError, ArithmeticError):
    """A hierarchy leaves more than it may.

    Attributes
    ----------
    certificate : Certificate
    """

    def __init__(self, message: str, certificate: Certificate) -> None:
        self.message = message
        self.certificate = certificate
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.certificate)


@dataclass(frozen=True, eq=False)
class Converged:
    """A steady state with the hierarchy that it comes from, and how far it is from that of the model.

    `below` and `shorter` are the steady states of a level less and of two terms less, so that a current can be followed
    as the certificate follows the state.
    """

    hierarchy: Hierarchy
    steady: SteadyState
    certificate: Certificate
    below: SteadyState
    shorter: SteadyState


def converged(
    system: OpenSystem, resolution: Resolution, tolerance: float, *, flat_bands: bool = True
) -> Converged:
    """Steady state of a system, certified.

    Parameters
    ----------
    system : OpenSystem
    resolution : Resolution
        Depth >= 2 and terms >= 3, so that there is something to compare with.
    tolerance : float
        Largest trace distance that depth, terms or width may leave, > 0.
    flat_bands : bool
        Whether Lorentzian bands stand for flat ones; if not, their widths belong to the model.

    Raises
    ------
    NotConverged
        Says what is left and what it would take.
    ParameterError, IllConditioned
        See `Hierarchy`.
    """
    check.instance("resolution", resolution, Resolution)
    check.scalar("tolerance", tolerance, above=0.0)
    check.integer("depth", resolution.depth, minimum=2)
    check.integer("terms", resolution.terms, minimum=SHORTER + 1)
    hierarchy = Hierarchy(system, resolution)
    steady = hierarchy.steady_state()
    below = Hierarchy(system, replace(resolution, depth=resolution.depth - 1)).steady_state()
    shorter = Hierarchy(system, replace(resolution, terms=resolution.terms - SHORTER)).steady_state()
    certificate = Certificate(
        depth=_left_by_depth(steady.state, below.state, system, resolution),
        terms=distance(steady.state, shorter.state),
        width=_left_by_width(steady.state, system, resolution) if flat_bands else 0.0,
        least=steady.least(),
    )
    if not certificate.largest <= tolerance:
        raise NotConverged(_needs(system, resolution, tolerance, certificate), certificate)
    return Converged(hierarchy, steady, certificate, below, shorter)


def distance(first: Complex, second: Complex) -> float:
    """Trace distance of two states, half the sum of the moduli of the eigenvalues of their difference."""
    return float(np.abs(np.linalg.eigvalsh(first - second)).sum() / 2)


def _state(system: OpenSystem, resolution: Resolution) -> Complex:
    return Hierarchy(system, resolution).steady_state().state


def _left_by_width(state: Complex, system: OpenSystem, resolution: Resolution) -> float:
    """What is left to flat bands."""
    if not any(isinstance(one, FermionicLead) for one in system.environments):
        return 0.0
    twice, four_times = (_state(system.widened(factor), resolution) for factor in (2.0, 4.0))
    change, after = distance(state, twice), distance(twice, four_times)
    return change / (1 - min(after / change, SLOWEST)) if change else 0.0


def _left_by_depth(state: Complex, below: Complex, system: OpenSystem, resolution: Resolution) -> float:
    """What is left by the depth."""
    last = distance(state, below)
    if resolution.depth == 2 or last == 0:
        return last
    before = distance(below, _state(system, replace(resolution, depth=resolution.depth - 2)))
    ratio = last / before if before else 1.0
    return last * ratio / (1 - ratio) if ratio < 0.5 else last


def _needs(system: OpenSystem, resolution: Resolution, tolerance: float, certificate: Certificate) -> str:
    """What a hierarchy leaves and what it would take, in one message."""
    parts, better = [], resolution
    if not certificate.depth <= tolerance:
        better = replace(better, depth=resolution.depth + 1)
        parts.append(f"depth {resolution.depth} leaves {certificate.depth:.1e}; take {better.depth} or more")
    if not certificate.terms <= tolerance:
        better = replace(better, terms=resolution.terms + SHORTER)
        parts.append(
            f"{resolution.terms} Padé terms leave {certificate.terms:.1e}; take {better.terms} or more"
        )
    if not certificate.width <= tolerance:
        wider = 2.0 ** ceil(log(certificate.width / tolerance, 2))
        widths = [one.width for one in system.environments if isinstance(one, FermionicLead)]
        parts.append(
            f"bands of width {min(widths):g} are {certificate.width:.1e} from flat ones; take {min(widths) * wider:g}"
        )
    return (
        f"The hierarchy is not converged to {tolerance:g}: {'; '.join(parts)} "
        f"(depth {better.depth} with {better.terms} terms: {cost(system, better)})"
    )
