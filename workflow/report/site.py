"""Pages from templates: the environment, the shell around every page, the files that all pages share.

    from workflow.report import site

    site.write_static("results/variants/mine")
    page = site.render("variant.html", title="…", root=".", nav=[site.Link("Report", "../../report/index.html")])

A template extends `base.html`. Everything given to it is escaped where it is shown; the filters `inline` (a line of
Markdown), `markdown` and `tex` make markup out of plain text and escape what they do not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qte.common.files import write_atomically
from qte.common.text import typeset
from qte.ledger.numbers import shown
from workflow.plan.variants import STATIC
from workflow.report.markup import formulas, markdown, verdict_marks

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Link:
    """A place to go to.

    Attributes
    ----------
    label : str
    href : str
        Relative to the page that shows it.
    here : bool
        Whether it is this very page.
    """

    label: str
    href: str
    here: bool = False


def render(template: str, *, title: str, root: str, nav: Sequence[Link] = (), **data: Any) -> bytes:
    """One page.

    Parameters
    ----------
    template : str
        File in `templates/`.
    title : str
        For the browser's tab.
    root : str
        Relative path from the page to the folder that holds `static/`: "." or "..".
    nav : sequence of Link
        What stands at the top of the page.
    **data
        What the template shows; plain text stays text.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for something that is not given.
    """
    page = environment().get_template(template)
    return page.render(title=title, root=root, nav=nav, **data).encode()


def static_files() -> list[tuple[str, bytes]]:
    """Style and scripts: path next to the pages, content."""
    return [(f"static/{name}", (HERE / "static" / name).read_bytes()) for name in STATIC]


def write_static(folder: str | Path) -> list[str]:
    """Copy style and scripts into `folder`/static; returns the files."""
    written = []
    for name, content in static_files():
        write_atomically(Path(folder, name), content)
        written.append(str(Path(folder, name)))
    return written


def _short(value: object) -> str:
    """A value of a table, to six digits."""
    return typeset(float(value), 6) if isinstance(value, float) else str(value)


@cache
def environment() -> Environment:
    """Templates that escape by default and refuse what is not there."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"inline": markdown.inline, "markdown": markdown.block, "tex": formulas.display}
    made.filters |= {"axis": formulas.label, "plain": shown, "short": _short}
    made.globals["verdict_marks"] = verdict_marks.MARKS
    return made
