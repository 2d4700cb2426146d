"""Every public function of the physics takes anything: what comes out is right, or a QteError naming the argument."""

from __future__ import annotations

import importlib
import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import qte
from qte.common.errors import ParameterError, QteError
from qte.common.optimise import find_root, maximise
from qte.data import tables
from qte.machines import TwoQubitEngine
from qte.machines.validity import ratio, smallest_splitting
from qte.physics import baths, occupations, operators
from qte.physics.entanglement import fidelity, is_x_state, negativity
from qte.physics.generators import dephasing_channels
from qte.solver import thermodynamics
from qte.sweeps.observables import axis_label, getters, observables_of

ROOMS = [
    "qte.common.optimise",
    "qte.common.qobj",
    "qte.exact.hierarchy",
    "qte.exact.landauer",
    "qte.exact.von_neumann",
    "qte.machines.validity",
    "qte.physics.baths",
    "qte.physics.occupations",
    "qte.physics.channels.resets",
    "qte.physics.channels.resets",
    "qte.physics.eigenbasis",
    "qte.physics.entanglement",
    "qte.physics.generators",
    "qte.physics.global_channels",
    "qte.physics.hermitian_channels",
    "qte.physics.information.energies",
    "qte.physics.information.entropies",
    "qte.physics.lamb_shift",
    "qte.physics.operators",
    "qte.physics.terms",
    "qte.solver.dynamics",
    "qte.solver.spectrum.exceptional_points",
    "qte.solver.spectrum.exceptional_points",
    "qte.solver.steady",
    "qte.solver.thermodynamics",
    "qte.sweeps.observables",
    "qte.sweeps.optimise_many",
    "qte.sweeps.sweep",
]
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.complex_numbers(),
    st.floats(),
    st.integers(),
    st.lists(st.floats(), max_size=3),
    st.lists(st.lists(st.floats(-2, 2), max_size=3), max_size=3),
    st.sampled_from(
        [
            b"a",
            {},
            {"a": 1},
            object(),
            10**5000,
            -(10**400),
            -0.0,
            5e-324,
            1e308,
            range(3),
            int,
            np.array(["a"]),
            np.array([None]),
            np.array([]),
            np.zeros((0, 4, 4)),
            np.ones((2, 2, 2)),
            np.eye(3),
            np.eye(4) / 4,
            1j * np.eye(4),
            np.full((4, 4), np.nan),
            sp.csr_array(np.eye(2)),
        ]
    ),
)


def functions():
    for room in ROOMS:
        module = importlib.import_module(room)
        for name, thing in vars(module).items():
            # `make mutants` puts changed copies of a function beside it
            public = not name.startswith("_") and "__mutmut" not in name
            if inspect.isfunction(thing) and thing.__module__ == room and public:
                yield pytest.param(thing, id=f"{room}.{name}")


@pytest.mark.parametrize("function", list(functions()))
@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_only_its_own_errors(function, data):
    given_arguments = {
        # what a message calls its argument is no input of a user
        name: "argument" if name == "name" else data.draw(STRANGE, label=name)
        for name, p in inspect.signature(function).parameters.items()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and (p.default is p.empty or data.draw(st.booleans(), label=f"{name} given"))
    }
    parameters = inspect.signature(function).parameters.values()
    first = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in given_arguments]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            function(*(given_arguments.pop(name) for name in first), **given_arguments)
        except QteError:
            return


X = tables.Column("x", "1", "a number", "$x$")
ENGINE = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=[1.0, 2.0], T_c=0.2)
GENERATOR, UNKNOWNS = ENGINE.generator, ENGINE.steady_state().unknowns
ENERGIES = [
    thermodynamics.energy_current,
    thermodynamics.energy_exchange,
    thermodynamics.particle_current,
    lambda generator, unknowns, _: thermodynamics.dephasing_power(generator, unknowns),
]


@pytest.mark.parametrize("function", ENERGIES)
@pytest.mark.parametrize(
    ("unknowns", "words"),
    [
        (UNKNOWNS[:, 0], "be real, of shape (16, 2): unknowns by points"),
        (UNKNOWNS[:15], "be real, of shape (16, 2): unknowns by points"),
        (UNKNOWNS[:, :1], "be real, of shape (16, 2): unknowns by points"),
        (UNKNOWNS.astype(complex), "be real, of shape (16, 2): unknowns by points"),
        (np.where(UNKNOWNS > 0.5, np.nan, UNKNOWNS), "be finite real numbers"),
        (np.where(UNKNOWNS > 0.5, np.inf, UNKNOWNS), "be finite real numbers"),
        ("state", "be finite real numbers"),
        (None, "be finite real numbers"),
        ([[1.0], [1.0, 2.0]], "be finite real numbers"),
    ],
)
def test_an_energy_is_that_of_a_state_of_the_generator(function, unknowns, words):
    with pytest.raises(ParameterError) as caught:
        function(GENERATOR, unknowns, "h")
    assert (caught.value.name, caught.value.allowed) == ("unknowns", words)
    with pytest.raises(ParameterError) as caught:
        function(None, UNKNOWNS, "h")
    assert caught.value.name == "generator"


HEATS, TEMPERATURES = {"h": np.array(0.2), "c": np.array(-0.2)}, {"h": np.array(2.0), "c": np.array(1.0)}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.1], TEMPERATURES), "Argument `heats` must map labels of baths to numbers, but got [0.1]."),
        (
            (HEATS, {"h": 1.0}),
            "Argument `temperatures` must name every bath of heats, ['h', 'c'], but got ['h'].",
        ),
        (({}, TEMPERATURES), "must name every bath of heats, []"),
        (
            (HEATS, TEMPERATURES | {"c": -1.0}),
            "Argument `temperatures['c']` must be a real number, >= 0 and finite, but got -1.0.",
        ),
        ((HEATS | {"h": np.nan}, TEMPERATURES), "Argument `heats['h']` must be a real number, but got nan."),
        ((HEATS | {"h": 1j}, TEMPERATURES), "Argument `heats['h']` must be a real number, but got 1j."),
        (
            (HEATS | {"h": np.ones(2)}, TEMPERATURES | {"c": np.ones(3)}),
            "Argument `temperatures['c']` must have a shape that broadcasts with the others, (2,), but got (3,).",
        ),
        (
            (HEATS, TEMPERATURES, np.ones(2)),
            "Argument `quanta` must map labels of baths to numbers, but got array([1., 1.]).",
        ),
        ((HEATS, TEMPERATURES, None, None, "0"), "Argument `dephasing` must be a real number, but got '0'."),
    ],
)
def test_an_entropy_production_names_what_it_cannot_use(arguments, words):
    with pytest.raises(ParameterError) as caught:
        thermodynamics.entropy_production(*arguments)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: operators.lowering(-1, 2), "Argument `site` must be a site from 0 to 1, but got -1."),
        (lambda: operators.excitation(True, 2), "Argument `site` must be a site from 0 to 1, but got True."),
        (
            lambda: operators.flip_flop(0, 0, 2),
            "Argument `other` must be another site than `site`, but got 0.",
        ),
        (lambda: operators.flip_flop(0, 2, 2), "Argument `other` must be a site from 0 to 1, but got 2."),
        (lambda: operators.lowering(0, 400), "Argument `n` must be a whole number <= 20, but got 400."),
        (lambda: operators.embed({2: np.eye(2)}, 2), "must name sites from 0 to 1, but got [2]."),
        (lambda: operators.embed({0: [[1, 2], [3]]}, 2), "must hold matrices of finite numbers"),
        (lambda: operators.total_excitation("2"), "must be a whole number >= 1, but got '2'."),
        (lambda: operators.sum_of([]), "Argument `operators` must hold sparse matrices of one shape"),
        (lambda: operators.basis_index("12"), "Argument `word` must be a word of the letters 0 and 1"),
        (
            lambda: operators.ket("1" * 30),
            "Argument `length of word` must be a whole number <= 20, but got 30.",
        ),
        (lambda: operators.qubit_count(4.0), "Argument `dim` must be a power of two, but got 4.0."),
        (lambda: operators.relabelled([0, 0]), "must name different sites from 0 to 1, but got (0, 0)."),
        (lambda: is_x_state("rho"), "Argument `rho` must be finite, but got 'rho'."),
        (lambda: is_x_state(np.eye(3)), "must have shape (..., 4, 4): two qubits, but got (3, 3)."),
        (
            lambda: negativity(np.eye(4) / 4, certified=None),
            "Argument `certified` must be a bool, but got None.",
        ),
        (
            lambda: fidelity(np.eye(4) / 4, "0000", certified=0),
            "Argument `certified` must be a bool, but got 0.",
        ),
        (
            lambda: thermodynamics.entropy_production(
                {"h": np.ones(2)}, {"h": 1.0}, {"h": 1.0}, {"h": np.ones(3)}
            ),
            "Argument `potentials['h']` must have a shape that broadcasts",
        ),
        (lambda: occupations.bose("1"), "Argument `x` must be a real number, but got '1'."),
        (lambda: occupations.fermi(np.nan), "Argument `x` must be a real number, but got nan."),
        (
            lambda: occupations.bose_difference([1, 2], [1, 2, 3]),
            "Argument `y` must have a shape that broadcasts",
        ),
        (lambda: dephasing_channels(0.1, 3), "Argument `projectors` must be a list of operators, but got 3."),
        (lambda: ratio("a", "b", 1.0, "c"), "Argument `top` must be a real number, but got 'b'."),
        (lambda: ratio("a", 1.0, "b", "c"), "Argument `bottom` must be a real number, but got 'b'."),
        (
            lambda: ratio("a", 1.0, 2.0, "c", -1.0),
            "Argument `bound` must be a real number, >= 0 and finite, but got -1.0.",
        ),
        (
            lambda: smallest_splitting(np.ones(2), -0.1),
            "Argument `same` must be a real number, >= 0 and finite",
        ),
        (
            lambda: qte.generator(np.eye(4), [], dims=(2, 3)),
            "Argument `dims` must multiply to 4, but got (2, 3).",
        ),
        (lambda: smallest_splitting(np.array(1.0), 0.1), "Argument `frequencies` must have shape (k, ...)"),
        (lambda: observables_of(3), "Argument `machine` must be a machine, but got 3."),
        (
            lambda: getters([1], ENGINE),
            "must be a list of names, or a mapping of columns to them, but got [1].",
        ),
        (lambda: axis_label(1), "Argument `name` must be the name of a quantity, but got 1."),
        (
            lambda: operators.qubit_count(10**5000),
            "must be a power of two, but got int of more digits than can be shown.",
        ),
    ],
)
def test_messages_of_the_doors(call, words):
    with pytest.raises(ParameterError) as caught:
        call()
    assert words in str(caught.value)


def test_occupations_have_their_limits():
    assert occupations.bose([0.0, np.inf, 1e-320]).tolist() == [np.inf, 0.0, np.inf]
    assert occupations.fermi([-np.inf, 0.0, np.inf]).tolist() == [1.0, 0.5, 0.0]
    assert occupations.bose_difference(0.0, 0.0) == occupations.fermi_difference(np.inf, np.inf) == 0
    assert baths.Bath(1.0, 0.0).emission(5e-324) == 0


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: tables.Column(1, "1", "x", "$x$"), "symbol"),
        (lambda: tables.Column("x", None, "x", "$x$"), "unit"),
        (lambda: tables.Table({"x": [1.0]}, ()), "frame"),
        (lambda: tables.Table(pd.DataFrame({"x": [1.0]}), None), "columns"),
        (lambda: tables.Table(pd.DataFrame({"x": [1.0]}), ("x",)), "columns"),
        (lambda: tables.Table(pd.DataFrame({"x": [1.0]}), (X,), facts=["root"]), "facts"),
        (lambda: maximise(np.cos, 0.0, 1.0, shape=2), "shape"),
        (lambda: maximise(np.cos, [0.0, 1.0], 2.0), "shape"),
        (lambda: maximise(lambda x: x[:3], 0.0, 1.0), "function"),
        (lambda: find_root(lambda x: "y", 0.0, 1.0), "function"),
        (lambda: find_root(3, 0.0, 1.0), "function"),
    ],
)
def test_tables_and_searches_name_what_they_refuse(make, name):
    with pytest.raises(ParameterError) as caught:
        make()
    assert caught.value.name == name
