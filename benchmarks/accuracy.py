"""Hold every hard case against mpmath, beside NumPy and QuTiP, and write benchmarks/accuracy.md.

    python benchmarks/accuracy.py

The cases are those of the tests: `tests.hard_cases` (machines) and `tests.generic_cases`
(generators of any kind).
"""

from __future__ import annotations

import platform
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import qutip

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.generic_cases import GENERIC, GenericCase  # noqa: E402
from tests.hard_cases import CASES, Case, numpy_steady, qutip_steady  # noqa: E402

Row = tuple[str, str, str, float, str, str]


def error(value: float, exact: Any, absolute: bool) -> float:
    with mp.workdps(50):
        scale = mp.mpf(1) if absolute or not exact else abs(exact)
        return float(abs(mp.mpf(float(value)) - exact) / scale)


def attempt(work: Callable[[], float], exact: Any, absolute: bool) -> str:
    """An error, or what a user would see instead."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = work()
    except Exception as problem:  # whatever it is, it is the result
        return type(problem).__name__
    return "–" if np.isnan(value) else f"{error(value, exact, absolute):.0e}"


def machine_row(case: Case) -> Row:
    exact = case.exact()
    plain = [
        attempt(lambda solve=solve: case.plain(solve), exact, False) for solve in (numpy_steady, qutip_steady)
    ]
    return case.name, case.quantity, f"{float(exact):.3e}", error(case.computed(), exact, False), *plain


def generic_row(case: GenericCase) -> Row:
    exact = case.exact()
    plain = [attempt(work, exact, case.absolute) for work in (case.plain, case.by_qutip)]
    return (
        case.name,
        case.quantity,
        f"{float(exact):.3e}",
        error(case.computed(), exact, case.absolute),
        plain[0],
        plain[1],
    )


def summary(rows: list[Row]) -> list[str]:
    """Number of cases and largest error of each observable."""
    kinds = dict.fromkeys(quantity for _, quantity, *_ in rows)
    found = {kind: [row[3] for row in rows if row[1] == kind] for kind in kinds}
    return [f"| {kind} | {len(errors)} | {max(errors):.1e} |" for kind, errors in found.items()]


def page(rows: list[Row], seconds: float) -> str:
    lines = [
        "# Hard cases",
        "",
        f"Written by `python benchmarks/accuracy.py` in {seconds / 60:.0f} min: {len(rows)} cases, NumPy "
        f"{np.__version__}, QuTiP {qutip.__version__}, {platform.machine()}.",
        "References are mpmath's, with at least 50 significant digits of every entry, by code of the tests that",
        "shares nothing with qte. Errors are relative, those of an evolution and of an average absolute (a",
        "population is at most 1). NumPy and QuTiP get the same equation with exact numbers rounded once; a name",
        "is the error that they raise.",
        "",
        "| observable | cases | largest error of qte |",
        "|---|---|---|",
        *summary(rows),
        "",
        "| case | value | qte | NumPy | QuTiP |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {value} | {own:.0e} | {numpy} | {other} |"
            for name, _, value, own, numpy, other in rows
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    begun = time.perf_counter()
    rows: list[Row] = []
    for case in CASES:
        rows.append(machine_row(case))
        print(*rows[-1], sep=" | ", flush=True)
    for generic in GENERIC:
        rows.append(generic_row(generic))
        print(*rows[-1], sep=" | ", flush=True)
    text = page(rows, time.perf_counter() - begun)
    (PROJECT / "benchmarks" / "accuracy.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
