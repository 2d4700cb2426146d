"""What of a figure is not as it was accepted, in words; and whether it was measured how far it drifts elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qte.data.provenance import Provenance
from qte.data.table_files import DamagedTable
from workflow.plan import changes
from workflow.verify.reference import Reference


def is_accepted(paper: str, figure: str) -> bool:
    return Reference().has_figure(paper, figure)


def differences(manifest: Mapping[str, Any], tables: Sequence[Provenance]) -> Iterator[str]:
    """Lines: parameters of the tables (accepted → now) and of the drawing; nothing for a figure never accepted.

    Parameters
    ----------
    manifest : mapping
        Of the figure as it is.
    tables : sequence of Provenance
        Of those that it draws.
    """
    paper, figure = manifest["paper"], manifest["figure"]
    accepted = Reference()
    if not is_accepted(paper, figure):
        return
    before = accepted.manifest(paper, figure)
    for table in tables:
        if not accepted.has_table(table.paper, table.table):
            yield f"table {table.table} is new"
            continue
        try:
            was = accepted.header(table.paper, table.table).about
        except DamagedTable as error:
            yield str(error)
            continue
        yield from (f"table {table.table}: {line}" for line in changes.of_provenance(was, vars(table)))
    yield from changes.of_params(before["params"], manifest["params"])
