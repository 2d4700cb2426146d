"""Judge some entries and say what comes of it.

    python -m qte.ledger qte.papers.man2019.checks.equations [ID ...]

Without ids every entry of the part is judged, a line each; with ids the whole row is printed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from qte.ledger import rows
from qte.ledger.entries import entries
from qte.ledger.verdicts import Refused


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="qte.ledger", description="Judge the entries of a part of a ledger."
    )
    parser.add_argument(
        "part", help="qte.papers.<paper>.checks.<part>, or qte.papers.<paper>.claims for what is read"
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="all entries by default")
    options = parser.parse_args(arguments)
    try:
        declared = {entry.id: entry for entry in entries(options.part)}
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    if unknown := [name for name in options.ids if name not in declared]:
        print(
            f"{options.part} has no entry {', '.join(unknown)}; it has {', '.join(declared)}", file=sys.stderr
        )
        return 1
    refused = 0
    for name in options.ids or declared:
        start = time.perf_counter()
        try:
            row = rows.row(declared[name], declared[name].run())
        except Refused as error:
            refused += 1
            print(f"{name}: refused, {error}", file=sys.stderr)
            continue
        print(f"{time.perf_counter() - start:6.2f} s  {name}: {row['verdict']}")
        if options.ids:
            print(rows.to_json({key: value for key, value in row.items() if value}).decode())
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
