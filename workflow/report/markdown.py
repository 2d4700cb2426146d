"""The Markdown that notebooks and ledgers use, as HTML: headings, paragraphs, lists, tables, code, emphasis, links,
formulas.

A letter with an index, T_h, is set as one. There is no HTML in it: a tag is shown as the text that it is. Links lead
out of the page only to the web; a path in the project would lead nowhere from a report that was sent to somebody.
"""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from workflow.report import formulas

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "epsilon": "ε", "eta": "η", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "chi": "χ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Omega": "Ω",
}  # fmt: skip
_TOKENS = re.compile(
    r"(?P<escape>\\[\\`*_{}\[\]()#+.!$|<>-])"
    r"|(?P<code>(?P<ticks>`+)(?P<code_text>.+?)(?P=ticks)(?!`))"
    r"|(?P<math>\$`(?P<fenced>[^`]+)`\$|\$(?P<plain>(?:\\.|[^$\\])+)\$)"
    r"|(?P<strong>\*\*(?=\S)(?P<strong_text>.+?\S?)\*\*)"
    r"|(?P<em>(?<![\w*])\*(?=[^\s*])(?P<em_text>[^*]+?)\*(?![\w*]))"
    r"|(?P<under>(?<!\w)_(?=\S)(?P<under_text>[^_]+?)_(?!\w))"
    r"|(?P<index>(?<![\w\\])(?P<letter>[^\W\d_]|(?:"
    + "|".join(_GREEK)
    + r"))_(?P<below>[^\W_]{1,4})(?![\w(]))"
    r"|(?P<link>!?\[(?P<link_text>[^\]]*)\]\((?P<href>[^)\s]*)\))",
    re.DOTALL,
)
_FENCE = re.compile(r"^(```+|~~~+)\s*(\w*)\s*$")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d+[.)])\s+(.*)$")
_RULE = re.compile(r"^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$")
_WEB = re.compile(r"^https?://[^\s\"'<>]+$")


def inline(text: str) -> Markup:
    """A line of Markdown."""
    out, end = [], 0
    for found in _TOKENS.finditer(str(text)):
        out += [escape(text[end : found.start()]), _token(found)]
        end = found.end()
    return Markup("").join([*out, escape(text[end:])])


def block(text: str, heading: int = 2) -> Markup:
    """A text of several blocks; its highest heading becomes `<h{heading}>`."""
    return Markup("\n").join(_blocks(str(text).expandtabs(4).split("\n"), heading))


def _token(found: re.Match[str]) -> Markup:
    match found.lastgroup:
        case "escape":
            return escape(found["escape"][1:])
        case "code":
            return Markup("<code>{}</code>").format(found["code_text"].strip())
        case "math":
            return formulas.inline(found["fenced"] or found["plain"])
        case "strong":
            return Markup("<strong>{}</strong>").format(inline(found["strong_text"]))
        case "em":
            return Markup("<em>{}</em>").format(inline(found["em_text"]))
        case "under":
            return Markup("<em>{}</em>").format(inline(found["under_text"]))
        case "index":
            return Markup("{}<sub>{}</sub>").format(
                *(_GREEK.get(found[name], found[name]) for name in ("letter", "below"))
            )
    words = inline(found["link_text"])
    if _WEB.match(found["href"]) and not found["link"].startswith("!"):
        return Markup('<a href="{}" rel="noreferrer">{}</a>').format(found["href"], words)
    return words


def _blocks(lines: list[str], heading: int) -> Iterator[Markup]:
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            place += 1
            continue
        taken, made = _next_block(lines[place:], heading)
        yield made
        place += taken


def _next_block(lines: list[str], heading: int) -> tuple[int, Markup]:
    """How many lines the block at the head takes, and its HTML."""
    if fence := _FENCE.match(lines[0]):
        return _fenced(lines, fence[1], fence[2])
    if lines[0].strip().startswith("$$"):
        return _display(lines)
    if found := _HEADING.match(lines[0]):
        level = min(6, len(found[1]) + heading - 1)
        return 1, Markup("<h{0}>{1}</h{0}>").format(level, inline(found[2]))
    if "|" in lines[0] and len(lines) > 1 and _RULE.match(lines[1].strip()):
        return _table(lines)
    if _ITEM.match(lines[0]):
        return _list(lines)
    if lines[0].lstrip().startswith(">"):
        quoted = _while(lines, lambda line: line.lstrip().startswith(">"))
        inside = [re.sub(r"^\s*> ?", "", line) for line in quoted]
        return len(quoted), Markup("<blockquote>{}</blockquote>").format(block("\n".join(inside), heading))
    text = [lines[0], *_while(lines[1:], _goes_on)]
    return len(text), Markup("<p>{}</p>").format(inline("\n".join(text)))


def _goes_on(line: str) -> bool:
    """Whether a paragraph goes on in this line."""
    return bool(line.strip()) and not (_FENCE.match(line) or _HEADING.match(line) or _ITEM.match(line))


def _fenced(lines: list[str], fence: str, language: str) -> tuple[int, Markup]:
    inside = _while(lines[1:], lambda line: line.strip() != fence)
    text = "\n".join(inside)
    taken = min(len(lines), len(inside) + 2)
    if language == "math":
        return taken, formulas.display(text)
    return taken, Markup("<pre><code>{}</code></pre>").format(text)


def _display(lines: list[str]) -> tuple[int, Markup]:
    first = lines[0].strip().removeprefix("$$")
    if first.endswith("$$"):
        return 1, formulas.display(first.removesuffix("$$"))
    inside = _while(lines[1:], lambda line: not line.strip().endswith("$$"))
    last = lines[len(inside) + 1].strip().removesuffix("$$") if len(inside) + 1 < len(lines) else ""
    return min(len(lines), len(inside) + 2), formulas.display(" ".join([first, *inside, last]))


def _table(lines: list[str]) -> tuple[int, Markup]:
    rows = _while(lines, lambda line: "|" in line)
    head, *body = ([inline(cell.strip()) for cell in _cells(row)] for row in [rows[0], *rows[2:]])
    line = Markup("<tr>{}</tr>")
    cells = [Markup("").join(Markup('<th scope="col">{}</th>').format(cell) for cell in head)]
    cells += [Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row) for row in body]
    top, rest = line.format(cells[0]), Markup("").join(line.format(cell) for cell in cells[1:])
    html = '<div class="scroll"><table><thead>{}</thead><tbody>{}</tbody></table></div>'
    return len(rows), Markup(html).format(top, rest)


def _cells(row: str) -> list[str]:
    """A row's cells; a bar inside code, a formula or after a backslash parts nothing."""
    inner = re.sub(r"^\s*\|(.*?)\|?\s*$", r"\1", row)
    return re.findall(r"(?:^|\|)((?:\\.|`[^`]*`|\$[^$]*\$|[^|])*)", inner)


def _list(lines: list[str]) -> tuple[int, Markup]:
    found = _ITEM.match(lines[0])
    assert found is not None, "the caller saw an item"
    indent, kind = len(found[1]), "ol" if found[2][0].isdigit() else "ul"
    items, place = [], 0
    while place < len(lines) and (item := _ITEM.match(lines[place])) and len(item[1]) == indent:
        inside = _while(lines[place + 1 :], lambda line: _belongs(line, indent))
        text, nested = [item[3]], _first(inside, lambda line: bool(_ITEM.match(line)))
        text += inside[:nested]
        below = block("\n".join(_dedent(inside[nested:]))) if nested < len(inside) else ""
        items.append(Markup("<li>{}{}</li>").format(inline("\n".join(map(str.strip, text))), below))
        place += 1 + len(inside)
    return place, Markup("<{0}>{1}</{0}>").format(kind, Markup("").join(items))


def _belongs(line: str, indent: int) -> bool:
    """Whether a line goes on with the item above."""
    item = _ITEM.match(line)
    return bool(line.strip()) and (len(item[1]) > indent if item else True)


def _dedent(lines: list[str]) -> list[str]:
    least = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[least:] for line in lines]


def _first(lines: list[str], accept: object) -> int:
    return next((place for place, line in enumerate(lines) if accept(line)), len(lines))  # type: ignore[operator]


def _while(lines: list[str], accept: object) -> list[str]:
    return lines[: _first(lines, lambda line: not accept(line))]  # type: ignore[operator]
