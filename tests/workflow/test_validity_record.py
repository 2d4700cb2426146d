"""Where the machines of a table leave the domain of their equations: from the job to the figure's page."""

import json
import re
from pathlib import Path

import pytest

from qte.common.outside import noted
from qte.data import tables
from qte.machines import TwoQubitEngine
from qte.papers.khandelwal2025.studies_robustness import Robustness
from workflow.jobs.results import BuildShard, BuildTable
from workflow.plan import code_records

PROJECT = Path(__file__).parents[2]
PARAMS = {
    "eps_h": 1.0, "g": 0.0016, "gamma_h": 0.001, "gamma_c": 0.011, "T_c": 0.1, "T_h": [0.5], "delta": [0.0, 0.01],
}  # fmt: skip


def build(folder: Path, **changes) -> str:
    made_of = {
        "paper": "khandelwal2020",
        "table": "fig2",
        "study": "khandelwal2020.detuning_curves",
        "params": PARAMS | changes,
        "ours": [],
        "code": "c0de",
    }
    file = folder / "khandelwal2020" / "fig2.csv"
    file.parent.mkdir(exist_ok=True)
    BuildTable(json.dumps(made_of), str(file)).run()
    return str(file)


@pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")
def test_a_record_tells_what_exceeds_its_bound(tmp_path):
    file = build(tmp_path, g=0.25)
    assert code_records.code_of(file) == "c0de"
    told = code_records.told_of(file)["outside"]
    assert {
        "name": "coupling over gap",
        "worst": 0.25,
        "bound": 0.1,
        "source": "khandelwal2020 sec. 2: g << eps",
    } in told
    # a record that was changed by hand says nothing, neither of the code nor of this
    record = Path(file).with_suffix(".code.json")
    record.write_text(record.read_text().replace("0.25", "0.05"))
    assert json.loads(record.read_bytes())["outside"]
    record.write_text(record.read_text() + " ")
    assert code_records.code_of(file) is None
    assert code_records.told_of(file) == {}


@pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")
def test_shards_tell_together_what_the_whole_table_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(Robustness, "block", 2)
    # the coupling exceeds its bound everywhere, most at the last point, which another shard holds than the first
    params = {
        "eps": 1.0, "g": 0.2, "gamma": 0.05, "T": 1.0, "U_over_T": [15.0], "mu_over_T": [8.0],
        "detuning_over_g": [0.0], "mismatch": [0.0, 0.2, 0.4], "dephasing_over_g": [0.0],
    }  # fmt: skip
    made_of = {
        "paper": "khandelwal2025", "table": "robustness", "study": "khandelwal2025.robustness",
        "params": params, "ours": [], "code": "c0de",
    }  # fmt: skip
    spec = json.dumps(made_of)
    whole, gathered = (str(tmp_path / name / "robustness.csv") for name in ("whole", "gathered"))
    parts = [(0, 2), (2, 3)]
    files = [str(tmp_path / f"{start}-{stop}.csv") for start, stop in parts]
    BuildTable(spec, whole).run()
    for file, part in zip(files, parts, strict=True):
        BuildShard(spec, file, *part).run()
    BuildTable(spec, gathered, tuple(files)).run()
    assert Path(gathered).read_bytes() == Path(whole).read_bytes()
    worst = [code_records.told_of(file)["outside"][0]["worst"] for file in (*files, gathered)]
    assert worst == [0.24, 0.28, 0.28]
    assert code_records.told_of(gathered) == code_records.told_of(whole)


def test_machines_inside_leave_nothing_to_tell(tmp_path):
    file = build(tmp_path)
    assert code_records.told_of(file) == {}
    assert set(json.loads(Path(file).with_suffix(".code.json").read_bytes())) == {"code", "sha256"}
    # and the table itself does not know
    assert "outside" not in Path(file).read_text()
    assert tables.read(file).provenance.code == ""


@pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")
def test_only_what_is_solved_while_one_listens_is_noted():
    wild = {"g": 0.5, "gamma_h": 0.01, "gamma_c": 0.01, "T_h": 1.0, "T_c": 0.2}
    TwoQubitEngine(**wild).net_current()
    with noted() as outer:
        TwoQubitEngine(**wild | {"g": [0.3, 0.02]}).net_current()
        with noted() as inner:
            TwoQubitEngine(**wild | {"g": 0.2}).net_current()
    TwoQubitEngine(**wild).net_current()
    assert [(one.name, one.worst, one.bound) for one in outer] == [("coupling over gap", 0.3, 0.1)]
    assert [one.worst for one in inner] == [0.2]


def test_a_page_says_it_in_one_section():
    template = (PROJECT / "workflow/report/templates/figure.html").read_text()
    (section,) = re.findall(r'<section aria-labelledby="validity">.*?</section>', template, re.DOTALL)
    for part in ("one.name", "one.worst", "one.bound", "one.source", "table.name"):
        assert part in section
