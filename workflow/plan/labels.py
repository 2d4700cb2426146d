"""The label of each result, for its job to hold against what it really used (`workflow.jobs.observation`)."""

from collections.abc import Iterable

from qte.data import studies
from workflow import project
from workflow.identity import packages
from workflow.identity.label import Label, Text
from workflow.plan import ledger_parts
from workflow.plan.plan import DATA_MODULE, Plan, locked_for, notebook_file


def of_table(the_plan: Plan, paper: str, table: str, files: Iterable[str] = ()) -> Label:
    """Of a table or one of its shards; `files` are the shards that it is put together from."""
    if the_plan.is_data(paper, table):
        file = the_plan.data_file(paper, table)
        code = the_plan.code_of_table(paper, table)
        return _label(the_plan, f"table {paper}/{table}", f"data {file}", code, [file], (DATA_MODULE,))
    study = str(the_plan.entry("tables", paper, table)["study"])
    return _label(
        the_plan,
        f"table {paper}/{table}",
        f"study {paper}.{study}",
        the_plan.code_of_table(paper, table),
        files,
        # By its module: a look through the paper for its name would load all of the paper's studies.
        (studies.module_of(f"{paper}.{study}"),),
    )


def of_figure(the_plan: Plan, paper: str, figure: str) -> Label:
    """Of a figure's drawings, executed notebook and manifest."""
    notebook = notebook_file(paper, figure)
    code = the_plan.code_behind(paper, figure)["drawing"]
    files = [str(project.written(notebook)), *the_plan.tables_of(paper, figure).values()]
    return _label(the_plan, f"figure {paper}/{figure}", f"notebook {notebook}", code, files)


def of_part(the_plan: Plan, paper: str, part: str) -> Label:
    """Of a part of a paper's ledger."""
    sources = the_plan.sources
    code = sources.closure(ledger_parts.code_of(sources, paper, part))
    name = ledger_parts.module_name(paper, part)
    words = str(project.own(f"qte/papers/{paper}/claims.yaml"))
    return _label(the_plan, f"part {paper}/{part}", f"module {name}", code, [words])


def _label(
    the_plan: Plan,
    what: str,
    reader: str,
    modules: Iterable[str],
    files: Iterable[str],
    first: tuple[str, ...] = (),
) -> Label:
    sources = the_plan.sources
    code = {
        module: Text(sources.content(module), sources.digest(module), str(sources.files[module]))
        for module in modules
    }
    unlocked = packages.unlocked(frozenset(locked_for(code)))
    return Label(what, reader, code, tuple(files), unlocked, packages.first_state(), first)
