"""The report: whole, the same bytes anywhere, and nothing in it that config, notebooks or ledger could run."""

import hashlib
import html
import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from qte.ledger import pages as ledger_pages
from tests.workflow.html_pages import broken_links, pages_of
from tests.workflow.projects import PROJECT, Project
from tests.workflow.test_determinism import ELSEWHERE
from workflow.commands import verify_ledger
from workflow.jobs import ledger as ledger_jobs
from workflow.jobs import report as report_jobs
from workflow.plan import ledger_parts
from workflow.plan.plan import Plan
from workflow.report.content import accepted
from workflow.snakemake_door import run_lock
from workflow.verify import chain

EVIL = """<script>alert("caught")</script> & "quoted" 'twice' <img src=x onerror=alert(1)>"""
WRITE = """
import json, sys
from workflow.jobs import report as jobs
jobs.WriteReport(json.loads(sys.argv[1])).run()
"""


def set_traps(project: Project) -> None:
    """Put markup wherever a user or a paper may put text."""
    config = project.config
    config["figures"]["khandelwal2020"]["fig2"] |= {
        "title": EVIL,
        "caption": f"Of $a<b$ and {EVIL}, eq. (12)",
    }
    project.write_config(config)
    file = project.path("notebooks/khandelwal2020/fig2.ipynb")
    notebook = json.loads(file.read_text(encoding="utf-8"))
    cell = {"cell_type": "markdown", "id": "trap", "metadata": {}}
    links = "[here](javascript:alert(1)) ![there](x.png) [`code`](https://example.org/?a=1&b=2)"
    notebook["cells"].insert(
        1, cell | {"source": [f"{EVIL}\n", f"\n| a |\n|---|\n| {EVIL} |\n", f"\n{links}"]}
    )
    file.write_text(json.dumps(notebook), encoding="utf-8")
    ledger = json.loads((PROJECT / accepted.file_of("khandelwal2020")).read_bytes())
    claim = next(row for row in ledger["rows"] if row["second_numbers"] and row["counterexample"])
    claim |= {
        "place": f"figure 2, {EVIL}",
        "finding": EVIL,
        "statement": EVIL,
        "numbers": {EVIL: {EVIL: 1.0}},
    }
    target = project.path(str(accepted.file_of("khandelwal2020")))
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(ledger), encoding="utf-8")


@pytest.fixture(scope="module")
def trapped(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project full of markup, built as a user builds it. Not to be changed."""
    project = built.clone(tmp_path_factory.mktemp("report") / "project")
    set_traps(project)
    project.build()
    return project


def folder(project: Project) -> Path:
    return project.path(report_jobs.folder())


def write_again(project: Project, **changes: str) -> None:
    """Write the report of what is drawn, in a process of its own."""
    order = json.dumps(report_jobs.order_of(project.config))
    command = [sys.executable, "-c", WRITE, order]
    subprocess.run(command, cwd=project.root, env=project.environment(**changes), check=True)


def test_every_link_picture_and_anchor_is_there(trapped: Project, built: Project) -> None:
    assert broken_links(folder(trapped)) == []
    assert broken_links(folder(built)) == []
    named = {file.relative_to(folder(trapped)).as_posix() for file in pages_of(folder(trapped))}
    figures = {"khandelwal2020-fig1", "khandelwal2020-fig2", "khandelwal2025-fig2"}
    papers = {"papers/khandelwal2020.html", "papers/khandelwal2025.html"}
    made = {f"{kind}/{figure}.html" for kind in ("figures", "notebooks") for figure in figures}
    assert named == {"index.html", "errata.html"} | papers | made


def test_a_missing_page_would_be_found(trapped: Project, tmp_path: Path) -> None:
    report = shutil.copytree(folder(trapped), tmp_path / "report")
    (report / "errata.html").unlink()
    page = report / "papers/khandelwal2020.html"
    page.write_text(page.read_text(encoding="utf-8").replace('id="eq-12"', 'id="gone"'), encoding="utf-8")
    broken = broken_links(report)
    assert "index.html: ./errata.html" in broken
    assert "figures/khandelwal2020-fig2.html: ../papers/khandelwal2020.html#eq-12" in broken


def test_what_comes_from_config_notebooks_and_ledger_is_text(trapped: Project) -> None:
    seen = ""
    for page in pages_of(folder(trapped)).values():
        scripts = [script.get("src", "inline") for script in page.all("script")]
        searching = ["minisearch.js"] if page.file.name == "index.html" else []
        assert [Path(str(source)).name for source in scripts] == ["theme.js", *searching, "report.js"]
        assert not [named for _, named in page.tags for name in named if name.startswith("on")]
        assert not [link for link in page.links if link.startswith(("javascript:", "data:"))]
        assert not [image for image in page.all("img") if image["src"] == "x"]
        seen += page.words
    # On the front page, the figure's and its notebook's, the paper's and the errata.
    assert (
        seen.count("""<script>alert("caught")</script> & "quoted" 'twice' <img src=x onerror=alert(1)>""") > 8
    )
    assert "https://example.org/?a=1&b=2" in (
        pages_of(folder(trapped))[folder(trapped) / "notebooks/khandelwal2020-fig2.html"].links
    )


def test_pages_are_sound_for_a_screen_reader(trapped: Project) -> None:
    for page in pages_of(folder(trapped)).values():
        assert len(page.ids) == len(set(page.ids))
        assert len(page.all("h1")) == len(page.all("main")) == len(page.all("header")) == 1
        assert all("alt" in image for image in page.all("img"))
        assert page.links[0] == "#main"
        assert page.all("html") == [{"lang": "en"}]
        levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
        steps = [after - before for before, after in pairwise(levels)]
        assert max(steps, default=0) <= 1, "a heading skips a level"


def test_no_page_needs_the_network(trapped: Project) -> None:
    for page in pages_of(folder(trapped)).values():
        assert not [source for source in page.sources if source.startswith(("http", "//"))]
    # Not the search library, whose comments have links and whose maps a method `fetch`: the policy of every page and
    # the tests in a browser hold it.
    for file in [file for file in folder(trapped).glob("static/*") if not file.name.startswith("minisearch")]:
        text = file.read_text(encoding="utf-8")
        assert not any(
            word in text for word in ("http:", "https:", "fetch(", "import ", "@import", "XMLHttp")
        )


def test_the_same_bytes_elsewhere(trapped: Project, tmp_path: Path) -> None:
    other = trapped.clone(tmp_path / "öther place" / "project")
    shutil.rmtree(folder(other))
    write_again(other, **ELSEWHERE)
    sums = [folder(project) / report_jobs.SUMS_NAME for project in (trapped, other)]
    assert sums[0].read_bytes() == sums[1].read_bytes()
    for line in sums[1].read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder(other) / name).read_bytes()).hexdigest() == digest
        assert b"/project" not in (folder(other) / name).read_bytes() or name.endswith(".png")


def test_a_page_that_was_lost_or_edited_is_made_again(copy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.root)
    assert report_jobs.of_report() == []
    page = folder(copy) / "figures/khandelwal2020-fig2.html"
    whole = page.read_bytes()
    page.write_bytes(whole + b" ")
    assert [finding.why for finding in report_jobs.of_report()] == [
        "results/report/figures/khandelwal2020-fig2.html is not what the run wrote"
    ]
    page.unlink()
    said = copy.build()
    assert "results/report/figures/khandelwal2020-fig2.html is gone" in said
    assert page.read_bytes() == whole
    assert "Drawing figure" not in said


def test_pages_of_a_figure_that_is_no_more_go(copy: Project) -> None:
    config = copy.config
    del config["figures"]["khandelwal2020"]["fig1"]
    copy.write_config(config)
    write_again(copy)
    left = [file.name for file in folder(copy).rglob("*") if "khandelwal2020-fig1" in file.name]
    assert left == []
    assert broken_links(folder(copy)) == []


def test_a_report_says_whether_its_verdicts_are_of_this_code(trapped: Project) -> None:
    """Code that has changed since the verdicts were accepted is named."""
    target = trapped.path(str(accepted.file_of("khandelwal2020")))
    ledger = json.loads(target.read_bytes())
    ledger["code"]["qte.solver.steady"] = "0" * 16
    record = json.loads(trapped.path("results/code.json").read_bytes())
    now = {module: entry["hash"] for module, entry in record.items()}
    then = accepted.Ledger("khandelwal2020", ledger["rows"], ledger["code"], ledger["lock"])
    assert "qte.solver.steady" in then.changed(now)
    same = accepted.Ledger("khandelwal2020", [], {module: now[module] for module in ledger["code"]}, "")
    assert same.changed(now) == ["requirements.lock"]
    page = (folder(trapped) / "papers/khandelwal2020.html").read_text(encoding="utf-8")
    assert "These are the accepted verdicts" in page
    assert "make verify-ledger" in page


def test_the_accepted_rows_are_those_of_the_accepted_pages() -> None:
    """One acceptance writes verdicts, rows and pages: none is ahead of the others."""
    rows = {paper: accepted.read(paper).rows for paper in sorted({p for p, _ in verify_ledger.accepted()})}
    verdicts = {
        (row["paper"], row["id"]): {column: row[column] for column in verify_ledger.COLUMNS}
        for entries in rows.values()
        for row in entries
    }
    assert verdicts == verify_ledger.accepted()
    judged = {paper: rows[paper] for paper in ledger_parts.papers_of(rows, PROJECT)}
    assert (PROJECT / "docs/errata.md").read_bytes() == ledger_pages.errata_page(judged)
    for paper, entries in rows.items():
        assert (PROJECT / f"docs/ledger/{paper}.md").read_bytes() == ledger_pages.paper_page(paper, entries)


def test_snakemakes_own_report_has_captions_and_papers_and_needs_no_network(trapped: Project) -> None:
    nowhere = "http://127.0.0.1:9"
    done = trapped.run("--report", "snakemake.html", https_proxy=nowhere, http_proxy=nowhere)
    assert done.returncode == 0, done.stdout[-2000:]
    text = trapped.path("snakemake.html").read_text(encoding="utf-8")
    caption = " ".join(trapped.config["figures"]["khandelwal2025"]["fig2"]["caption"].split())
    assert json.dumps(html.escape(caption, quote=False))[1:-1] in text
    assert '"khandelwal2025"' in text
    # Markup of a caption is text there, too.
    assert "&lt;script&gt;alert(" in text
    assert '<script>alert(\\"caught' not in text
    assert '<script>alert("caught' not in text


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which one paper's ledger has just been judged, with two entries and the code of now."""
    paper, module = "khandelwal2025", "checks_equations"
    for name in ("qte", "lock"):
        (tmp_path / name).symlink_to(PROJECT / name)
    shutil.copy2(PROJECT / "requirements.lock", tmp_path)
    rows = list(accepted.read(paper).rows[:2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ledger_parts, "modules_of", lambda project=None: {paper: [module]})
    part = ledger_jobs.part_file(paper, module)
    Path(part).parent.mkdir(parents=True)
    ledger_jobs.write_part(part, rows, ledger_jobs.spec(Plan({}), paper, module))
    ledger_jobs.WriteLedger(paper, (part,)).run()
    ledger_jobs.WriteErrata((ledger_jobs.files_of(paper)["json"],), ledger_jobs.ERRATA).run()
    reasons = "".join(f"- `{row['id']}`: *none* → *{row['verdict']}*: new\n" for row in rows)
    verify_ledger.REASONS.parent.mkdir(parents=True)
    verify_ledger.REASONS.write_text(f"## {paper}\n\n{reasons}", encoding="utf-8")
    monkeypatch.setattr(run_lock, "take", lambda: None)  # for the life of a process, and this one lives on
    return tmp_path


def test_accepting_a_ledger_keeps_its_rows_and_its_code(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_ledger.main(["--accept", "--reason", "first"]) == 0
    taken = accepted.read("khandelwal2025")
    assert taken.rows == json.loads((judged / "results/ledger/khandelwal2025.json").read_bytes())
    assert {"qte.ledger.entries", "qte.solver.steady", "qte.papers.khandelwal2025.checks.equations"} <= set(
        taken.code
    )
    assert taken.changed(verify_ledger.code_now()) == []

    file = judged / accepted.file_of("khandelwal2025")
    content = json.loads(file.read_bytes())
    content["code"]["qte.solver.steady"] = "another"
    file.write_text(json.dumps(content), encoding="utf-8")
    chain.append(Path("reference"), "code of another day")
    assert verify_ledger.main([]) == 0
    assert "earlier code" in capsys.readouterr().out

    content["rows"][1]["finding"] = "something else"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert verify_ledger.main([]) == 1
    assert "reference/ledger/khandelwal2025.json is not what the run wrote" in capsys.readouterr().err


def test_verdicts_of_other_code_are_not_accepted(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = ledger_jobs.part_file("khandelwal2025", "checks_equations")
    rows = json.loads((judged / "results/ledger/khandelwal2025.json").read_bytes())
    ledger_jobs.write_part(part, rows, "of yesterday")
    assert verify_ledger.main(["--accept", "--reason", "why"]) == 1
    assert "Judged by other code than what is here now: khandelwal2025" in capsys.readouterr().err
    assert not (judged / "reference").exists()
