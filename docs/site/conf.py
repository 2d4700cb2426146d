"""The documentation as a site: Sphinx over the Markdown that stands in the project (`make site`).

The source folder is the project itself, so that a link between two files is the same on the site and in a browser of
the repository. Nothing is fetched: no font, no script, no inventory of somebody else's documentation.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.lexers import TextLexer

PROJECT = Path(__file__).resolve().parents[2]
REPORT = PROJECT / "results/report"
sys.path.insert(0, str(PROJECT))
# Kernels that execute the tutorial start in a folder of their own.
os.environ["PYTHONPATH"] = str(PROJECT)

from qte import __version__  # noqa: E402
from workflow.report.markup import formulas  # noqa: E402

project = "qte"
author = "the authors of qte"
release = __version__
extensions = [
    "myst_nb",
    "sphinx_external_toc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]

external_toc_path = str(PROJECT / "docs/site/toc.yml")
external_toc_exclude_missing = False
include_patterns = ["*.md", "docs/**", "benchmarks/*.md", "reference/*.md", "config/*.md", "notebooks/**"]
exclude_patterns = [
    ".*",
    "**/.*",
    "results",
    "figures",
    "tests",
    "qte",
    "workflow",
    "notebooks",
    "docs/examples",
    "docs/site/templates",
]
templates_path = ["templates"]
# A name of ours that leads nowhere is an error, as every broken link is (-W); types of others have no page here.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!qte\.).*"),
    # names of types alone
    (r"py:class", r"qte\.(data\.studies\.S|plotting\.panels\.Drawn|machines\.common_reservoir\.Mixing)"),
]
# A ledger's entries are a level below its papers, wherever they stand; names of several modules lead to the first.
suppress_warnings = ["myst.header", "ref.python"]

# Markdown as a browser of the repository reads it.
myst_enable_extensions = ["attrs_inline", "dollarmath"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 6

# Of all notebooks the tutorial alone is a page; it is executed anew and an error in it is one of the site.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

# Docstrings are NumPy style; a name between single backticks is linked where it is one of ours.
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# As the source writes them: NumPy's own definition of array_like is half a page.
autodoc_type_aliases = {name: name for name in ("Array", "ArrayLike", "Complex", "Index", "Points")}
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
# The source of a name is shown where it is documented, so that the way back leads there.
viewcode_follow_imported_members = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "qte"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_context = {"report": (REPORT / "index.html").is_file()}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "report_link.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_additional_pages = {"index": "index.html"}
html_show_sphinx = False
# A summary would be fetched, which no browser does from the disk.
html_show_search_summary = False
html_copy_source = False
html_math_renderer = "mathml"


ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s:#]+)\)")


def setup(app: Any) -> None:
    app.add_html_math_renderer("mathml", (_inline_math, None), (_display_math, None))
    # The picture of the rooms is drawn where the repository is browsed; here its arrows are read.
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", _read_as_in_the_repository)
    app.connect("build-finished", _put_report_inside)


def _read_as_in_the_repository(app: Any, page: str, content: list[str]) -> None:
    """Named anchors become targets; folders and notebooks of figures, which are no pages, are led elsewhere."""

    def link(found: re.Match[str]) -> str:
        text, target = found.groups()
        path = (PROJECT / page).parent / target
        if path.is_dir():
            return text
        if path.suffix == ".ipynb" and path.resolve().is_relative_to(PROJECT / "notebooks"):
            executed = f"notebooks/{path.parent.name}-{path.stem}.html"
            up = "../" * page.count("/")
            return f"[{text}]({up}report/{executed}){{.external}}" if (REPORT / executed).is_file() else text
        return found[0]

    content[0] = LINK.sub(link, ANCHOR.sub(r"[]{#\1}", content[0]))
    place = Path(page)
    # A letter is sent without a heading; in the list of pages it needs one.
    if place.parent.name == "letters":
        content[0] = f"# A letter on {place.name}\n\n{content[0]}"


def _inline_math(translator: Any, node: nodes.math) -> None:
    translator.body.append(str(formulas.inline(node.astext())))
    raise nodes.SkipNode


def _display_math(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(str(formulas.display(node.astext())))
    raise nodes.SkipNode


def _put_report_inside(app: Any, error: Exception | None) -> None:
    """The report of the last run, if there is one, under report/."""
    if error is None and (REPORT / "index.html").is_file():
        shutil.copytree(REPORT, Path(app.outdir) / "report", dirs_exist_ok=True)
