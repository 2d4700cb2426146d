"""Studies: found by registered name only, filled from plain data, refused with exact messages."""

from __future__ import annotations

import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import qte.papers
from qte.common.errors import ParameterError
from qte.data import studies, tables
from qte.data.fields import Grid, Values, convert, to_plain
from qte.data.studies import StudyError

ROOT = Path(__file__).parents[3]
SOURCE = '''
from __future__ import annotations
from dataclasses import dataclass
from typing import Literal
import numpy as np
from qte.common.errors import ParameterError
from qte.data.studies import Extended, Grid, Values, study
from qte.data.tables import Column, Table

@study("detuning_curves")
@dataclass(frozen=True, kw_only=True)
class DetuningCurves:
    """J against delta."""
    T_h: Values
    delta: Grid
    eps_h: float
    U: Extended = float("inf")
    num: int = 3
    exact: bool = True
    approach: Literal["local", "global"] = "local"
    T_c: float | None = None

    def check(self) -> None:
        if min(self.T_h) < 0:
            raise ParameterError("T_h", min(self.T_h), "be >= 0")

    def table(self) -> Table:
        T, d = np.array(self.T_h), self.delta.points
        columns = [Column(s, "1", s, s) for s in ("T_h", "delta", "J")]
        return Table.from_grid(axes={"T_h": T, "delta": d}, values={"J": T[:, None] * d}, columns=columns)
'''
NAME = "demo2000.detuning_curves"


def grid(start: float, stop: float, num: int, **more: object) -> dict[str, object]:
    return {"start": start, "stop": stop, "num": num} | more


GOOD = {"T_h": [0.3, 1], "delta": {"start": 0.0, "stop": 0.06, "num": 7}, "eps_h": 1.0}


@pytest.fixture(autouse=True)
def demo(tmp_path, monkeypatch):
    """A paper of its own, in a folder that is part of `qte.papers` for the time of a test."""
    package = tmp_path / "papers" / "demo2000"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "studies.py").write_text(SOURCE)
    (package / "equations.py").write_text("raise RuntimeError('looking up a study imports studies only')")
    studies.names()  # a module that registers its studies in the copy below would not do so again
    monkeypatch.setattr(qte.papers, "__path__", [*qte.papers.__path__, str(tmp_path / "papers")])
    monkeypatch.setattr(studies, "_registry", dict(studies._registry))
    monkeypatch.setattr(studies, "_failed", {})
    yield package
    for name in [name for name in sys.modules if name.startswith("qte.papers.demo2000")]:
        del sys.modules[name]
    vars(qte.papers).pop("demo2000", None)


def changed(**changes):
    return GOOD | changes


# --- lookup ------------------------------------------------------------------------------------------


def test_a_study_is_found_by_name():
    assert studies.names("demo2000") == (NAME,)
    assert NAME in studies.names()
    assert "demo2000" in studies.papers()
    cls = studies.get(NAME)
    assert cls.__name__ == "DetuningCurves"
    assert studies.name_of(cls) == NAME
    assert studies.module_of(NAME) == "qte.papers.demo2000.studies"


def test_studies_may_fill_several_modules(demo):
    (demo / "studies_more.py").write_text(
        SOURCE.replace("DetuningCurves", "HeatMap2").replace("detuning_curves", "heat_map2")
    )
    assert studies.names("demo2000") == (NAME, "demo2000.heat_map2")


def test_a_near_name_is_suggested():
    with pytest.raises(
        StudyError, match=r"no study 'demo2000\.detuning_curve' \(did you mean .*detuning_curves"
    ):
        studies.get("demo2000.detuning_curve")
    with pytest.raises(StudyError, match=r"no paper 'demo2001' \(did you mean 'demo2000'\?\)"):
        studies.get("demo2001.detuning_curves")


@pytest.mark.parametrize(
    "name",
    ["os.system", "os.path", "json.decoder", "equations.x", "errors.parameter_error", "studies.grid"],
)
def test_a_name_imports_nothing_but_papers(name):
    with pytest.raises(StudyError, match="there is no paper"):
        studies.get(name)


@pytest.mark.parametrize(
    "name", ["", "demo2000", "../demo2000.x", "demo2000.x.y", "demo2000.X", "a b.c", "__main__.x", None, 3]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(StudyError, match="is not a study's name"):
        studies.get(name)


def test_a_study_must_be_a_frozen_dataclass_of_a_paper(demo):
    for old, new, message in [
        ("frozen=True, ", "", "frozen dataclass"),
        (", kw_only=True", "", "keyword-only"),
        ("num: int = 3", "num: complex = 3", "cannot have the type"),
        ('@study("detuning_curves")', "@study", r'needs a name: @study\("my_study"\)'),
        ('"detuning_curves"', '"Detuning curves"', "lower-case words"),
        ('@study("detuning_curves")\n', '@study("detuning_curves")\n' * 2, None),
    ]:
        (demo / "studies.py").write_text(SOURCE.replace(old, new))
        if message is None:
            assert studies.names("demo2000") == (NAME,)
        else:
            # the module is broken, which only those hear who ask for a study of it
            assert studies.names("demo2000") == ()
            with pytest.raises(StudyError, match=message):
                studies.get(NAME)
            studies._failed.clear()
    with pytest.raises(TypeError, match=r"must be defined in a module of qte\.papers"):
        studies.study("alien")(type("Alien", (), {}))


def test_a_package_that_cannot_be_imported_takes_its_studies_with_it(demo):
    (demo / "__init__.py").write_text("def (\n")
    assert studies.broken(NAME)
    with pytest.raises(StudyError, match=r"__init__\.py, line 1: SyntaxError: invalid syntax"):
        studies.get(NAME)


def test_two_studies_of_one_name_are_refused(demo):
    (demo / "studies_more.py").write_text(SOURCE)
    assert studies.names("demo2000") == (NAME,)
    assert studies.get(NAME).__module__ == "qte.papers.demo2000.studies"
    assert "registered twice" in studies.failures("demo2000")[0]
    assert not studies.broken(NAME)


# --- parameters --------------------------------------------------------------------------------------


def test_plain_data_becomes_a_study():
    study = studies.build(NAME, GOOD)
    assert study.T_h == (0.3, 1.0)
    assert math.isinf(study.U)
    np.testing.assert_array_equal(study.delta.points, [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06])
    assert studies.build(NAME, studies.params_of(study)) == study
    assert studies.problems(NAME, GOOD) == ()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (changed(detla=1.0), "no parameter `detla` (did you mean 'delta'?)"),
        ({"T_h": [1.0]}, "the parameter `delta` is missing"),
        (changed(eps_h="1e-3"), "be a finite number (YAML reads 1e-3 as text: write 1.0e-3), but got '1e-3'"),
        (changed(eps_h="1.5e3"), "write 1.5e+3"),
        (changed(eps_h="0.3"), "(write it without quotes)"),
        (changed(eps_h="\u22120.5"), "be a finite number (write -0.5), but got '\u22120.5'"),
        (changed(eps_h="\u2013 0.5"), "(write -0.5)"),
        (changed(eps_h="1\u202f000"), "(write 1000)"),
        (changed(eps_h="1'000.5"), "(write 1000.5)"),
        (changed(eps_h="1,5"), "(write 1.5)"),
        (changed(eps_h="1/3"), "(nothing is computed here: write the decimal number)"),
        (changed(eps_h="pi/2"), "(nothing is computed here: write the decimal number)"),
        (changed(eps_h="2*10**-3"), "(nothing is computed here: write the decimal number)"),
        (changed(eps_h="inf"), "`eps_h` must be a finite number, but got 'inf'"),
        (changed(eps_h="1,000.5"), "`eps_h` must be a finite number, but got '1,000.5'"),
        (changed(eps_h="wide"), "`eps_h` must be a finite number, but got 'wide'"),
        (changed(eps_h=True), "but got True"),
        (changed(eps_h=math.nan), "but got nan"),
        (changed(eps_h=math.inf), "but got inf"),
        (changed(eps_h=None), "but got None"),
        (changed(eps_h=[1.0]), "but got [1.0]"),
        (changed(U=math.nan), "be a number, or .inf for the limit, but got nan"),
        (changed(T_h=[]), "be a list with at least one entry"),
        (changed(T_h=0.3), "be a list with at least one entry, but got 0.3"),
        (changed(T_h=[0.3, "x"]), "Argument `T_h[1]` must be a finite number"),
        (changed(num=3.0), "be a whole number, but got 3.0"),
        (changed(num=True), "be a whole number"),
        (changed(exact=1), "be true or false, but got 1"),
        (changed(approach="lokal"), "be one of 'local', 'global' (did you mean 'local'?), but got 'lokal'"),
        (changed(delta=3), "be a grid {start:, stop:, num:} or a list of ascending numbers"),
        (changed(delta={"start": 0.0, "stop": 1.0}), "have a key `num`"),
        (changed(delta={"start": 0.0, "stpo": 1.0, "num": 2}), "(did you mean 'stop'?)"),
        (changed(delta=grid(1.0, 1.0, 2)), "Argument `delta.stop` must be larger than start"),
        (changed(delta=grid(0.0, 1.0, 1)), "Argument `delta.num` must be between 2 and"),
        (changed(delta=grid(0.0, 1.0, 10**9)), "Argument `delta.num` must be between 2 and"),
        (changed(delta=grid(0.0, 1.0, 3, spacing="log")), "must be > 0 on a logarithmic grid"),
        (changed(delta=grid(0.0, 1.0, 3, spacing="lin")), "`delta.spacing` must be one of"),
        (changed(delta=[2.0, 1.0]), "be a list of ascending numbers"),
    ],
)
def test_bad_parameters_get_exact_messages(params, message):
    with pytest.raises((StudyError, ParameterError)) as caught:
        studies.build(NAME, params)
    assert message in str(caught.value)
    assert message in str(studies.problems(NAME, params)[0])


def test_all_problems_are_listed_at_once():
    found = studies.problems(NAME, {"T_h": 1, "delta": [1.0, 2.0], "U": "x", "extra": 0})
    assert [problem.name for problem in found] == ["extra", "T_h", "eps_h", "U"]
    (unphysical,) = studies.problems(NAME, changed(T_h=[-1.0]))
    assert str(unphysical) == "Argument `T_h` must be >= 0, but got -1.0."
    assert len(studies.problems("demo2000.none", GOOD)) == 1
    assert len(studies.problems(NAME, [1, 2])) == 1


def test_run_gives_table_and_provenance(tmp_path):
    table, provenance = studies.run(NAME, GOOD, ["T_h"], table="fig2")
    assert (provenance.paper, provenance.table, provenance.study) == ("demo2000", "fig2", NAME)
    assert provenance.params["approach"] == "local"  # defaults are recorded
    tables.write(table, tmp_path / "fig2.csv", provenance)
    assert tables.read(tmp_path / "fig2.csv").provenance == provenance
    with pytest.raises(StudyError, match=r"no parameter `T_k` \(did you mean"):
        studies.run(NAME, GOOD, ["T_k"])
    with pytest.raises(ParameterError, match="`T_h` must be >= 0"):
        studies.run(NAME, changed(T_h=[-1.0]))


# --- grids -------------------------------------------------------------------------------------------


def test_linear_points_are_the_decimals_that_are_meant():
    points = convert(Grid, "delta", {"start": 0.0, "stop": 0.06, "num": 241}).points
    assert points[40] == 0.01
    assert points.size == 241
    np.testing.assert_allclose(points, np.linspace(0.0, 0.06, 241), rtol=1e-15)
    assert not points.flags.writeable


def test_log_points_are_correctly_rounded():
    points = convert(Grid, "T", {"start": 1.0e-3, "stop": 10, "num": 5, "spacing": "log"}).points
    assert points.tolist() == [0.001, 0.01, 0.1, 1.0, 10.0]
    fine = convert(Grid, "T", {"start": 0.02, "stop": 60.0, "num": 301, "spacing": "log"}).points
    np.testing.assert_allclose(fine, np.geomspace(0.02, 60.0, 301), rtol=1e-14)


@given(start=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), num=st.integers(2, 60), log=st.booleans())
def test_grids_ascend_hit_their_ends_and_come_back(start, width, num, log):
    start = abs(start) + 1e-3 if log else start
    plain = {"start": start, "stop": start + width, "num": num} | ({"spacing": "log"} if log else {})
    made = convert(Grid, "x", plain)
    assert to_plain(made) == plain
    assert made.points[0] == start
    assert made.points[-1] == start + width
    assert len(made) == made.points.size == num
    assert np.all(np.diff(made.points) > 0)


def test_listed_points_come_back():
    made = convert(Grid, "x", [0.5, 1, 2])
    assert to_plain(made) == [0.5, 1.0, 2.0]
    np.testing.assert_array_equal(made.points, [0.5, 1.0, 2.0])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_yaml_numbers_arrive_or_are_explained(number):
    """What PyYAML reads from Python's own notation is the number, or the hint gives one that it reads."""
    text = repr(number)
    value = yaml.safe_load(text)
    if isinstance(value, str):
        with pytest.raises(ParameterError, match="write") as caught:
            convert(Values, "x", [value])
        value = yaml.safe_load(str(caught.value).split("write ")[1].split(")")[0])
    assert Decimal(float(value)) == Decimal(number)


def test_looking_up_imports_no_plotting():
    script = "import sys, qte.data.studies; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_number_beyond_all_doubles_is_refused():
    for kind, words in (
        (float, "be a finite number"),
        (studies.Extended, "be a number, or .inf for the limit"),
    ):
        with pytest.raises(ParameterError) as caught:
            studies.convert(kind, "T", 10**400)
        assert (caught.value.name, caught.value.allowed) == ("T", words)
