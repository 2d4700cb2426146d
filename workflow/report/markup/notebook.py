"""An executed notebook as cells that a template shows: prose, coloured code, outputs; no HTML of the notebook's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from workflow.report.markup import markdown


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    kind : {"prose", "code"}
    name : str
        The cell's id.
    source : Markup
    outputs : tuple of Output
    injected : bool
        Whether the pipeline put it in: the parameters of this run.
    """

    kind: str
    name: str
    source: Markup
    outputs: tuple["Output", ...] = ()
    injected: bool = False


@dataclass(frozen=True)
class Output:
    """What a cell gave: a picture as data URI, or anything else as markup."""

    picture: str = ""
    markup: str = ""


def cells(notebook: Mapping[str, Any]) -> list[Cell]:
    """The cells of an executed notebook."""
    return [_cell(cell) for cell in notebook["cells"] if _text(cell["source"]).strip()]


def _cell(cell: Mapping[str, Any]) -> Cell:
    source, name = _text(cell["source"]), str(cell.get("id", ""))
    if cell["cell_type"] == "markdown":
        return Cell("prose", name, markdown.block(source, heading=2))
    if cell["cell_type"] != "code":
        return Cell("code", name, _preformatted(source))
    injected = "injected-parameters" in cell["metadata"].get("tags", ())
    return Cell("code", name, _coloured(source), tuple(_outputs(cell)), injected)


def _outputs(cell: Mapping[str, Any]) -> Iterator[Output]:
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/png" in data:
            yield Output(picture=f"data:image/png;base64,{_text(data['image/png']).replace(chr(10), '')}")
        elif "text/markdown" in data:
            yield Output(markup=markdown.block(_text(data["text/markdown"]), heading=3))
        else:
            # An error's traceback, a stream, plain text; HTML is not taken, its plain text is.
            lines = data.get("text/plain") or output.get("text") or "\n".join(output.get("traceback", ()))
            yield Output(markup=_preformatted(_text(lines)))


@cache
def _coloured(source: str) -> Markup:
    lexer, formatter = _tools()
    # Pygments escapes what it wraps.
    code = Markup(highlight(source, lexer, formatter).rstrip("\n"))
    return Markup("<pre><code>{}</code></pre>").format(code)


def _preformatted(text: str) -> Markup:
    return Markup("<pre><code>{}</code></pre>").format(text)


@cache
def _tools() -> tuple[PythonLexer, HtmlFormatter[str]]:
    return PythonLexer(), HtmlFormatter(nowrap=True)


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
