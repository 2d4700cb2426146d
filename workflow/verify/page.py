"""The page that shows what differs from the reference: old picture, new picture, difference, side by side."""

import base64
from html import escape
from pathlib import Path

from workflow.plan import plan
from workflow.verify import differences
from workflow.verify.reference import Reference
from workflow.verify.verdicts import FAILING, MEANING, NEW, ORDER, SAME_BYTES, Verdict

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1500px; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; } td, th { padding: .25em .8em .25em 0; text-align: left; vertical-align: top; }
.pictures { display: flex; flex-wrap: wrap; gap: 1em; } figure { margin: 0; } figcaption { color: #666; }
img { border: 1px solid #ccc; max-width: 100%; } .bad { color: #b00020; } code { background: #f4f4f4; }
"""


def page(verdicts: list[Verdict], reference: Reference) -> bytes:
    """The page as self-contained HTML; figures that are the same files are only counted."""
    sections = [_section(verdict, reference) for verdict in verdicts if verdict.verdict != SAME_BYTES]
    body = "\n".join([_overview(verdicts), *sections])
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>verify</title><style>{_STYLE}</style>"
    return f"{head}\n<h1>Figures against the reference</h1>\n{body}\n</html>\n".encode()


def _overview(verdicts: list[Verdict]) -> str:
    rows = []
    for name in ORDER:
        count = sum(verdict.verdict == name for verdict in verdicts)
        mark = " class=bad" if count and name in FAILING else ""
        rows.append(f"<tr{mark}><td>{count}<td>{escape(name)}<td>{escape(MEANING[name])}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _section(verdict: Verdict, reference: Reference) -> str:
    mark = " class=bad" if verdict.verdict in FAILING else ""
    parts = [f"<h2{mark}>{escape(verdict.name)}: {escape(verdict.verdict)}</h2>"]
    if verdict.stage:
        parts.append(f"<p>Parts first at <b>{escape(verdict.stage)}</b>: {escape(verdict.first)}</p>")
    if verdict.changed:
        items = "".join(f"<li>{escape(change)}" for change in verdict.changed)
        parts.append(f"<p>Changed since the reference:</p><ul>{items}</ul>")
    if verdict.arrays:
        rows = "".join(
            f"<tr><td>{escape(item['table'])}<td>{escape(item['text'])}"
            f"<td>{'tolerated' if item['tolerated'] else 'beyond tolerance'}</tr>"
            for item in verdict.arrays
        )
        parts.append(f"<table><tr><th>table<th>array<th></tr>{rows}</table>")
    return "\n".join([*parts, _pictures(verdict, reference)])


def _pictures(verdict: Verdict, reference: Reference) -> str:
    shown = {}
    drawing = Path(plan.drawn_files(verdict.paper, verdict.figure)["png"])
    if verdict.verdict != NEW:
        shown["reference"] = reference.picture(verdict.paper, verdict.figure)
    if drawing.exists():
        shown["now"] = differences.small_picture(drawing.read_bytes())
    if len(shown) == 2:
        largest, apart = differences.of_pictures(shown["reference"], shown["now"])
        shown[f"difference, at most {largest} of 255 (scaled up)"] = apart
    figures = (
        f"<figure><img src='data:image/png;base64,{base64.b64encode(png).decode()}' alt=''>"
        f"<figcaption>{escape(name)}</figcaption></figure>"
        for name, png in shown.items()
    )
    return f"<div class=pictures>{''.join(figures)}</div>"
