"""What every machine must pass, whoever wrote it: one call, one report, one error that says what failed.

    report = check_machine(TwoQubitEngine, draws, at_equilibrium={"delta": 0.0})
    print(report)

Each law is checked at every draw of parameters, against numbers that were not made by the
machine's own solver: the full Liouvillian (`qte.testing.dense`), the definition of a current, a loop
instead of an array. A machine that conforms may still model the wrong thing; `reference` lets you
hold it against your own formulation of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qte.common.errors import ParameterError
from qte.machines.base import Machine
from qte.testing import many_points
from qte.testing.dense import DenseModel, Dissipator
from qte.testing.report import Book, Finding, NonConforming, Params, Report
from qte.testing.single_point import Reference, SinglePoint

__all__ = ["DenseModel", "Dissipator", "Finding", "NonConforming", "Report", "check_machine"]


def check_machine(
    make: Callable[..., Machine],
    draws: Iterable[Params],
    *,
    at_equilibrium: Params | None = None,
    second_law: bool = True,
    thermal: bool = False,
    refused: Iterable[tuple[Params, str]] = (),
    reference: Reference | None = None,
) -> Report:
    """Check a machine at some draws of its parameters against every law that applies.

    Parameters
    ----------
    make : type
        The machine's class.
    draws : iterable of mapping
        Parameters of single points, all valid; a handful of different ones is enough.
    at_equilibrium : mapping, optional
        What must be changed, besides equal temperatures and chemical potentials, for the model to be
        at equilibrium: ``{"delta": 0.0}`` for a local master equation, ``{}`` for a global one.
        Without it no equilibrium is checked.
    second_law : bool
        False for models that are known to break it (detuned local equations, Redfield).
    thermal : bool
        Whether the state at equilibrium is the Gibbs state of the full Hamiltonian, as for a
        global master equation.
    refused : iterable of (changes, name)
        Further parameters that must be refused with the name of the argument. Every machine must
        refuse what the kinds of its parameters exclude (`qte.common.parameters`): negative and
        non-finite temperatures, words that are no option, text and complex numbers everywhere.
    reference : callable, optional
        Another formulation: the parameters in, a `qte.testing.DenseModel` out.

    Returns
    -------
    Report

    Raises
    ------
    NonConforming
        With every law that failed.

    Examples
    --------
    >>> from qte.machines import Junction
    >>> draws = [{"gamma_L": 0.1, "gamma_R": 0.3, "T_L": 1.0, "T_R": t} for t in (0.2, 2.0)]
    >>> print(str(check_machine(Junction, draws, at_equilibrium={})).splitlines()[0])
    Junction: 19 laws hold
    """
    points = [dict(draw) for draw in draws]
    if not points:
        raise ParameterError("draws", points, "hold at least one set of parameters")
    book = Book()
    single = SinglePoint(make, second_law, reference)
    unique = []
    for point in points:
        with book.watch("construction", point):
            if single.check(book, point):
                unique.append(point)
    many_points.equilibrium(book, make, unique, at_equilibrium, thermal)
    many_points.broadcasting(book, make, unique)
    many_points.refusals(book, make, points[0], refused)
    if not second_law:
        book.left_out["second law"] = "the model is said to break it"
    if reference is None:
        book.left_out["independent formulation"] = "none was given"
    name = getattr(make, "__name__", str(make))
    failures = [finding for finding in book.findings if not finding.holds]
    if failures:
        raise NonConforming(name, failures)
    return Report(name, tuple(book.findings), book.left_out)
