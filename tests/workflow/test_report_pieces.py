"""Pieces of the report: formulas, Markdown, which entry bears on which figure, what a study reaches."""

import json
import re
from pathlib import Path

import pytest
import yaml

from qte.data import studies
from qte.ledger.verdicts import Verdict
from workflow.plan.plan import Places
from workflow.report import site
from workflow.report.content import accepted, bearing, gather, reach
from workflow.report.markup import formulas, markdown, notebook, verdict_marks
from workflow.report.pages import report_pages, verify_page
from workflow.verify import verdicts

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "paper", [paper for paper in CONFIG["figures"] if (PROJECT / accepted.file_of(paper)).exists()]
)
def test_every_formula_of_the_ledger_is_set_as_mathematics(paper: str) -> None:
    rows = json.loads((PROJECT / accepted.file_of(paper)).read_bytes())["rows"]
    texts = [row["corrected"] for row in rows]
    texts += [row["statement"] for row in rows if row["kind"] == "equation"]
    assert [text for text in texts if text and "<math" not in formulas.display(text)] == []


def test_papers_and_collections_are_counted_as_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    (tmp_path / "code.json").write_text("{}")
    names = [*(file.stem for file in PROJECT.glob("docs/papers/*.md")), "answers", "library", "somebody"]
    config = {"tables": {}, "figures": {name: {} for name in names}}
    papers = gather.papers_of(config, Places(results=str(tmp_path)))
    front = next(iter(report_pages.pages(papers, {}, {}))).make().decode()
    assert "0 figures of 4 papers and 3 collections" in front
    assert [paper.name for paper in papers if paper.own] == names[4:]


@pytest.mark.parametrize("file", sorted(PROJECT.glob("notebooks/*/*.ipynb")), ids=lambda file: file.stem)
def test_every_formula_of_a_notebook_is_set_as_mathematics(file: Path) -> None:
    for cell in notebook.cells(json.loads(file.read_text(encoding="utf-8"))):
        assert 'class="tex"' not in cell.source


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        (r"P_{\rm dark}", "<mi>dark</mi>"),
        (r"\Big[x\Big]^2", 'minsize="1.623em"'),
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\nosuchcommand{<b>}", r'<code class="tex">\nosuchcommand{&lt;b&gt;}</code>'),
        (r"\text{<script>}", "<mtext>&lt;script&gt;</mtext>"),
        (r'\hspace{"><script>}', "&quot;&gt;&lt;script&gt;"),
    ],
)
def test_formulas(tex: str, wanted: str) -> None:
    made = formulas.inline(tex)
    assert wanted in made
    assert "<script" not in made


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("T_h and gamma_L, eps_h", "T<sub>h</sub> and γ<sub>L</sub>, ε<sub>h</sub>"),
        ("ε_h², gamma_h³ and T_c⁻¹", "ε<sub>h</sub>², γ<sub>h</sub>³ and T<sub>c</sub>⁻¹"),
        ("a_long_name, x_(y), `T_h`", "a_long_name, x_(y), <code>T_h</code>"),
        (r"**bold *and* more** 2\*3\*4", "<strong>bold <em>and</em> more</strong> 2*3*4"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("[a](https://x.org/?a=1&b)", '<a href="https://x.org/?a=1&amp;b" rel="noreferrer">a</a>'),
        ('[a](https://x.org/"onclick=x)', '<a href="https://x.org/%22onclick=x" rel="noreferrer">a</a>'),
        ("[a](javascript:x) [b](../c.md)", "a b"),
        (r"\*plain\* \$5", "*plain* $5"),
        ("``a`b``", "<code>a`b</code>"),
    ],
)
def test_a_line_of_markdown(text: str, wanted: str) -> None:
    assert markdown.inline(text) == wanted


def test_blocks_of_markdown() -> None:
    text = "# One\n\ntwo\nthree\n\n- a\n  b\n  - c\n- d\n\n1. e\n\n| f | g |\n|---|--:|\n| $\\|h\\|$ | `i\\|j` |\n\n"
    made = markdown.block(text + "```\n<k>\n```\n\n$$\nl\n$$\n\n> m\n\n```python\nopen", heading=3)
    lines = re.sub(r"<math.*?</math>", "M", made, flags=re.DOTALL).split("\n")
    assert "".join(lines) == "".join(
        [
            "<h3>One</h3>",
            "<p>twothree</p>",
            "<ul><li>ab<ul><li>c</li></ul></li><li>d</li></ul>",
            "<ol><li>e</li></ol>",
            '<div class="scroll"><table><thead><tr><th scope="col">f</th><th scope="col">g</th></tr></thead>'
            "<tbody><tr><td>M</td><td><code>i|j</code></td></tr></tbody></table></div>",
            "<pre><code>&lt;k&gt;</code></pre>",
            '<div class="formula">M</div>',
            "<blockquote><p>m</p></blockquote>",
            "<pre><code>open</code></pre>",
        ]
    )


@pytest.mark.parametrize(
    ("text", "figures", "equations"),
    [
        ("sec. 4.1, figure 3a", {"3"}, set()),
        ("figures 2 to 4, 6; sec. 7", {"2", "3", "4", "6"}, set()),
        ("captions of figs. 2(b) and 3, below eq. (12)", {"2", "3"}, {"12"}),
        ("eqs. (34) to (36) and (40)", set(), {"34", "35", "36", "40"}),
        ("eq. (12), 3 points; figure, 4", set(), {"12"}),
    ],
)
def test_figures_and_equations_that_a_text_names(text: str, figures: set[str], equations: set[str]) -> None:
    assert bearing.figures_of(text) == figures
    assert bearing.equations_of(text) == equations


def test_an_entry_bears_on_the_figure_it_names_and_on_those_that_use_it() -> None:
    def row(kind: str, number: str, place: str, statement: str = "") -> dict[str, str]:
        return {"kind": kind, "number": number, "place": place, "against": "", "statement": statement}

    rows = [
        row("claim", "", "sec. 2, fig. 3b"),
        row("claim", "", "sec. 2", "as figures 2 and 3 show"),
        row("claim", "", "figure 30"),
        row("equation", "published (28), preprint (20)", "sec. 4", "figure 3"),
        row("equation", "preprint (28)", "sec. 4"),
        row("equation", "(5)", "figure 3, caption"),
    ]
    found = bearing.on_figure(rows, "fig3", {"28"})
    assert found.claims == [rows[0], rows[1], rows[5]]
    assert found.equations == [rows[3]]
    assert bearing.on_figure(rows, "own_idea", set()).claims == []


def test_what_a_study_reaches() -> None:
    """Through the paper's own modules, not through a neighbour in the same file."""
    found = reach.of_study("qte.papers.santiagogarcia2024.studies", "PeakEquation", PROJECT)
    assert found.machines == {("qte.machines.junction", "Junction")}
    assert reach.quantities(found) == ["conductance"]
    curves = reach.of_study("qte.papers.khandelwal2020.studies_detuning", "DetuningCurves", PROJECT)
    assert {"12", "15", "17"} <= curves.equations
    assert reach.quantities(curves) == ["negativity", "net current"]


def test_every_study_of_the_config_reaches_a_machine() -> None:
    """Itself, or, where it has equations of its own, by the checks of the ledger that hold them against one."""
    for paper, tables in CONFIG["tables"].items():
        for entry in (entry for entry in tables.values() if "file" not in entry):
            study = studies.get(f"{paper}.{entry['study']}")
            if not reach.of_study(study.__module__, study.__name__, PROJECT).machines:
                room, _, name = study.__module__.rpartition(".studies_")
                checks = PROJECT / room.replace(".", "/") / "checks" / f"{name}.py"
                assert "from qte.machines." in checks.read_text(encoding="utf-8"), entry["study"]


def test_every_verdict_has_its_look_and_no_two_look_alike_without_colour() -> None:
    assert set(verdict_marks.MARKS) == {str(verdict) for verdict in Verdict}
    shapes = {name: mark.shape for name, mark in verdict_marks.MARKS.items()}
    assert len(set(shapes.values())) == len(shapes)


def test_a_template_that_is_not_given_what_it_shows_is_refused() -> None:
    with pytest.raises(Exception, match="papers"):
        site.render("errata.html", title="", root=".", standing=None)


def test_every_verdict_of_verify_has_a_look():
    assert set(verify_page.LOOKS) == set(verdicts.ORDER)
