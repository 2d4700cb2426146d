"""The Markdown of notebooks and ledgers as HTML: CommonMark with tables and formulas, by markdown-it-py.

A letter with an index, T_h, is set as one. There is no HTML in it: a tag is shown as the text that it is. Links lead
out of the page only to the web; a path in the project would lead nowhere from a report that was sent to somebody.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from workflow.report.markup import formulas

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "epsilon": "ε", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "chi": "χ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Omega": "Ω",
}  # fmt: skip
# An index ends before a power: ε_h² is the square of ε_h.
_POWER = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_INDEX = re.compile(rf"(?<![\w\\])([^\W\d_]|{'|'.join(_GREEK)})_([^\W_{_POWER}]{{1,4}})(?!\(|[^\W{_POWER}])")
_WEB = re.compile(r"^https?://[^\s\"'<>]+$")


@cache
def inline(text: str) -> Markup:
    """A line of Markdown; the same stands on several pages."""
    return Markup(_reader().renderInline(str(text)))


def block(text: str, heading: int = 2) -> Markup:
    """A text of several blocks; its highest heading becomes `<h{heading}>`."""
    return Markup(_reader().render(str(text), {"heading": heading}).strip())


class _Pages(RendererHTML):
    """What the pages set in another way than CommonMark's own renderer."""

    def text(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        out, end, text = Markup(), 0, tokens[place].content
        for found in _INDEX.finditer(text):
            letter, below = (_GREEK.get(word, word) for word in found.groups())
            out += escape(text[end : found.start()]) + Markup("{}<sub>{}</sub>").format(letter, below)
            end = found.end()
        return str(out + escape(text[end:]))

    def code_inline(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return str(Markup("<code>{}</code>").format(tokens[place].content))

    def fence(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        token = tokens[place]
        if token.info.strip() == "math":
            return f"{formulas.display(token.content.strip())}\n"
        return str(Markup("<pre><code>{}</code></pre>\n").format(token.content.removesuffix("\n")))

    def math_inline(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return str(formulas.inline(tokens[place].content.strip("`")))

    def math_block(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return f"{formulas.display(tokens[place].content.strip())}\n"

    def heading_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return f"<h{_level(tokens[place], env)}>"

    def heading_close(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return f"</h{_level(tokens[place], env)}>\n"

    def link_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        href = str(tokens[place].attrGet("href"))
        env.setdefault("links", []).append(bool(_WEB.match(href)))
        return str(Markup('<a href="{}" rel="noreferrer">').format(href)) if env["links"][-1] else ""

    def link_close(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return "</a>" if env["links"].pop() else ""

    def image(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return str(escape(tokens[place].content))

    def table_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return '<div class="scroll"><table>\n'

    def table_close(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return '<th scope="col">'

    def td_open(self, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        return "<td>"


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Pages).enable("table")
    # Where a link may lead is decided where it is set, so that its words stay.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    dollarmath_plugin(reader)
    reader.add_render_rule("math_inline", _Pages.math_inline)
    reader.add_render_rule("math_block", _Pages.math_block)
    return reader


def _level(token: Token, env: dict[str, Any]) -> int:
    return min(6, int(token.tag[1]) + env.get("heading", 1) - 1)
