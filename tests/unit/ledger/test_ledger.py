"""The ledger's own house: what it refuses, what it finds, that every equation is there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.ledger import checks, numbers, pages, rows
from qte.ledger.checks import Range, Signed, compare, fact, hunt
from qte.ledger.entries import Entry, entries
from qte.ledger.judged import Found
from qte.ledger.verdicts import ERRATA, OF_KIND, SLIPS, Refused
from qte.machines import TwoQubitEngine
from workflow.commands import verify_ledger
from workflow.identity.project_environment import pinned
from workflow.jobs import ledger as ledger_jobs
from workflow.plan import ledger_parts

PROJECT = Path(__file__).parents[3]
NUMBERS = yaml.safe_load((PROJECT / "reference/equation_numbers.yaml").read_text(encoding="utf-8"))
MODULES = ledger_parts.modules_of(PROJECT)
PAPERS = ledger_parts.papers_of(MODULES, PROJECT)
N = np.linspace(1, 2, 300)
GOOD = compare("x against x", N, N * (1 + 1e-13), {"x": N})


def declared(paper: str) -> list[Entry]:
    return [entry for part in MODULES[paper] for entry in entries(ledger_parts.module_name(paper, part))]


# ---- every equation of every text ---------------------------------------------------------------


@pytest.mark.parametrize("paper", PAPERS)
def test_every_numbered_equation_of_each_text_is_declared(paper):
    found: dict[str, list[str]] = {}
    for entry in declared(paper):
        for version, number in entry.words.number.items():
            found.setdefault(version or "text", []).append(number)
    for version, last in NUMBERS[paper].items():
        numbers = [n for n in found[version] if n.isdigit()]
        assert sorted(set(map(int, numbers))) == list(range(1, last + 1)), version
    assert set(found) == set(NUMBERS[paper])


def test_every_paper_with_a_ledger_has_its_number_of_equations():
    assert set(PAPERS) <= set(NUMBERS)


@pytest.mark.parametrize("paper", sorted(MODULES))
def test_the_accepted_verdicts_are_those_of_the_declared_entries(paper):
    accepted = {key[1]: row for key, row in verify_ledger.accepted().items() if key[0] == paper}
    entries_there = {entry.id: entry for entry in declared(paper)}
    assert set(accepted) == set(entries_there)
    for name, row in accepted.items():
        assert row["verdict"] in map(str, OF_KIND[entries_there[name].words.kind])
        assert row["number"] == rows.number_of(entries_there[name].words)


@pytest.mark.parametrize("paper", sorted(MODULES))
def test_the_committed_page_lists_every_entry_with_its_verdict(paper):
    page = (PROJECT / "docs/ledger" / f"{paper}.md").read_text(encoding="utf-8")
    for (owner, name), row in verify_ledger.accepted().items():
        if owner == paper:
            title = f"Eq. {row['number']}" if row["kind"] == "equation" else f"`{name}`"
            assert any(title in line and row["verdict"] in line for line in page.splitlines()), name


def test_the_committed_errata_name_every_erratum():
    page = (PROJECT / "docs/errata.md").read_text(encoding="utf-8")
    for (paper, name), row in verify_ledger.accepted().items():
        assert (f'<a id="{paper}-{name}"></a>' in page) == (row["verdict"] in ERRATA | SLIPS), name


# ---- checks and entries that are refused -----------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: fact("x", True), "without numbers"),
        (lambda: compare("x", N, N, {"x": N}), "itself"),
        (lambda: compare("x", N[:50], N[:50] + 0, {"x": N}), "200"),
        (lambda: compare("x", N, N * np.nan, {"x": N}), "not finite"),
    ],
)
def test_a_check_that_compares_nothing_is_refused(make, why):
    with pytest.raises(Refused, match=why):
        make()


def test_the_worst_of_draws_that_round_off_tells_apart_is_the_first():
    halves = N / 2
    halves[7] = np.nextafter(N[7] / 2, 0.0)
    assert compare("half", halves, N, {"x": N}).point == {"x": N[0]}
    halves[7] = 0.4 * N[7]
    assert compare("less", halves, N, {"x": N}).point == {"x": N[7]}


def test_seeds_come_from_the_name_and_repeat():
    one, *others = (entry for entry in declared("khandelwal2020") if entry.words.verdict == "exact")
    assert one.seed == replace(one).seed
    assert len({entry.seed for entry in (one, *others)}) == 1 + len(others)
    draws = []
    entry = replace(one, finder=lambda rng: draws.append(rng.random()) or Found(passes=(GOOD,)))
    entry.run()
    entry.run()
    assert draws[0] == draws[1]


# ---- the hunt ----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")
def test_a_row_tells_where_a_machine_was_asked_outside_the_domain_of_its_equation():
    like = next(e for e in declared("khandelwal2020") if e.id == "current-falls-with-detuning")
    words = replace(like.words, finding="", beyond="", size="", conditions="")

    def finder(g: float):
        def find(rng):
            TwoQubitEngine(g=g, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2).net_current()
            return Found(passes=(GOOD,))

        return find

    entry = replace(like, words=words, finder=finder(0.25))
    (told, *_) = rows.row(entry, entry.run())["outside"]
    source = "khandelwal2020 sec. 2: g << eps"
    assert told == {"name": "coupling over gap", "worst": "0.25", "bound": "0.1", "source": source}
    line = "**Evaluated outside the domain of its equation, too.** coupling over gap up to 0.25, bound 0.1"
    assert line in "\n".join(pages.explained(rows.row(entry, entry.run())))
    entry = replace(like, words=words, finder=finder(0.05))
    assert rows.row(entry, entry.run())["outside"] == []


def test_a_hunt_finds_a_counterexample_that_random_draws_miss():
    # broken within 1e-6 of one point of a plane: a ball that 1e5 draws do not hit
    def margin(x, y):
        return (x - 0.3) ** 2 + (y + 0.02) ** 2 - 1e-9

    found = hunt("x", margin, {"x": Range(-1, 1), "y": Signed(1e-3, 1)}, np.random.default_rng(1))
    assert not found.passed
    assert found.share == 0
    assert margin(*(np.array([v]) for v in found.point.values()))[0] < -checks.TOLERANCE


def test_a_hunt_returns_the_margin_of_the_point_as_it_is_printed():
    found = hunt("x", lambda x: -1 - x, {"x": Range(0, np.pi)}, np.random.default_rng(2))
    assert found.worst == -1 - found.point["x"]
    assert found.numbers["share of draws that break it"] == 1


def test_a_hunt_tries_every_word():
    def margin(x, a, b):
        return np.where((a == "q") & (b == "s"), -x, x)

    found = hunt("x", margin, {"x": Range(1, 2), "a": ("p", "q"), "b": ("r", "s")}, np.random.default_rng(3))
    assert found.point == {"x": 2.0, "a": "q", "b": "s"}


def test_a_hunt_needs_draws_that_apply():
    with pytest.raises(Refused, match="at least 100000"):
        hunt("x", lambda x: x, {"x": Range(0, 1)}, np.random.default_rng(4), draws=1000)
    with pytest.raises(Refused, match="applies to"):
        hunt(
            "x",
            lambda x: np.where(x < 1e-4, x, np.nan),
            {"x": Range(0, 1)},
            np.random.default_rng(4),
        )


def test_labels_keep_subscripts_and_decimals():
    assert numbers.label("N_at_T_h_0_7") == "N at T_h 0.7"
    assert numbers.label("J_over_J_c") == "J over J_c"


# ---- comparing with what was accepted -------------------------------------------------------------


def test_every_verdict_that_changed_appeared_or_vanished_is_named():
    row = {"paper": "p", "kind": "claim", "number": "", "verdict": "holds"}
    want = {("p", name): row | {"id": name} for name in ("kept", "changed", "gone")}
    have = {key: dict(value) for key, value in want.items() if key[1] != "gone"}
    have["p", "changed"]["verdict"] = "fails"
    have["p", "new"] = row | {"id": "new"}
    lines = verify_ledger.differences(want, have)
    assert lines == [
        "p/changed: 'holds' became 'fails'",
        "p/gone: 'holds' vanished",
        "p/new: 'holds' appeared",
    ]
    assert verify_ledger.differences(want, want) == []


def test_a_changed_verdict_is_accepted_only_with_its_reason(tmp_path, monkeypatch):
    log = tmp_path / "CHANGES.md"
    read = verify_ledger.explained
    monkeypatch.setattr(verify_ledger, "explained", lambda: read(log))
    want = {
        ("p", "a"): {"verdict": "fails"},
        ("p", "gone"): {"verdict": "holds"},
        ("q", "b"): {"verdict": "holds"},
    }
    have = {
        ("p", "a"): {"verdict": "holds"},
        ("p", "new"): {"verdict": "false"},
        ("q", "b"): {"verdict": "fails"},
    }
    assert verify_ledger.unexplained(["p"], want, have) == [
        "p/a: *fails* → *holds*",
        "p/gone: *holds* → *none*",
        "p/new: *none* → *false*",
    ]
    log.write_text(
        "## p\n\n- `a`: *fails* → *holds*: quoted from memory\n- `gone`: *holds* → *none*: nobody says it\n"
        "- `new`: *none* → *false*:\n\n## q\n\n- `new`: *none* → *false*: of another paper\n",
        encoding="utf-8",
    )
    assert verify_ledger.unexplained(["p"], want, have) == ["p/new: *none* → *false*"]


def test_a_ledger_that_was_tampered_with_is_made_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = Path(ledger_jobs.part_file("p", "checks_x"))
    file.parent.mkdir(parents=True)
    content = [{"id": "a", "verdict": "holds"}]
    monkeypatch.setattr(ledger_jobs, "spec", lambda *_: "s")
    ledger_jobs.write_part(str(file), content, "s")
    assert ledger_jobs.of_part(None, "p", "checks_x") == []
    file.write_text(file.read_text().replace("holds", "exact"))
    (finding,) = ledger_jobs.of_part(None, "p", "checks_x")
    assert "not what the run wrote" in finding.why
    ledger_jobs.write_part(str(file), content, "old")
    assert [finding.damaged for finding in ledger_jobs.of_part(None, "p", "checks_x")] == [False]


FRESH = """
import sys
from pathlib import Path
from qte.ledger import pages, rows
from qte.ledger.entries import entries
from qte.ledger.words import in_order
from workflow.plan.ledger_parts import module_name
from tests.unit.ledger.test_ledger import MODULES, PAPERS

found = {}
for paper, modules in MODULES.items():
    declared = [entry for name in modules for entry in entries(module_name(paper, name))]
    found[paper] = in_order(paper, [rows.row(entry, entry.run()) for entry in declared])
    Path(sys.argv[1], f"{paper}.md").write_bytes(pages.paper_page(paper, found[paper]))
papers = {paper: rows for paper, rows in found.items() if paper in PAPERS}
Path(sys.argv[1], "errata.md").write_bytes(pages.errata_page(papers))
"""


@pytest.mark.slow
def test_the_committed_pages_are_those_of_a_fresh_run(tmp_path):
    # with the arithmetic of the pipeline: how far two formulas deviate by round-off depends on it
    command = [sys.executable, "-c", FRESH, str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, env=os.environ | pinned(PROJECT), check=True)
    for paper in MODULES:
        committed = PROJECT / "docs/ledger" / f"{paper}.md"
        assert committed.read_text(encoding="utf-8") == (tmp_path / f"{paper}.md").read_text(encoding="utf-8")
    assert (PROJECT / "docs/errata.md").read_bytes() == (tmp_path / "errata.md").read_bytes()
