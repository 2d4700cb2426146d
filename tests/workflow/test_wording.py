"""Text follows numbers: captions, titles and prose take them from params, facts and what a notebook computes."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from qte.data.table_files import Header
from tests.workflow.projects import COLLECTIONS, PROJECT, Project
from workflow.commands.pages.document_figures import caption
from workflow.config.shared_lines import shared_lines
from workflow.jobs import notebooks
from workflow.plan import wording
from workflow.verify.reference import Reference

CONFIG = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
# What somebody writes of a figure of their own is theirs.
ENTRIES = [
    (paper, name, entry)
    for section in (CONFIG["figures"], CONFIG["large"]["figures"])
    for paper, entries in section.items()
    if paper in COLLECTIONS
    for name, entry in entries.items()
]
IDS = [f"{paper}-{name}" for paper, name, _ in ENTRIES]
# What may be typed: numbers of formulas and what a quantity is named after.
TYPED = {
    # the fidelity that the study looks for: `fidelity_reaches_0.99_at`
    "0.99",
    # the formula of equal splittings
    r"2\varepsilon",
}
DECIMAL = re.compile(
    r"(?<![\w.])\d+\.\d+|\d+ ?\\?%|10\^\{?-|10⁻|\d ?(?:\\,)?(?:GHz|MHz|\\Gamma|Γ|\\omega|ω|\\varepsilon|ε)"
)
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|`[^`]*`")
ABOUT = {
    "params": {"T_c": 0.1, "T_h": [0.3, 1.0], "delta": {"start": 0.0, "stop": 0.06, "num": 3}, "g": 1.6e-7}
}
ONE = Header({**ABOUT, "ours": ["T_h", "delta"]}, (), {"root": [0.0556355, None], "share": 0.0123})
TWO = Header({"params": {"T_c": 0.2}, "ours": []}, (), {})


def filled(words: str, **tables: Header) -> str:
    return wording.filled(words, wording.numbers({"cut": 4.0}, tables or {"one": ONE}))


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("T_c = {T_c} ε", "T_c = 0.1 ε"),
        ("{T_h}, {T_h[1]}, {T_h[-2]}", "0.3 and 1, 1, 0.3"),
        ("{delta}, {delta.stop}", "0 to 0.06, 0.06"),
        ("{g}, ${g}$", r"1.6 × 10⁻⁷, $1.6 \times 10^{-7}$"),
        ("{root:.4f}, {share:.1%}, ${share:.1%}$", r"0.0556, 1.2 %, $1.2\,\%$"),
        ("{one.T_c}, {cut}", "0.1, 4"),
        ("$T_h = {T_h}$", "$T_h = 0.3$ and $1$"),
        (r"$\sqrt{g}$, $a_{g}$, $\frac{1}{g}$, {a, b}", r"$\sqrt{g}$, $a_{g}$, $\frac{1}{g}$, {a, b}"),
    ],
)
def test_a_placeholder_is_the_number_of_its_name(words: str, read: str) -> None:
    assert filled(words) == read


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("{T_x}", "{T_x}: there is no number 'T_x' (did you mean 'T_h'?)"),
        ("{T_h[5]}", "{T_h[5]}: 'T_h' has no entry 5"),
        ("{delta.end}", "{delta.end}: 'delta' has no end"),
        ("{T_c:.q}", "{T_c:.q}: '.q' is no format of a number"),
        ("{one}", "is no number"),
    ],
)
def test_a_placeholder_that_names_nothing_is_refused_in_one_line(words: str, message: str) -> None:
    with pytest.raises(wording.BadPlaceholder, match=re.escape(message)) as caught:
        filled(words)
    assert "\n" not in str(caught.value)


def test_where_tables_differ_the_words_give_both_or_the_one_that_is_named() -> None:
    assert filled("{T_c} ε", one=ONE, two=TWO) == "0.1 (one) and 0.2 (two) ε"
    assert filled("{two.T_c}", one=ONE, two=TWO) == "0.2"
    assert filled("$T_c = {T_c}$", one=ONE, two=TWO) == r"$T_c = 0.1\ \text{(one)},\ 0.2\ \text{(two)}$"


def test_what_is_ours_is_said_by_the_caption_itself() -> None:
    assert list(wording.choices({"one": ONE})) == ["The values of T_h and the range of δ are our choice."]
    assert list(wording.choices({"two": TWO})) == []
    lonely = Header(
        {"params": {"mu_over_T": {"start": 0, "stop": 1, "num": 2}}, "ours": ["mu_over_T"]}, (), {}
    )
    assert list(wording.choices({"one": lonely})) == ["The range of μ/T is our choice."]
    assert not re.search(r"# ours$", (PROJECT / "config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert [IDS[k] for k, (*_, entry) in enumerate(ENTRIES) if "our choice" in entry["caption"]] == []


def prose(paper: str, name: str) -> tuple[list[str], set[str]]:
    """Markdown cells of a figure's notebook, and the names that its cell of numbers defines."""
    cells = json.loads((PROJECT / f"notebooks/{paper}/{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    own: set[str] = set()
    for cell in cells:
        if "numbers" in cell["metadata"].get("tags", []):
            last = ast.parse("".join(cell["source"])).body[-1]
            assert isinstance(last, ast.Expr)
            assert isinstance(last.value, ast.Dict)
            own |= {key.value for key in last.value.keys if isinstance(key, ast.Constant)}
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"], own


def typed(text: str) -> list[str]:
    """Numbers that are written into a text."""
    bare = QUOTED.sub("", re.sub(r"\{[A-Za-z][^{}]*\}", "", text))
    return [found for found in DECIMAL.findall(bare) if found not in TYPED]


@pytest.mark.parametrize(("paper", "name", "entry"), ENTRIES, ids=IDS)
def test_no_number_is_typed_into_a_caption_or_prose(paper: str, name: str, entry: dict) -> None:
    texts = [entry["title"], entry["caption"], *prose(paper, name)[0]]
    assert [number for text in texts for number in typed(text)] == []


def test_a_typed_number_would_be_found() -> None:
    assert typed("at T_h = 0.3 it ends") == ["0.3"]
    assert typed("to $10^{-12}$, by 2 %") == ["10^{-", "2 %"]
    assert typed(r"$8\,\Gamma$ and 5 ω") == [r"8\,\Gamma", "5 ω"]
    assert typed("eq. (12), $x_{1}$, 2g, “0.7 as printed”, {root:.4f}") == []


@pytest.mark.parametrize(("paper", "name", "entry"), ENTRIES, ids=IDS)
def test_every_placeholder_names_a_number(paper: str, name: str, entry: dict) -> None:
    """Facts as they were accepted."""
    headers, sections = {}, CONFIG["tables"][paper] | CONFIG["large"]["tables"].get(paper, {})
    for table in entry["tables"]:
        accepted = Reference(PROJECT / "reference")
        facts = accepted.header(paper, table).facts if accepted.has_table(paper, table) else {}
        headers[table] = Header({"params": sections[table]["params"], "ours": ()}, (), facts)
    those = wording.numbers(entry.get("params", {}), headers)
    texts, own = prose(paper, name)
    for text in [entry["title"], entry["caption"], *texts]:
        for placeholder in wording.placeholders(text):
            if re.match(r"\{(\w+)", placeholder)[1] not in own:
                assert wording.filled(placeholder, those) != placeholder


def test_what_differs_by_one_parameter_reads_otherwise() -> None:
    other = json.loads(json.dumps(CONFIG))
    table = other["tables"]["khandelwal2020"]["fig2"]["params"]
    table["T_c"] = 0.125
    entry = CONFIG["figures"]["khandelwal2020"]["fig2"]
    before, after = (caption(config, "khandelwal2020", entry) for config in (CONFIG, other))
    assert before.replace("T_c = 0.1 ε_h", "T_c = 0.125 ε_h") == after != before


def test_the_config_says_whose_a_shared_line_is(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "tables:\n  p:\n    a:\n      params: &engine\n        g: 1.0\n        T: &hot [1.0]\n"
        "    b:\n      params:\n        <<: *engine\n        T: [2.0]\n    c:\n      params: {T: *hot}\n"
    )
    found = {line.name: (line.line, line.tables) for line in shared_lines(file)}
    assert found == {"g": (5, ("p/a", "p/b")), "T": (6, ("p/a", "p/c"))}
    shared = [set(line.tables) for line in shared_lines(PROJECT / "config.yaml") if line.name == "T_c"]
    assert any({"khandelwal2020/fig2", "khandelwal2020/fig5_ridge"} <= tables for tables in shared)


OVERLAY = """
tables:
  khandelwal2020:
    fig2: {params: {T_c: 0.12}}
    fig3a: {params: {T_c: 0.12}}
    fig3b: {params: {T_c: 0.12}}
    fig4: {params: {T_c: 0.12}}
    fig5: {params: {T_c: 0.12}}
    fig5_ridge: {params: {T_c: 0.12}}
    fig6a: {params: {T_c: 0.02}}
    fig6a_local: {params: {T_c: 0.02}}
    fig6b: {params: {T_c: 0.02}}
"""


def made(results: Path, figure: str) -> tuple[str, list[str], dict]:
    """Caption, prose and all numbers of a figure as a run made it."""
    manifest = json.loads((results / f"manifests/khandelwal2020/{figure}.json").read_bytes())
    root = next(folder.parent for folder in (results, *results.parents) if folder.name == "results")
    files = {Path(file).stem: str(root / file) for file in manifest["tables"]}
    those = dict(wording.numbers(manifest["params"], wording.headers(files)))
    cells = json.loads((results / f"notebooks/khandelwal2020/{figure}.ipynb").read_bytes())["cells"]
    for cell in cells:
        if "numbers" in cell["metadata"].get("tags", []):
            shown = "".join(cell["outputs"][-1]["data"]["text/plain"])
            those |= notebooks.plain_literal(ast.parse(shown, mode="eval").body)
    words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return manifest["caption"], words, those


@pytest.mark.slow
def test_thirty_numbers_follow_a_changed_temperature(tmp_path: Path) -> None:
    """In captions and prose; each is the number of the variant's own table, and no old one is left."""
    config = {
        section: {"khandelwal2020": CONFIG[section]["khandelwal2020"]} for section in ("tables", "figures")
    }
    project = Project.create(tmp_path / "project", config)
    (project.root / "cold.yaml").write_text(OVERLAY)
    project.build("--configfile", "cold.yaml")
    followed = 0
    for figure in ("fig2", "fig3", "fig4", "fig5", "fig6"):
        caption, words, new = made(project.root / "results/variants/cold", figure)
        _, _, old = made(project.root / "results", figure)
        said = " ".join(" ".join([caption, *words]).split())
        assert list(wording.placeholders(said)) == []
        for text in [
            config["figures"]["khandelwal2020"][figure]["caption"],
            *prose("khandelwal2020", figure)[0],
        ]:
            assert " ".join(wording.filled(text, new).split()) in said
            for placeholder in wording.placeholders(text):
                after, before = (
                    re.findall(r"[\d.]+", wording.filled(placeholder, those)) for those in (new, old)
                )
                followed += sum(x != y for x, y in zip(after, before, strict=False))
    assert followed >= 30
