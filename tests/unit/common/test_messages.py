"""What bad input gets, word for word: whoever rebuilds a room keeps its sentences."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from qte.common.errors import ParameterError, QteError
from qte.data import studies, tables
from qte.data.fields import Extended, Grid, convert
from qte.data.tables import Column, Provenance, Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.machines.three_qubit import DetunedThreeQubitMachine, ThreeQubitMachine
from qte.machines.two_qubit import TwoQubitEngine
from qte.machines.w_state import WStateMachine
from qte.sweeps.sweep import sweep
from qte.testing import check_machine
from workflow import project
from workflow.config import config_checks

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
# whoever runs this may have figures of their own, which draw tables of papers
for section in ("tables", "figures"):
    CONFIG[section].pop("mine", None)

WEAK = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}
COMMON = {"eps_A": 20.0, "eps_B": 20.0, "Omega": 6.0, "T_A": 5.0, "T_B": 8.0}
THREE = {
    "g13": 0.05,
    "g23": 0.05,
    "gamma_1": 0.1,
    "gamma_3": 0.1,
    "T_1": 1.0,
    "T_3": 1.0,
    "U": 3.0,
    "mu": 0.5,
}
MANY = {"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0, "U": 3.0, "mu": 0.5}
ENDS = {"gamma_L": 0.1, "gamma_R": 0.3, "T_L": 1.0, "T_R": 0.2}
CHAIN = ENDS | {"N": 3, "g": 0.1}

FIG2 = CONFIG["tables"]["khandelwal2020"]["fig2"]["params"]
J = Column("J", "1", "current", "$J$")
TABLE = Table(pd.DataFrame({"J": [1.0, 2.0]}), (J,))

# machine, valid parameters, what is wrong with them, the sentence
MACHINES = [
    (TwoQubitEngine, WEAK, {"T_h": -1.0},
     "Argument `T_h` must be a real number, >= 0 and finite (a temperature), but got -1.0."),
    (TwoQubitEngine, WEAK, {"T_h": "1e-3"},
     "Argument `T_h` must be a real number, >= 0 and finite (a temperature), but got '1e-3'."),
    (TwoQubitEngine, WEAK, {"T_c": 1j},
     "Argument `T_c` must be a real number, >= 0 and finite (a temperature), but got 1j."),
    (TwoQubitEngine, WEAK, {"T_h": [1.0, -0.5]},
     "Argument `T_h` must be a real number, >= 0 and finite (a temperature), but got -0.5 at index (1,)."),
    (TwoQubitEngine, WEAK, {"T_c": np.nan},
     "Argument `T_c` must be a real number, >= 0 and finite (a temperature), but got nan."),
    (TwoQubitEngine, WEAK, {"gamma_h": -0.001},
     "Argument `gamma_h` must be a real number, >= 0 and finite (a rate), but got -0.001."),
    (TwoQubitEngine, WEAK, {"gamma_c": np.inf},
     "Argument `gamma_c` must be a real number, >= 0 and finite (a rate), but got inf."),
    (TwoQubitEngine, WEAK, {"eps_h": 0},
     "Argument `eps_h` must be a real number, > 0 and finite (an energy gap), but got 0.0."),
    (TwoQubitEngine, WEAK, {"g": np.inf},
     "Argument `g` must be a real number, finite (a coupling energy), but got inf."),
    (TwoQubitEngine, WEAK, {"delta": np.nan},
     "Argument `delta` must be a real number, finite (a detuning), but got nan."),
    (TwoQubitEngine, WEAK, {"delta": -1.0},
     "Argument `delta` must be > -eps_h, so that eps_c > 0, but got -1.0."),
    (TwoQubitEngine, WEAK, {"kappa_c": None},
     "Argument `kappa_c` must be a real number, finite (a tunnelling rate), but got None."),
    (TwoQubitEngine, WEAK, {"approach": "globall"},
     "Argument `approach` must be one of 'local', 'global', 'redfield' (did you mean 'global'?), but got 'globall'."),
    (TwoQubitEngine, WEAK, {"statistics_c": "bosons"},
     "Argument `statistics_c` must be one of 'bose', 'fermi' (did you mean 'bose'?), but got 'bosons'."),
    (TwoQubitEngine, WEAK, {"approach": "global", "g": 1.5},
     "Argument `g` must be smaller than eps (g**2 < eps_h eps_c) for the global and Redfield approaches, but got 1.5."),
    (TwoQubitEngine, WEAK, {"T_h": [1.0, 2.0], "T_c": [1.0, 2.0, 3.0]},
     "Argument `T_c` must have a shape that broadcasts with the others, (2,), but got (3,)."),
    (TwoQubitEngine, WEAK, {"approach": "global", "kappa_h": 0.1},
     "Argument `kappa_h` must be 0 for the global and Redfield approaches with bosonic baths, but got 0.1."),
    (CommonReservoirEngine, COMMON, {"Omega": 25.0},
     "Argument `Omega` must be smaller than sqrt(eps_A eps_B) in magnitude, so that omega_1 = eps_m - sqrt(delta_eps**2/4 + Omega**2) > 0, but got 25.0."),
    (CommonReservoirEngine, COMMON, {"Omega": "6"},
     "Argument `Omega` must be a real number, finite (a coupling energy), but got '6'."),
    (CommonReservoirEngine, COMMON, {"Gamma_CA": -1.0},
     "Argument `Gamma_CA` must be a real number, >= 0 and finite (a rate), but got -1.0."),
    (CommonReservoirEngine, COMMON, {"dephasing": np.inf},
     "Argument `dephasing` must be a real number, >= 0 and finite (a rate), but got inf."),
    (CommonReservoirEngine, COMMON, {"eps_B": -1.0},
     "Argument `eps_B` must be a real number, > 0 and finite (an energy gap), but got -1.0."),
    (CommonReservoirEngine, COMMON, {"T_C": -0.1},
     "Argument `T_C` must be a real number, >= 0 and finite (a temperature), but got -0.1."),
    (ThreeQubitMachine, THREE, {"U": -1.0},
     "Argument `U` must be a real number, >= 0 and finite or +inf (a Coulomb repulsion), but got -1.0."),
    (ThreeQubitMachine, THREE, {"U": "inf"},
     "Argument `U` must be a real number, >= 0 and finite or +inf (a Coulomb repulsion), but got 'inf'."),
    (ThreeQubitMachine, THREE, {"mu": np.inf},
     "Argument `mu` must be finite where U is finite; the ideal limit of eq. (3), U/mu -> inf, is U = mu = inf, but got inf."),
    (ThreeQubitMachine, THREE, {"mu": np.nan},
     "Argument `mu` must be a real number, finite or +inf (a chemical potential), but got nan."),
    (ThreeQubitMachine, THREE, {"mu_3": np.inf},
     "Argument `mu_3` must be a real number, finite (a chemical potential), but got inf."),
    (ThreeQubitMachine, THREE, {"T_1": 0.0, "mu": 1.0},
     "Argument `T_1` must be > 0 where mu equals eps + 0 U, but got 0.0."),
    (ThreeQubitMachine, THREE, {"gamma_3": True},
     "Argument `gamma_3` must be a real number, >= 0 and finite (a rate), but got True."),
    (ThreeQubitMachine, THREE, {"g23": -np.inf},
     "Argument `g23` must be a real number, finite (a coupling energy), but got -inf."),
    (DetunedThreeQubitMachine, THREE, {"detuning": 2.0},
     "Argument `detuning` must be smaller than 2 eps in size, but got 2.0."),
    (DetunedThreeQubitMachine, THREE, {"detuning": "0.1"},
     "Argument `detuning` must be a real number, finite (a difference of gaps), but got '0.1'."),
    (WStateMachine, MANY, {"n": 1},
     "Argument `n` must be a whole number >= 2, but got 1."),
    (WStateMachine, MANY, {"n": 2.5},
     "Argument `n` must be a whole number >= 2, but got 2.5."),
    (WStateMachine, MANY, {"alpha": (1.0,)},
     "Argument `alpha` must hold one ratio a triangle, 2, but got (1.0,)."),
    (WStateMachine, MANY, {"alpha": (1.0, "x")},
     "Argument `alpha[1]` must be a real number, finite, but got 'x'."),
    (WStateMachine, MANY, {"coulomb": "triangle"},
     "Argument `coulomb` must be one of 'triangles', 'all_pairs' (did you mean 'triangles'?), but got 'triangle'."),
    (WStateMachine, MANY, {"mu_sink": np.inf},
     "Argument `mu_sink` must be a real number, finite (a chemical potential), but got inf."),
    (WStateMachine, MANY, {"gamma": -0.1},
     "Argument `gamma` must be a real number, >= 0 and finite (a rate), but got -0.1."),
    (WStateMachine, MANY, {"T": [1.0, 2.0], "U": [1.0, 2.0, 3.0]},
     "Argument `U` must have a shape that broadcasts with the others, (2,), but got (3,)."),
    (Junction, ENDS, {"system": "qubits"},
     "Argument `system` must be one of 'qubit', 'oscillator' (did you mean 'qubit'?), but got 'qubits'."),
    (Junction, ENDS, {"omega": -1.0},
     "Argument `omega` must be a real number, > 0 and finite (an energy gap), but got -1.0."),
    (Junction, ENDS, {"statistics_L": "fermion"},
     "Argument `statistics_L` must be one of 'bose', 'fermi' (did you mean 'fermi'?), but got 'fermion'."),
    (Junction, ENDS, {"gamma_R": [[0.1], [-0.2]]},
     "Argument `gamma_R` must be a real number, >= 0 and finite (a rate), but got -0.2 at index (1, 0)."),
    (SpinChain, CHAIN, {"N": 1},
     "Argument `N` must be a whole number >= 2, but got 1."),
    (SpinChain, CHAIN, {"N": True},
     "Argument `N` must be a whole number >= 2, but got True."),
    (SpinChain, CHAIN, {"N": 2.0},
     "Argument `N` must be a whole number >= 2, but got 2.0."),
    (SpinChain, CHAIN, {"g": None},
     "Argument `g` must be a real number, finite (a coupling energy), but got None."),
    (SpinChain, CHAIN, {"T_L": np.inf},
     "Argument `T_L` must be a real number, >= 0 and finite (a temperature), but got inf."),
]  # fmt: skip

OTHERS = {
    "a sweep's quantity": (
        lambda: sweep(TwoQubitEngine, ["negativiti"], **WEAK),
        "Argument `quantities` must name quantities of TwoQubitEngine: net_current, critical_current, negativity, concurrence, conductance, contrast, dephasing_power, driving_power, entropy_production, ergotropy, first_law_residual, liouvillian_gap, von_neumann_entropy, heat_current:h, heat_current:c, particle_current:h, particle_current:c, noise:h, noise:c, fano_factor:h, fano_factor:c, uncertainty_ratio:h, uncertainty_ratio:c, fidelity:singlet, unique, residual, min_eigenvalue, kernel_dimension (did you mean 'negativity'?), but got 'negativiti'.",
    ),
    "a sweep's parameter": (
        lambda: sweep(TwoQubitEngine, ["negativity"], **WEAK | {"T_hot": 1.0}),
        "Argument `parameters` must be one of eps_h, delta, g, gamma_h, gamma_c, T_h, T_c, kappa_h, kappa_c, statistics_h, statistics_c, approach, spectral_densities (did you mean 'T_h'?), but got 'T_hot'.",
    ),
    "a chain's parameter": (
        lambda: sweep(SpinChain, ["contrast"], **CHAIN | {"gama_L": 1.0}),
        "Argument `parameters` must be one of N, omega, g, gamma_L, gamma_R, T_L, T_R, mu_L, mu_R, dephasing, statistics_L, statistics_R, system, spectral_densities (did you mean 'gamma_L'?), but got 'gama_L'.",
    ),
    "a sweep that lacks one": (
        lambda: sweep(TwoQubitEngine, ["negativity"], g=0.1, gamma_h=0.1, T_c=0.1),
        "Argument `parameters` must name gamma_c, T_h as well, but got ('g', 'gamma_h', 'T_c').",
    ),
    "an empty axis": (
        lambda: sweep(TwoQubitEngine, ["negativity"], **WEAK | {"T_h": []}),
        "Argument `T_h` must hold at least one value, but got [].",
    ),
    "an axis of two dimensions": (
        lambda: sweep(TwoQubitEngine, ["negativity"], **WEAK | {"T_h": [[1.0, 2.0]]}),
        "Argument `T_h` must be a number or a one-dimensional grid, not of this shape, but got (1, 2).",
    ),
    "a point of a sweep": (
        lambda: sweep(TwoQubitEngine, ["negativity"], **WEAK | {"T_h": [0.5, -0.1], "delta": [0.0, 0.1]}),
        "At T_h = -0.1, delta = 0.0: Argument `T_h` must be a real number, >= 0 and finite (a temperature), but got -0.1.",
    ),
    "what is no machine": (
        lambda: sweep(lambda g: g, ["negativity"], g=1.0),
        "Argument `machine` must return a machine, not float, but got '<lambda>'.",
    ),
    "several steady states": (
        lambda: TwoQubitEngine(**WEAK | {"gamma_h": 0.0, "gamma_c": 0.0}).negativity(),
        "The steady state is not unique: the kernel of the generator has dimension 4; an initial state `rho0` would choose one.",
    ),
    "a pair": (
        lambda: TwoQubitEngine(**WEAK).negativity(pair=(1, 5)),
        "Argument `pair` must name two different qubits from 1 to 2, but got (1, 5).",
    ),
    "a machine with no draws": (
        lambda: check_machine(TwoQubitEngine, []),
        "Argument `draws` must hold at least one set of parameters, but got [].",
    ),
    "a study's name": (
        lambda: studies.get("khandelwal2020.detuning_curve"),
        "there is no study 'khandelwal2020.detuning_curve' (did you mean 'khandelwal2020.detuning_curves'?); there are: khandelwal2020.critical_detuning, khandelwal2020.critical_temperature, khandelwal2020.detuning_curves, khandelwal2020.global_against_coupling, khandelwal2020.global_against_temperature, khandelwal2020.local_optimum, khandelwal2020.thermal_optimum, khandelwal2020.tunnelling_curves, khandelwal2020.tunnelling_map, khandelwal2020.tunnelling_ridge.",
    ),
    "a study's paper": (
        lambda: studies.get("khandelwal2021.detuning_curves"),
        "there is no paper 'khandelwal2021' (did you mean 'khandelwal2025'?).",
    ),
    "a study that is no name": (
        lambda: studies.get("os.system.x"),
        "'os.system.x' is not a study's name, <paper>.<study>.",
    ),
    "a study's parameter": (
        lambda: studies.build("khandelwal2020.detuning_curves", FIG2 | {"T_hot": 1.0}),
        "Study `khandelwal2020.detuning_curves`: no parameter `T_hot` (did you mean 'T_h'?); it takes eps_h, g, gamma_h, gamma_c, T_c, T_h, delta.",
    ),
    "a study's missing parameter": (
        lambda: studies.build("khandelwal2020.detuning_curves", {k: v for k, v in FIG2.items() if k != "g"}),
        "Study `khandelwal2020.detuning_curves`: the parameter `g` is missing.",
    ),
    "a parameter that is ours": (
        lambda: studies.run("khandelwal2020.detuning_curves", FIG2, ["T_k"]),
        "Study `khandelwal2020.detuning_curves`: no parameter `T_k` (did you mean 'T_h'?); it takes eps_h, g, gamma_h, gamma_c, T_c, T_h, delta.",
    ),
    "a number in quotes": (
        lambda: convert(float, "g", "1e-3"),
        "Argument `g` must be a finite number (YAML reads 1e-3 as text: write 1.0e-3), but got '1e-3'.",
    ),
    "a number that is infinite": (
        lambda: convert(float, "g", float("inf")),
        "Argument `g` must be a finite number, but got inf.",
    ),
    "a limit": (
        lambda: convert(Extended, "U", float("nan")),
        "Argument `U` must be a number, or .inf for the limit, but got nan.",
    ),
    "a whole number": (
        lambda: convert(int, "n", 3.0),
        "Argument `n` must be a whole number, but got 3.0.",
    ),
    "a truth": (
        lambda: convert(bool, "exact", 1),
        "Argument `exact` must be true or false, but got 1.",
    ),
    "a list": (
        lambda: convert(tuple[float, ...], "T_h", [0.3, "x"]),
        "Argument `T_h[1]` must be a finite number, but got 'x'.",
    ),
    "a grid": (
        lambda: convert(Grid, "delta", 3),
        "Argument `delta` must be a grid {start:, stop:, num:} or a list of ascending numbers, but got 3.",
    ),
    "a grid's key": (
        lambda: convert(Grid, "delta", {"start": 0.0, "stpo": 1.0, "num": 2}),
        "Argument `delta` must have no keys but start, stop, num and spacing (did you mean 'stop'?), but got {'start': 0.0, 'stpo': 1.0, 'num': 2}.",
    ),
    "a grid's end": (
        lambda: convert(Grid, "delta", {"start": 1.0, "stop": 1.0, "num": 2}),
        "Argument `delta.stop` must be larger than start = 1.0, but got 1.0.",
    ),
    "a grid's spacing": (
        lambda: convert(Grid, "delta", {"start": 0.0, "stop": 1.0, "num": 3, "spacing": "log"}),
        "Argument `delta.start` must be > 0 on a logarithmic grid, but got 0.0.",
    ),
    "a column's symbol": (
        lambda: Column("J h", "1", "current", "$J$"),
        "Column symbol must be letters, digits and underscores, but got 'J h'",
    ),
    "a column of numbers": (
        lambda: Table(pd.DataFrame({"J": [1.0, float("nan")]}), (J,)),
        "Column `J` is NaN in row 1, and it does not declare may_be_nan",
    ),
    "a column of objects": (
        lambda: Table(pd.DataFrame({"J": [1 + 1j]}), (J,)),
        "Column `J` must hold floats, integers, booleans or strings, but holds complex128",
    ),
    "a frame without its columns": (
        lambda: Table(pd.DataFrame({"K": [1.0]}), (J,)),
        "The frame has columns ['K'], but they are described as ['J']",
    ),
    "a row": (
        lambda: TABLE.where(J=3.0),
        "No row has J = 3.0; there are 1.0, 2.0",
    ),
    "a column that is not there": (
        lambda: TABLE["K"],
        "No column `K`; there are J",
    ),
    "a fact": (
        lambda: Table(TABLE.frame, (J,), {"root": float("nan")}),
        "Fact `root` is NaN",
    ),
    "a table in another's file": (
        lambda: tables.write(TABLE, "fig3.csv", Provenance("p", "fig2", "p.s")),
        "Table `fig2` must go into a file of that name, but got fig3.csv",
    ),
    "a damaged table": (
        lambda: tables.read(ROOT / "config.yaml"),
        "Table FILE is damaged: it does not begin like a table. Remove this file and run again; it will be computed anew.",
    ),
}  # fmt: skip

# where in the config, key, value there, the sentence
CONFIGS = [
    ("table", "study", "detuning_curve",
     ["tables.khandelwal2020.fig2.study: there is no study 'detuning_curve' (did you mean 'detuning_curves'?); there are critical_detuning, critical_temperature, detuning_curves, global_against_coupling, global_against_temperature, local_optimum, thermal_optimum, tunnelling_curves, tunnelling_map, tunnelling_ridge"]),
    ("table", "studdy", "x",
     ["tables.khandelwal2020.fig2.studdy: unknown key (did you mean 'study'?); allowed are file, sha256, study, params, ours, shards, points_per_shard"]),
    ("params", "T_c", -0.1,
     ['tables.khandelwal2020.fig2.params.T_c: must be a real number, >= 0 and finite (a temperature), but is -0.1']),
    ("params", "gama_h", 1.0,
     ["tables.khandelwal2020.fig2.params.gama_h: no parameter `gama_h` (did you mean 'gamma_h'?); it takes eps_h, g, gamma_h, gamma_c, T_c, T_h, delta"]),
    ("params", "T_h", "0.3",
     ["tables.khandelwal2020.fig2.params.T_h: must be a list with at least one entry, but is '0.3'"]),
    ("params", "delta", {"start": 0.0, "stop": 1.0},
     ["tables.khandelwal2020.fig2.params.delta: must have a key `num`, but is {'start': 0.0, 'stop': 1.0}"]),
    ("table", "ours", ["T_k"],
     ["tables.khandelwal2020.fig2.ours: no parameter `T_k` (did you mean 'T_h'?); it takes eps_h, g, gamma_h, gamma_c, T_c, T_h, delta"]),
    ("figure", "tables", ["fig22"],
     ['tables.khandelwal2020.fig2: no figure of khandelwal2020 draws this table; add one or remove the table', "figures.khandelwal2020.fig2.tables.0: there is no table 'fig22' (did you mean 'fig2'?); there are fig2, fig3a, fig3b, fig4, fig5, fig5_ridge, fig6a, fig6a_local, fig6b, fig6b_thermal"]),
    ("figure", "title", 3,
     ['figures.khandelwal2020.fig2.title: must be text, but is 3']),
    ("table", "shards", 0,
     ['tables.khandelwal2020.fig2.shards: must be at least 1, but is 0']),
    ("table", "shards", 4,
     ["tables.khandelwal2020.fig2.shards: the study 'detuning_curves' computes its table as a whole and cannot be cut; those that can: answers.beyond_lindblad, answers.beyond_statistics, answers.equations_qubits, answers.exact_triple_dot, khandelwal2025.robustness"]),
    ("config", "engin", "kernel",
     ["engin: unknown key (did you mean 'engine'?); allowed are engine, variant, tables, figures, results, large"]),
    ("config", "engine", "kernell",
     ["engine: must be one of in-process, kernel, but is 'kernell' (did you mean 'kernel'?)"]),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "valid", "changes", "sentence"), MACHINES)
def test_machines_refuse_with_these_words(machine, valid, changes, sentence):
    with pytest.raises(ParameterError) as caught:
        machine(**valid | changes)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("what", OTHERS)
def test_others_refuse_with_these_words(what):
    act, sentence = OTHERS[what]
    with pytest.raises((QteError, ValueError, KeyError)) as caught:
        act()
    said = caught.value.args[0] if isinstance(caught.value, KeyError) else str(caught.value)
    assert said == sentence.replace("FILE", str(ROOT / "config.yaml"))


@pytest.mark.parametrize(("where", "key", "value", "sentences"), CONFIGS)
def test_the_config_is_refused_with_these_words(where, key, value, sentences, monkeypatch):
    # whoever runs this may have rules of their own, which read tables
    monkeypatch.setattr(project, "local_rules", list)
    config = copy.deepcopy(CONFIG)
    table, figure = (config[section]["khandelwal2020"]["fig2"] for section in ("tables", "figures"))
    place = {"config": config, "table": table, "figure": figure, "params": table["params"]}[where]
    place[key] = value
    assert [str(problem) for problem in config_checks.problems(config, ROOT)] == sentences
