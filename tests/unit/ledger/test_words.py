"""The words of a paper: what is refused, how they meet the checks, and the quotations against the text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qte.ledger import judged, letters, pages, quotations, rows, words
from qte.ledger.checks import Range
from qte.ledger.entries import Entry, entries, judge
from qte.ledger.forms import equals, larger, never_below
from qte.ledger.judged import Found, again, evidence, found
from qte.ledger.verdicts import FAULTS, Refused, Verdict

N = np.linspace(1, 2, 300)
GOOD = equals("x against x", N, N * (1 + 1e-13), {"x": N})
BROKEN = larger("a above b", at={"T_h": 2.0, "T_c": 1.0, "g": 0.3}, a=1.0, b=2.0)
MET = again(BROKEN, "by hand", lambda **point: {"a": 1.0, "b": 2.0})
HEAD = """
texts: {one: one.txt, two: two.txt}
versions: [one, two]
settings: {T_c: 0.1}
premises:
  bias: {says: T_h > T_c, holds: T_h > T_c}
  small: {says: g is small, holds: g <= 0.1}
entries:
"""
ENTRY = """
  a-claim:
    place: section 1
    quote: {one: The current is 0.35 or so}
    says: It is.
    verdict: holds
    finding: It is {value:.2f}.
"""


def read(tmp_path: Path, text: str) -> words.PaperWords:
    file = tmp_path / "claims.yaml"
    file.write_text(text, encoding="utf-8")
    return words.read(file, "p")


def one(tmp_path: Path, **changes: object) -> tuple[words.PaperWords, words.Words]:
    paper = read(tmp_path, HEAD + ENTRY)
    return paper, replace(paper.of("a-claim"), **({"method": "m"} | changes))


def fault(tmp_path: Path, **changes: object) -> tuple[words.PaperWords, words.Words]:
    given = {"verdict": Verdict.FALSE, "premises": ("bias",), "choices": "None.", "finding": "f"}
    return one(tmp_path, **(given | {"size": "large", "consequence": "None."} | changes))


# ---- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            ("place: section 1", "place: section 1\n    place: section 2"),
            r"line 12: the key `place` stands twice",
        ),
        (("says:", "say:"), r"entry `a-claim`: line 13: entry `a-claim` has no key `say`; known are .*says"),
        (("verdict: holds", "verdict: wrong way"), "verdict 'wrong way' is none of exact"),
        (("verdict: holds", "verdict: exact"), "'exact' is no verdict of a claim"),
        (("    finding: It is {value:.2f}.\n", ""), "`finding` is missing"),
        (("{one: The", "{three: The"), "`three` is no text of the file: one, two"),
        (("quote: {one: The current is 0.35 or so}", "method: m"), "give either a quotation"),
        (("verdict: holds", "verdict: holds\n    premises: [biased]"), "`biased` is no premise"),
        (("{value:.2f}", "0.34"), "`finding` has the number 0.34 typed by hand"),
        (("{value:.2f}", "7 %"), "number 7 % typed by hand"),
        (("{value:.2f}", "3e-5"), "number 3e-5 typed by hand"),
        (("a-claim:", "A claim:"), "lower-case words joined by hyphens"),
        (("verdict: holds", "verdict: holds\n    weight: 7"), "`weight` must be 1, 2 or 3"),
        (("place: section 1", "place: [section 1"), r"claims.yaml: .*flow sequence"),
    ],
)
def test_a_file_that_is_not_in_form_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        read(tmp_path, (HEAD + ENTRY).replace(*change))
    assert "claims.yaml" in str(caught.value)


@pytest.mark.parametrize("text", ["0.35", "0.1", "of section 4.12", "of eq. (3.4)", "'0.77'", "{value:.1f}"])
def test_numbers_of_the_paper_and_of_the_evidence_may_stand_in_a_finding(tmp_path: Path, text: str) -> None:
    read(tmp_path, (HEAD + ENTRY).replace("{value:.2f}", text))


def test_words_that_name_no_text_stand_in_all_versions(tmp_path: Path) -> None:
    entry = read(tmp_path, (HEAD + ENTRY).replace("{one: The current is 0.35 or so}", "The current")).of(
        "a-claim"
    )
    assert entry.quote == {"one": "The current", "two": "The current"}
    assert entry.versions == ("one", "two")


def test_false_is_a_word_and_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    entry = read(tmp_path, HEAD + ENTRY.replace("holds", "false")).of("a-claim")
    assert entry.verdict is Verdict.FALSE


# ---- words and checks ---------------------------------------------------------------------------


def test_numbers_of_the_words_come_from_the_evidence(tmp_path: Path) -> None:
    made = evidence(*one(tmp_path), found(GOOD, value=np.float64(0.3456)))
    assert made.told["finding"] == "It is 0.35."
    with pytest.raises(Refused, match=r"'value' \(there are other\)"):
        evidence(*one(tmp_path), found(GOOD, other=1))


@pytest.mark.parametrize(
    ("changes", "it", "why"),
    [
        ({"verdict": Verdict.HOLDS}, found(BROKEN), "`a above b` fails"),
        ({"verdict": Verdict.HOLDS}, found(), "comes without its `passes`"),
        ({"verdict": Verdict.HOLDS}, found(GOOD, breaks=(BROKEN,)), "comes with its `breaks`"),
        ({"verdict": Verdict.HOLDS}, found(GOOD, beyond=(BROKEN,)), "`beyond` says nothing"),
        ({"verdict": Verdict.CONVENTION}, found(GOOD, breaks=(BROKEN,)), "without its `conditions`"),
        ({"verdict": Verdict.SLIP, "corrected": "x"}, found(GOOD, breaks=(BROKEN,)), "without its `rest`"),
        ({"verdict": Verdict.UNDECIDABLE}, found(), "without its `decides`"),
        ({"verdict": Verdict.APPROXIMATE}, found(GOOD), "without its `breaks`"),
        ({"verdict": Verdict.CONDITIONS}, found(GOOD, breaks=(BROKEN,)), "without its `conditions`"),
        ({}, found(breaks=(GOOD,)), "passes"),
        ({}, found(breaks=(BROKEN,)), "no second method evaluates `a above b`"),
        ({}, found(breaks=(BROKEN,), again=(MET,)), "the number by the text and the right one"),
        ({"premises": ()}, found(breaks=(BROKEN,)), "without its `premises`"),
        ({"choices": ""}, found(breaks=(BROKEN,)), "without its `choices`"),
        ({"size": ""}, found(breaks=(BROKEN,)), "without its `size`"),
        ({"consequence": ""}, found(breaks=(BROKEN,)), "without its `consequence`"),
        (
            {"premises": ("small",)},
            found(breaks=(BROKEN,), again=(MET,), printed=1, right=2),
            "outside the premise `small`",
        ),
        (
            {},
            found(breaks=(BROKEN,), again=(MET,), printed=1, right=2, point={"T_h": 1, "T_c": 2}),
            r"outside the premise `bias` \(T_h > T_c\)",
        ),
        ({}, found(breaks=(BROKEN,), again=(MET,), printed=1, right=2, point={"T_h": 1}), "needs T_c"),
    ],
)
def test_a_class_that_the_checks_do_not_bear_out_is_refused(
    tmp_path: Path, changes: dict[str, object], it: Found, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        evidence(*fault(tmp_path, **changes), it)


def test_a_fault_inside_the_premises_that_a_second_method_meets_is_written(tmp_path: Path) -> None:
    made = evidence(*fault(tmp_path), found(breaks=(BROKEN,), again=(MET,), printed=1, right=2))
    assert made.counterexample == {"T_h": 2.0, "T_c": 1.0, "g": 0.3}
    assert dict(made.second_numbers) == {"a": (1.0, 1.0), "b": (2.0, 2.0)}


def test_a_second_method_evaluates_the_same_statement_at_the_same_point() -> None:
    hunted = never_below("x", lambda x: x - 1, {"x": Range(0, 1)}, np.random.default_rng(1))
    assert again(hunted, "by hand", lambda x: x - 1).pairs == {"margin": (-1.0, -1.0)}
    with pytest.raises(Refused, match="does not confirm margin"):
        again(hunted, "by hand", lambda x: x - 1.001)
    with pytest.raises(Refused, match="has no number `c`; it has a, b"):
        again(BROKEN, "by hand", lambda **point: {"c": 1.0})
    with pytest.raises(Refused, match="confirms no number"):
        again(BROKEN, "by hand", lambda **point: {})


def test_a_premise_compares_and_does_nothing_else() -> None:
    words.Premise("p", "s", "0.1 * T_h <= T_c < T_h").check({"T_h": 1.0, "T_c": 0.2})
    with pytest.raises(Refused, match="does more"):
        words.Premise("p", "s", "__import__('os')").check({})


def test_entries_are_judged_in_modules_of_checks() -> None:
    with pytest.raises(TypeError, match="must be judged in a module"):
        judge("eq-7")(lambda rng: found(GOOD))


def test_what_is_only_read_is_the_part_called_claims() -> None:
    read_ones = entries("qte.papers.khandelwal2020.claims")
    assert {entry.words.verdict for entry in read_ones} <= judged.UNCOMPUTED
    assert all(isinstance(entry, Entry) and entry.run().told["finding"] for entry in read_ones)


# ---- quotations ---------------------------------------------------------------------------------

TEXT = "The two-\n\nqubit engine recti-\nfies   heat; J_c is 0.35."


@pytest.mark.parametrize(
    "quote",
    ["The two-qubit engine", "engine rectifies heat", "The two-qubit […] is 0.35.", "twoqubit", "J_c\n is"],
)
def test_the_white_space_and_hyphens_of_the_converter_do_not_count(quote: str) -> None:
    assert quotations.compare(quote, TEXT) == ""


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("The two-qubit engines", "engine”, where the quotation has “s”"),
        ("J_c is 0.36", "where the quotation has “6”"),
        ("heat […] The two", "“Thetwo” is not in the text"),
        ("rect-ifies", "where the quotation has “-ifies”"),
        ("§", "“§” is not in the text"),
        ("heat […]", "an empty piece"),
    ],
)
def test_any_other_difference_is_told(quote: str, why: str) -> None:
    assert why in quotations.compare(quote, TEXT)


def test_the_command_tells_every_difference_and_says_when_it_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = read(tmp_path, HEAD + ENTRY)
    monkeypatch.setattr(quotations, "words_of", lambda name: paper)
    assert quotations.main(["--texts", str(tmp_path), "p"]) == 0
    assert "p: skipped, its texts are not in" in capsys.readouterr().out
    (tmp_path / "two.txt").write_text("", encoding="utf-8")
    (tmp_path / "one.txt").write_text("The current\nis 0.35 or so.", encoding="utf-8")
    monkeypatch.setenv(quotations.VARIABLE, str(tmp_path))
    assert quotations.main(["p"]) == 0
    assert "p: 1 of 1 quotations are in the texts" in capsys.readouterr().out
    (tmp_path / "one.txt").write_text("The current is 0.34 or so.", encoding="utf-8")
    assert quotations.main(["p"]) == 1
    told = capsys.readouterr()
    assert "p/a-claim, one: the text goes on “4or" in told.err
    assert "p: 0 of 1" in told.out


# ---- the letter ---------------------------------------------------------------------------------


def test_a_letter_orders_errata_by_weight_and_ends_with_what_holds(tmp_path: Path) -> None:
    paper, base = fault(tmp_path)
    it = found(breaks=(BROKEN,), again=(MET,), printed=1, right=2)

    def row(**changes: object) -> dict[str, object]:
        said = replace(base, **changes)
        entry = Entry("khandelwal2020", "m", replace(said, premises=()), lambda rng: it)
        holds = said.verdict not in FAULTS
        made = rows.row(entry, evidence(paper, said, found(GOOD, value=1) if holds else it))
        return made

    light, heavy = row(id="light", says="Light."), row(id="heavy", says="Heavy.", weight=3)
    right = row(id="right", verdict=Verdict.HOLDS, thanks="One might have doubted it.")
    turned = row(id="turned", says="Turned.") | {
        "verdict": "exact up to a convention",
        "conditions": "J is twice Q",
    }
    text = letters.letter("A. Author, J. 1 (2020)", [light, right, heavy, turned]).decode()
    assert "4 entries, of which 2 hold, up to a convention at most" in text
    assert "- Section 1: J is twice Q. " in text
    assert text.index("Heavy.") < text.index("Light.") < text.index("One might have doubted it.")
    assert "> The current is 0.35 or so" in text
    assert "By the text, or at the edge of what it allows, 1; by our computation 2." in text
    assert "a text that a converter made" in text
    assert "`docs/errata/khandelwal2020/heavy.py`" in text


def test_one_of_a_kind_is_counted_in_the_singular() -> None:
    one = [{"verdict": str(verdict)} for verdict in (Verdict.FALSE, Verdict.APPROXIMATE, Verdict.SLIP)]
    assert pages.summary(one).startswith("1 erratum, 1 entry that holds under conditions")
    assert "1 slip on which" in pages.summary(one)
    assert "2 errata, 2 entries that hold" in pages.summary([*one, *one])
