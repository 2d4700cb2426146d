"""What is too long, too deep or too foreign to be looked at: refused at once, by name, in few words."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from qte.common.errors import LONGEST, ParameterError
from qte.exact.quadratic import hopping_of_qubits
from qte.machines import ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.generators import generator
from qte.solver.dynamics import check_times
from qte.solver.steady import steady_state

ENGINE = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2)


class Foreign:
    """An object that fails whatever it is asked."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no array")

    def __iter__(self) -> Any:
        raise RuntimeError("no parts")

    def __repr__(self) -> str:
        raise RuntimeError("no words")


def nested(depth: int) -> list[Any]:
    inside: list[Any] = [1.0]
    for _ in range(depth):
        inside = [inside]
    return inside


def many(points: int) -> Any:
    """An array of so many entries that takes no memory."""
    return np.broadcast_to(np.float64(1.0), (points,))


def refused(call: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        call()
    return str(caught.value)


def test_what_has_no_end_is_not_gone_through():
    endless = itertools.repeat(1)
    allowed = "Argument `pair` must name two different qubits from 1 to 2, but got"
    assert refused(lambda: ENGINE.negativity(endless)).startswith(allowed)
    assert refused(lambda: ENGINE.concurrence(many(10**12))).startswith(allowed)
    for method in ("cut_negativity", "mutual_information"):
        for sites in (endless, many(10**12)):
            words = refused(lambda sites=sites, method=method: getattr(ENGINE, method)(sites))
            assert words.startswith("Argument `sites` must name different sites from 0 to 1, but got (")


def test_an_argument_of_a_gigabyte_is_not_looked_at():
    huge = many(10**10)
    entries = "must have at most 67108864 entries, but got (10000000000,)."
    assert refused(lambda: ENGINE.free_energy(huge)) == f"Argument `temperature` {entries}"
    assert refused(lambda: ENGINE.replace(T_h=huge)) == f"Argument `T_h` {entries}"
    assert refused(lambda: ENGINE.liouvillian_gap(accuracy=huge)) == f"Argument `accuracy` {entries}"
    assert refused(lambda: ENGINE.expect(huge)) == (
        "Argument `operator` must have at most 1073741824 entries, but got (10000000000,)."
    )
    assert refused(lambda: ENGINE.evolve(huge, [1.0])) == (
        "Argument `rho0` must have shape (4,), (4, 4) or (..., 4, 4), but got (10000000000,)."
    )


def test_a_grid_of_too_many_points_is_refused_where_it_is_made():
    row, column = np.linspace(0.1, 1.0, 10**4), np.linspace(0.1, 1.0, 10**4)[:, None]
    assert refused(lambda: ENGINE.replace(T_h=column, T_c=row)) == (
        "Argument `T_c` must make no more than 67108864 points with the others, (10000, 10000), "
        "but got (10000,)."
    )


def test_states_that_no_memory_holds_are_refused_before_they_are_sought():
    times = many(10**8)
    assert refused(lambda: ENGINE.evolve("10", times)) == (
        "Argument `times` must be at most 67108864, but got '100000000 times'."
    )
    grid = ENGINE.replace(T_h=np.linspace(0.5, 1.0, 1000))
    assert refused(lambda: grid.evolve("10", many(10**6))) == (
        "Argument `times` must be at most 67108, so that the states of the whole grid fit 8 GB, "
        "but got '1000000 times'."
    )
    several = generator(np.diag(np.arange(16.0)), [np.eye(16, k=1)])
    wide = several.at_points(np.zeros(1, dtype=int))
    points = np.broadcast_to(wide.hamiltonian[0].coefficient, (2**23,))
    term = type(wide.hamiltonian[0])(points, wide.hamiltonian[0].operator)
    large = type(wide)((term,), several.channels)
    assert refused(lambda: steady_state(large)) == (
        "Argument `generator` must have states that fit 8 GB: take the grid part by part, "
        "but got '8388608 points of 16 levels'."
    )


def test_a_foreign_object_raises_nothing_of_its_own():
    for call in (
        lambda: ENGINE.replace(T_h=Foreign()),
        lambda: ENGINE.evolve(Foreign(), [1.0]),
        lambda: ENGINE.expect(Foreign()),
        lambda: ENGINE.negativity(Foreign()),
        lambda: check_times(Foreign()),
    ):
        assert refused(call).endswith("but got Foreign that cannot be shown.")


@pytest.mark.parametrize("call", ["heat_current", "negativity", "cut_negativity", "evolve", "free_energy"])
def test_a_message_stays_short(call):
    arguments = ([1.0],) if call == "evolve" else ()
    for value in ("x" * 10**6, nested(3000), [None] * 10**5, 10**4000):
        words = refused(lambda value=value: getattr(ENGINE, call)(value, *arguments))
        assert len(words) < 5 * LONGEST
    assert refused(lambda: ENGINE.heat_current("x" * 10**6)) == (
        "Argument `reservoir` must be one of 'h', 'c', but got str of length 1000000."
    )


def test_the_second_current_is_called_by_its_name():
    assert refused(lambda: ENGINE.noise("h", "C")) == "Argument `other` must be one of 'h', 'c', but got 'C'."
    assert refused(lambda: ENGINE.noise("h", "c", other_current="hea")) == (
        "Argument `other_current` must be one of 'heat', 'particle' (did you mean 'heat'?), but got 'hea'."
    )
    assert refused(lambda: ENGINE.noise_spectrum("h", [0.1], "k")).startswith("Argument `other` must be one")


@pytest.mark.parametrize("label", [True, np.True_, np.timedelta64(1), np.timedelta64(1, "s")])
def test_a_truth_or_a_span_of_time_is_no_number_of_a_reservoir(label):
    """They are equal to 1, and were taken for it."""
    machine = ThreeQubitMachine(g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=5.0, mu=3.0)
    words = "Argument `reservoir` must be one of 1, 3, but got"
    assert refused(lambda: machine.heat_current(label)).startswith(words)
    assert refused(lambda: machine.noise(label)).startswith(words)
    assert machine.heat_current(np.int64(1)) == machine.heat_current(1)


def test_parts_of_machines_that_have_no_end():
    endless = itertools.repeat(1.0)
    words = refused(lambda: WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=5.0, mu=3.0, alpha=endless))
    assert words == "Argument `alpha` must hold one ratio a triangle, 2, but got repeat(1.0)."
    terms = ENGINE.generator.hamiltonian
    for shape in (3, None, (1.5,), "22", endless):
        words = refused(lambda shape=shape: hopping_of_qubits(terms, shape))
        assert words.startswith("Argument `shape` must be a tuple of lengths, but got")


def test_a_grid_without_points_has_states_without_points():
    empty = ENGINE.replace(T_h=np.zeros(0))
    assert empty.steady_state().rho.shape == (0, 4, 4)
    assert empty.negativity().shape == empty.concurrence().shape == (0,)
    assert empty.evolve("10", [0.0, 1.0]).rho.shape == (0, 2, 4, 4)
