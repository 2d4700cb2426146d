"""The page docs/answers.md: what the papers left open, question by question, from the accepted ledger (`make docs`).

A collection of answers is one whose claims.yaml says so. The number of a question begins the names of its entries,
`q3-…`; its figures are those of the collection that bear the name of its module of checks, `<name>` or `<name>_…`, or
whose tables are made in the module of studies of that name.
`make accept-ledger` writes the page too.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from qte.data import studies
from qte.ledger.pages import explained
from qte.ledger.rows import Row
from workflow.commands.pages.document_figures import caption, picture
from workflow.config import config_checks
from workflow.plan import ledger_parts
from workflow.report.content import accepted

HEADING = """# What the papers left open

Generated from the ledger of `{collection}`; do not edit. Each question in a paper's words, the answer in one sentence
with its numbers, the figure, how it was confirmed and where it ends. Every number comes from a check that is judged
again by `snakemake --cores 8 ledger`; [the ledger]({ledger}) has them all.
"""
NUMBER = re.compile(r"q(\d+)-")


def page_of(collection: str) -> Path:
    return Path("docs") / f"{collection}.md"


def page(collection: str, rows: Sequence[Row], config: Mapping[str, Any] | None = None) -> str:
    """The whole page as Markdown: the sentences first, then one section a question.

    Parameters
    ----------
    collection : str
    rows : sequence of Row
        Its ledger.
    config : mapping, optional
        By default that of the folder.
    """
    config = config or config_checks.refuse_unreadable(Path("config.yaml")).data
    questions = _questions(rows)
    parts = [HEADING.format(collection=collection, ledger=f"ledger/{collection}.md")]
    parts += [
        f"{n}. [{_topic(config, collection, n, q)}](#q{n}): {q[0]['statement']}" for n, q in questions.items()
    ]
    for number, entries in questions.items():
        parts += ["", *_section(config, collection, number, entries)]
    return "\n".join(parts) + "\n"


def _questions(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """Number of a question → its entries, in the order of the ledger."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        match = NUMBER.match(row["id"])
        if match is None:
            raise ValueError(f"the name of the entry `{row['id']}` must begin with its question, such as q3-")
        found.setdefault(int(match[1]), []).append(row)
    return dict(sorted(found.items()))


def _section(
    config: Mapping[str, Any], collection: str, number: int, entries: Sequence[Row]
) -> Iterator[str]:
    yield f'<a id="q{number}"></a>'
    yield f"## {number}. {_topic(config, collection, number, entries)}\n"
    for row in entries:
        for paper, words in row["quote"].items():
            yield f"> {' '.join(words.split())} ([{paper}](papers/{paper}.md){_where(row, paper)})\n"
        yield (
            f"**{row['statement']}**\n"
            if row["verdict"] == "holds"
            else f"**{row['statement']}** ({row['verdict']})\n"
        )
        yield "\n".join([*explained(row), f"- **How it was confirmed.** {row['method']}"])
        yield f"- [Its checks](ledger/{collection}.md#{collection}-{row['id']})\n"
    for name, figure in _figures(config, collection, entries):
        if name in config["figures"].get(collection, {}):
            yield f"![{figure['title']}]({picture(collection, name).relative_to('docs').as_posix()})\n"
        else:
            yield f"Figure `{collection}/{name}`, made by name:\n"
        yield f"*{caption(_with_large(config, collection), collection, figure)}*\n"


def _with_large(config: Mapping[str, Any], collection: str) -> dict[str, Any]:
    """The config with the large tables of a collection beside the others."""
    large = config.get("large", {}).get("tables", {}).get(collection, {})
    tables = dict(config["tables"])
    return {**config, "tables": tables | {collection: {**tables.get(collection, {}), **large}}}


def _where(row: Row, paper: str) -> str:
    """The place in a paper, of a row that names its places as "question 1; man2019, section 3; …"."""
    places = [
        part.removeprefix(f"{paper}, ") for part in str(row["place"]).split("; ") if part.startswith(paper)
    ]
    return f", {places[0]}" if places else ""


def _topic(config: Mapping[str, Any], collection: str, number: int, entries: Sequence[Row]) -> str:
    titles = [figure["title"] for _, figure in _figures(config, collection, entries)]
    return titles[0] if titles else f"Question {number}"


def _figures(
    config: Mapping[str, Any], collection: str, entries: Sequence[Row]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Figures of the modules that judge the entries, the large ones last."""
    modules = {row["source"].split(".")[-2] for row in entries}
    tables = _with_large(config, collection)["tables"][collection]
    for section in (config, config.get("large", {})):
        for name, figure in section.get("figures", {}).get(collection, {}).items():
            named = any(name == module or name.startswith(f"{module}_") for module in modules)
            made_by = {
                studies.module_of(f"{collection}.{tables[table]['study']}").rsplit(".studies_")[-1]
                for table in figure["tables"]
                if "study" in tables.get(table, {})
            }
            if named or made_by & modules:
                yield name, figure


def main() -> int:
    for collection in sorted(ledger_parts.answering()):
        if ledger := accepted.read(collection):
            write_atomically(page_of(collection), page(collection, ledger.rows).encode())
        else:
            print(
                f"{page_of(collection)}: its ledger is not accepted yet; `make accept-ledger` writes it",
                file=sys.stderr,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
