"""TeX formulas as MathML, made when the page is made: readable without a network, a font or a script.

The translation is docutils' (it comes with Snakemake). What it does not know is shown as its source.
"""

import re
from functools import cache

from docutils.utils.math import MathError, latex2mathml
from markupsafe import Markup, escape

# Spellings of plain TeX that the translation lacks, as the LaTeX that it knows.
_OPENING = r"(?:\[|\(|\\\{|\\lbrace|\\langle)"
_SPELLINGS = (
    (re.compile(r"\{\\rm\s+([^{}]*)\}"), r"\\mathrm{\1}"),
    (re.compile(r"_\\mathrm\{([^{}]*)\}"), r"_{\\mathrm{\1}}"),
    (re.compile(r"\\(big|Big|bigg|Bigg)(?=\s*" + _OPENING + ")"), r"\\\1l"),
    (re.compile(r"\\(big|Big|bigg|Bigg)(?![A-Za-z])"), r"\\\1r"),
    (re.compile(r"\\([td]?)frac\s*(\d)\s*(\d)"), r"\\\1frac{\2}{\3}"),
)


def display(tex: str) -> Markup:
    """A formula on a line of its own; a wide one scrolls in its box."""
    return Markup('<div class="formula">{}</div>').format(mathml(tex, block=True))


def inline(tex: str) -> Markup:
    """A formula within a line."""
    return mathml(tex, block=False)


@cache
def mathml(tex: str, block: bool) -> Markup:
    """MathML of a formula without dollar signs, or its source as code."""
    for pattern, spelling in _SPELLINGS:
        tex = pattern.sub(spelling, tex)
    try:
        # Made of escaped text by docutils.
        return Markup(_one_line(latex2mathml.tex2mathml(tex, as_block=block)))
    # What the translation does with TeX that nobody tried ranges from MathError to IndexError.
    except (MathError, ValueError, IndexError, KeyError, AttributeError, TypeError):
        return Markup('<code class="tex">{}</code>').format(tex)


def label(text: str) -> Markup:
    """A label with formulas between dollar signs, as on the axes of a figure."""
    parts = str(text).split("$")
    return Markup("").join(inline(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def _one_line(xml: str) -> str:
    """Without the line breaks between elements, which a page does not need."""
    return re.sub(r">\n\s*<", "><", xml)
