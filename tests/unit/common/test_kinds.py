"""Kinds of parameters: stated once in a field, and read by everybody else."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest

import qte.machines
from qte import check_machine, sweep
from qte.common.errors import ParameterError
from qte.common.parameters import TEMPERATURE, Number, OneOf, Temperature, Whole, kinds_of
from qte.machines import TwoQubitEngine
from qte.testing import NonConforming
from workflow.commands import new_figure

WEAK = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}


@dataclass(frozen=True, kw_only=True, eq=False)
class Repeated(TwoQubitEngine):
    """An engine with parameters of kinds that no other machine has."""

    power: Annotated[Any, Number("pump power", minimum=0.0, infinite=True)] = 0.0
    copies: Annotated[int, Whole(1)] = 1
    order: Annotated[str, OneOf(("first", "last"))] = "first"

    def net_current(self):
        return self.copies * super().net_current()


class Careless(Repeated):
    """Forgets the checks of one parameter."""

    def __post_init__(self):
        power = self.power
        object.__setattr__(self, "power", 0.0)
        super().__post_init__()
        object.__setattr__(self, "power", power)


@pytest.mark.parametrize("name", qte.machines.__all__)
def test_every_field_of_a_machine_states_its_kind(name):
    machine = getattr(qte.machines, name)
    names = {field.name for field in dataclasses.fields(machine)}
    assert names - {"alpha", "spectral_densities"} == set(kinds_of(machine))
    assert TEMPERATURE in kinds_of(machine).values()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"power": -1.0},
         "Argument `power` must be a real number, >= 0 and finite or +inf (a pump power), but got -1.0."),
        ({"copies": 0}, "Argument `copies` must be a whole number >= 1, but got 0."),
        ({"order": "frist"},
         "Argument `order` must be one of 'first', 'last' (did you mean 'first'?), but got 'frist'."),
        ({"power": [1.0, 2.0, 3.0], "T_h": [1.0, 2.0]},
         "Argument `power` must have a shape that broadcasts with the others, (2,), but got (3,)."),
    ],
)  # fmt: skip
def test_a_new_parameter_is_checked_by_its_kind_alone(changes, sentence):
    with pytest.raises(ParameterError) as caught:
        Repeated(**WEAK | changes)
    assert str(caught.value) == sentence


def test_a_sweep_takes_what_does_not_broadcast_one_by_one():
    frame = sweep(Repeated, ["net_current"], copies=[1, 2, 3], power=[0.0, np.inf], **WEAK)
    one = float(TwoQubitEngine(**WEAK).net_current())
    assert frame["net_current"].tolist() == pytest.approx([one, one, 2 * one, 2 * one, 3 * one, 3 * one])


def test_the_laws_ask_for_refusals_by_kind():
    draws = [WEAK, WEAK | {"T_c": 1.3}]
    check_machine(Repeated, draws)
    with pytest.raises(NonConforming, match="bad parameters"):
        check_machine(Careless, draws)


def test_temperatures_are_known_by_kind_and_not_by_name():
    @dataclass(frozen=True, kw_only=True)
    class Named:
        Theta: Temperature
        T_total: Annotated[Any, Number()]

    assert [name for name, kind in kinds_of(Named).items() if kind == TEMPERATURE] == ["Theta"]


def test_a_new_figure_takes_its_values_from_kinds():
    usual = new_figure._guessed(Repeated)
    assert usual["x"][0] == "T_h"
    assert usual["family"] == ("g", (0.02, 0.04, 0.08))
    assert usual["fixed"] == {"gamma_h": 0.01, "gamma_c": 0.01, "T_c": 0.1}
