"""The page that shows what differs from the reference: old picture, new picture, difference, side by side."""

import base64
from collections.abc import Iterator
from pathlib import Path

from workflow.plan import plan
from workflow.report import site
from workflow.report.markup.verdict_marks import MARKS
from workflow.verify import differences
from workflow.verify.reference import Reference
from workflow.verify.verdicts import (
    ALIKE,
    DIFFERENT,
    FAILING,
    FORGED,
    GONE,
    MEANING,
    NEW,
    ORDER,
    SAME_BYTES,
    SAME_DATA,
    Verdict,
)

# Verdict on a figure → the verdict of the ledger whose mark and colour it wears.
LOOKS = {
    SAME_BYTES: "holds",
    SAME_DATA: "exact",
    ALIKE: "approximate",
    NEW: "undecidable",
    DIFFERENT: "false",
    GONE: "false",
    FORGED: "false",
}


def page(verdicts: list[Verdict], reference: Reference) -> bytes:
    """The page, pictures inside; figures that are the same files are only counted."""
    counts = [(name, sum(verdict.verdict == name for verdict in verdicts)) for name in ORDER]
    return site.render(
        "verify.html",
        title="Figures against the reference",
        root=".",
        nav=[site.Link("Report", "../report/index.html"), site.Link("Verify", "index.html", here=True)],
        counts=counts,
        meaning=MEANING,
        failing=FAILING,
        looks={name: MARKS[mark] for name, mark in LOOKS.items()},
        gone=GONE,
        sections=[(v, list(_pictures(v, reference))) for v in verdicts if v.verdict != SAME_BYTES],
    )


def _pictures(verdict: Verdict, reference: Reference) -> Iterator[tuple[str, str]]:
    """(caption, picture as data URI)."""
    shown = {}
    drawing = Path(plan.drawn_files(verdict.paper, verdict.figure)["png"])
    if verdict.verdict != NEW:
        shown["reference"] = reference.picture(verdict.paper, verdict.figure)
    if drawing.exists():
        shown["now"] = differences.small_picture(drawing.read_bytes())
    if len(shown) == 2:
        largest, apart = differences.of_pictures(shown["reference"], shown["now"])
        shown[f"difference, at most {largest} of 255 (scaled up)"] = apart
    for name, png in shown.items():
        yield name, f"data:image/png;base64,{base64.b64encode(png).decode()}"
