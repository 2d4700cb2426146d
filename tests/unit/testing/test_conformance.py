"""Every machine passes the conformance suite, and the suite finds every machine that is broken on purpose."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import qte.machines
from qte import check_machine
from qte.common.errors import ParameterError
from qte.machines.base import Machine
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.machines.three_qubit import DetunedThreeQubitMachine, ThreeQubitMachine
from qte.machines.two_qubit import TwoQubitEngine
from qte.machines.w_state import WStateMachine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator
from qte.physics.operators import embed
from qte.testing import DenseModel, Dissipator, NonConforming

OWN_TEXT = Path(__file__).read_text(encoding="utf-8")
RATES = {"gamma_h": 1e-3, "gamma_c": 1.1e-2}
FERMI = {"statistics_h": "fermi", "statistics_c": "fermi"}
THREE = {"g13": 0.05, "g23": 0.03, "gamma_1": 0.1, "gamma_3": 0.2}
COMMON = {"eps_A": 20.0, "eps_B": 19.0, "Omega": 6.0, "T_A": 5.0, "T_B": 8.0, "T_C": 2.0}
ENDS = {"gamma_L": 0.1, "gamma_R": 0.3, "T_L": 1.0}

# name: machine, draws, what else is checked
CASES = {
    "two qubits, local": (
        TwoQubitEngine,
        [
            RATES | {"g": 1.6e-3, "T_h": 0.7, "T_c": 0.1},
            RATES | {"g": 3e-2, "T_h": 0.3, "T_c": 1.0},
            RATES | FERMI | {"g": 3e-2, "T_h": 0.3, "T_c": 1.0},
        ],
        {"at_equilibrium": {}, "refused": [({"delta": -1.0}, "delta"), ({"approach": "globall"}, "approach")]},
    ),
    "two qubits, local, with tunnelling": (
        TwoQubitEngine,
        [RATES | {"g": 0.02, "delta": 0.1, "kappa_h": 0.05, "kappa_c": k, "T_h": 1.0, "T_c": 0.3} for k in (0, 0.1)],
        {"second_law": False},
    ),
    "two qubits, global": (
        TwoQubitEngine,
        [
            RATES | {"g": 0.5, "delta": 0.1, "T_h": 0.7, "T_c": 0.2, "approach": "global"},
            RATES | {"g": 0.2, "delta": -0.3, "T_h": 0.3, "T_c": 1.0, "approach": "global"},
        ],
        {"at_equilibrium": {}, "thermal": True, "refused": [({"g": 1.5}, "g")]},
    ),
    "two qubits, Redfield": (
        TwoQubitEngine,
        [RATES | {"g": 0.3, "delta": 0.1, "T_h": 0.7, "T_c": t, "approach": "redfield"} for t in (0.3, 1.0)],
        {"second_law": False},
    ),
    "common reservoir": (
        CommonReservoirEngine,
        [COMMON, COMMON | {"eps_B": 20.0, "T_C": 9.0, "Gamma_CA": 0.3}],
        {"at_equilibrium": {}, "thermal": True, "refused": [({"Omega": 25.0}, "Omega")]},
    ),
    "common reservoir, with dephasing": (CommonReservoirEngine, [COMMON | {"dephasing": 0.1}], {}),
    "three qubits": (
        ThreeQubitMachine,
        [
            THREE | {"T_1": 1.0, "T_3": 0.6, "U": 3.0, "mu": 0.5},
            THREE | {"T_1": 1.0, "T_3": 1.0, "U": 2.0, "mu": 2.0, "mu_3": -0.3},
        ],
        {"at_equilibrium": {}, "refused": [({"U": -1.0}, "U"), ({"mu": np.inf}, "mu")]},
    ),
    "three qubits, Coulomb blockade": (
        ThreeQubitMachine,
        [THREE | {"T_1": 1.0, "T_3": 0.6, "U": np.inf, "mu": 0.5, "dephasing": d} for d in (0.0, 0.02)],
        {"at_equilibrium": {}},
    ),
    "three qubits, detuned": (
        DetunedThreeQubitMachine,
        [THREE | {"detuning": d, "T_1": 1.0, "T_3": 0.6, "U": 3.0, "mu": 0.5} for d in (-0.1, 0.05)],
        {},
    ),
    "W state": (
        WStateMachine,
        [{"n": 2, "g": 0.05, "gamma": 0.1, "T": 1.0, "U": u, "mu": 0.5} for u in (3.0, 6.0)],
        {"at_equilibrium": {}, "refused": [({"n": 1}, "n"), ({"n": 2.5}, "n")]},
    ),
    "junction": (Junction, [ENDS | {"T_R": t} for t in (0.2, 2.0)], {"at_equilibrium": {}, "thermal": True}),
    "chain": (
        SpinChain,
        [ENDS | {"N": 3, "g": g, "T_R": t} for g, t in ((0.1, 0.2), (0.3, 2.0))],
        {"at_equilibrium": {}, "refused": [({"N": 0}, "N")]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_machine_conforms(case):
    make, draws, options = CASES[case]
    report = check_machine(make, draws, **options)
    assert all(finding.holds and finding.checks for finding in report.findings)
    laws = {finding.law for finding in report.findings}
    assert {"dense reference", "first law", "heat currents", "broadcasting", "bad parameters"} <= laws
    assert ("equilibrium" in laws) == ("at_equilibrium" in options)
    assert ("second law" in laws) == options.get("second_law", True)
    assert f"{make.__name__}: {len(report.findings)} laws hold" in str(report)


def test_no_machine_is_left_out():
    known = {make for make, _, _ in CASES.values()}
    others = [file.read_text(encoding="utf-8") for file in Path(__file__).parents[1].rglob("test_*.py")]
    for module in pkgutil.iter_modules(qte.machines.__path__):
        if any("check_machine(" in text and module.name in text for text in others if text != OWN_TEXT):
            continue
        home = importlib.import_module(f"qte.machines.{module.name}")
        for _, kind in inspect.getmembers(home, inspect.isclass):
            if (
                kind.__module__ == home.__name__
                and issubclass(kind, Machine)
                and not inspect.isabstract(kind)
            ):
                assert kind in known, f"no test calls check_machine for {kind}"


# ---- machines that are broken on purpose ------------------------------------------------------


def rebuilt(self, change):
    """The local engine's generator with every channel replaced by `change(channel)`."""
    whole = TwoQubitEngine._build(self)
    return Generator(whole.hamiltonian, tuple(map(change, whole.channels)))


class BrokenDetailedBalance(TwoQubitEngine):
    """Emission without the spontaneous part, as if n(1+n) did not matter."""

    def _build(self, kind=Bath):
        def change(c):
            return (
                c if c.quanta > 0 else Channel(c.reservoir, np.asarray(c.rate) + 2e-4, c.jump, None, c.quanta)
            )

        return rebuilt(self, change)


class WrongSign(TwoQubitEngine):
    """Heat counted from the system into the bath."""

    def heat_current(self, reservoir):
        return -super().heat_current(reservoir)


class WrongDirection(TwoQubitEngine):
    """A net current from cold to hot."""

    def net_current_from(self, current):
        return np.asarray(current("c") - current("h"))


class WrongSplit(TwoQubitEngine):
    """Heat by the bare Hamiltonian: the interaction energy is forgotten, the sum fails when detuned."""

    def heat_current(self, reservoir):
        gap = {"h": self.eps_h, "c": self.eps_c}[reservoir]
        return np.asarray(gap * self.particle_current(reservoir))


class SwappedLabels(TwoQubitEngine):
    """The hot bath's channels carry the cold bath's name: every balance holds but the second law."""

    def _build(self, kind=Bath):
        other = {"h": "c", "c": "h"}
        return rebuilt(self, lambda c: Channel(other[c.reservoir], c.rate, c.jump, None, c.quanta))


class NoBroadcasting(TwoQubitEngine):
    """Takes the first temperature for all."""

    def _build(self, kind=Bath):
        first = self.replace(T_h=float(np.ravel(self.T_h)[0]))
        return TwoQubitEngine._build(first, kind)


class ScalarOnly(TwoQubitEngine):
    """Fails with arrays."""

    def _build(self, kind=Bath):
        return self._build_for(float(self.T_h))

    def _build_for(self, _):
        return TwoQubitEngine._build(self)


class ComplexRates(TwoQubitEngine):
    """A jump operator that is no longer local: the trace stays, equilibrium is lost."""

    def _build(self, kind=Bath):
        whole = TwoQubitEngine._build(self)
        pump = Channel.of("h", np.asarray(1e-3), embed({0: np.array([[0.0, 1.0], [0.0, 0.0]])}, 2), 1)
        return Generator(whole.hamiltonian, (*whole.channels, pump))


class WrongState(TwoQubitEngine):
    """A steady state of other parameters."""

    def steady_state(self, **options):
        return self.replace(g=1.01 * self.g)._steady


class WrongEntropy(TwoQubitEngine):
    """Temperatures exchanged in the entropy production."""

    def temperatures(self):
        return {"h": np.asarray(self.T_c), "c": np.asarray(self.T_h)}


class TakesAnything(TwoQubitEngine):
    """No check of the hot temperature's sign."""

    def __post_init__(self):
        if not isinstance(self.T_h, str) and np.isrealobj(self.T_h) and np.all(np.isfinite(self.T_h)):
            object.__setattr__(self, "T_h", np.abs(self.T_h))
        super().__post_init__()


class Unpicklable(TwoQubitEngine):
    """Holds a function of its own."""

    def __getstate__(self):
        raise TypeError("cannot pickle")


@dataclass(frozen=True, kw_only=True, eq=False)
class Drifting(TwoQubitEngine):
    """Another result on every run."""

    def net_current(self):
        Drifting.runs = getattr(Drifting, "runs", 0) + 1
        return super().net_current() * (1 + 1e-13 * Drifting.runs)


RESONANT = [RATES | {"g": 1.6e-3, "T_h": 0.7, "T_c": 0.1}, RATES | {"g": 3e-2, "T_h": 1.4, "T_c": 1.0}]
BROKEN = {
    BrokenDetailedBalance: "detailed balance",
    WrongSign: "heat currents",
    WrongDirection: "direction of the current",
    WrongSplit: "heat currents",
    SwappedLabels: "second law",
    NoBroadcasting: "broadcasting",
    ScalarOnly: "broadcasting",
    ComplexRates: "equilibrium",
    WrongState: "dense reference",
    WrongEntropy: "second law",
    TakesAnything: "bad parameters",
    Unpicklable: "construction",
    Drifting: "reproducibility",
}


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_what_is_broken_is_named_with_numbers(kind):
    draws = [{**draw, "delta": 0.01} for draw in RESONANT] if kind is WrongSplit else RESONANT
    with pytest.raises(NonConforming) as caught:
        check_machine(kind, draws, at_equilibrium={"delta": 0.0})
    assert BROKEN[kind] in caught.value.laws, str(caught.value)
    failure = next(f for f in caught.value.failures if f.law == BROKEN[kind])
    assert failure.words or failure.worst > failure.allowed
    assert kind.__name__ in str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_sign_error_of_the_whole_machine_is_found_by_three_laws():
    with pytest.raises(NonConforming) as caught:
        check_machine(WrongSign, RESONANT, at_equilibrium={})
    assert {"heat currents", "direction of the current", "second law"} <= set(caught.value.laws)


def test_a_local_equation_out_of_resonance_is_said_to_break_the_second_law_only_if_it_does():
    cold = {"g": 0.05, "delta": -0.3, "gamma_h": 0.01, "gamma_c": 0.01, "T_h": 1.0, "T_c": 0.95}
    with pytest.raises(NonConforming) as caught:
        check_machine(TwoQubitEngine, [cold])
    assert "second law" in caught.value.laws
    check_machine(TwoQubitEngine, [cold], second_law=False)


def test_several_steady_states_must_be_reported():
    class Blind(TwoQubitEngine):
        def steady_state(self, **options):
            return TwoQubitEngine.steady_state(self.replace(gamma_c=1e-3))

    isolated = {"g": 0.1, "gamma_h": 0.0, "gamma_c": 0.0, "T_h": 1.0, "T_c": 1.0}
    check_machine(TwoQubitEngine, [*RESONANT, isolated | {"delta": 0.1}])
    with pytest.raises(NonConforming, match=r"uniqueness: 4 steady states"):
        check_machine(Blind, [isolated | {"delta": 0.1}])


def test_a_formulation_of_ones_own_is_the_last_word():
    def peer(*, g, gamma_h, gamma_c, T_h, T_c):
        lower = np.array([[0.0, 0.0], [1.0, 0.0]])
        a, b = np.kron(lower, np.eye(2)), np.kron(np.eye(2), lower)
        hamiltonian = a.T @ a + b.T @ b + g * (a.T @ b + b.T @ a)
        baths = {}
        for label, gamma, warm, jump in (("h", gamma_h, T_h, a), ("c", gamma_c, T_c, b)):
            n = 1 / np.expm1(1 / warm)
            baths[label] = [Dissipator(gamma * (1 + n), jump), Dissipator(gamma * n, jump.T)]
        return DenseModel(hamiltonian, baths)

    report = check_machine(TwoQubitEngine, RESONANT, reference=peer)
    assert "independent formulation" in {finding.law for finding in report.findings}

    def other(**params):
        return peer(**{**params, "g": 2 * params["g"]})

    with pytest.raises(NonConforming, match="independent formulation"):
        check_machine(TwoQubitEngine, RESONANT, reference=other)


def test_draws_are_wanted():
    with pytest.raises(ParameterError, match="at least one"):
        check_machine(TwoQubitEngine, [])
