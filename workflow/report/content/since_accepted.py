"""What of a figure is not as it was accepted, in words; and whether it was measured how far it drifts elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qte.data.table_files import DamagedTable
from workflow.plan import changes
from workflow.verify.reference import Reference


def is_accepted(paper: str, figure: str) -> bool:
    return Reference().has_figure(paper, figure)


def differences(manifest: Mapping[str, Any], tables: Sequence[Any]) -> Iterator[str]:
    """Lines: parameters of the tables (accepted → now) and of the drawing; nothing for a figure never accepted.

    Parameters
    ----------
    manifest : mapping
        Of the figure as it is.
    tables : sequence of qte.data.tables.Table
        Those that it draws.
    """
    paper, figure = manifest["paper"], manifest["figure"]
    accepted = Reference()
    if not is_accepted(paper, figure):
        return
    before = accepted.manifest(paper, figure)
    for table in tables:
        owner = table.provenance.paper
        if not accepted.has_table(owner, table.name):
            yield f"table {table.name} is new"
            continue
        try:
            was = accepted.header(owner, table.name).about
        except DamagedTable as error:
            yield str(error)
            continue
        now = {"study": table.provenance.study, "params": table.params, "ours": table.ours}
        yield from (f"table {table.name}: {line}" for line in changes.of_provenance(was, now))
    yield from changes.of_params(before["params"], manifest["params"])
