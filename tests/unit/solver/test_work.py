"""Heat and work apart: drives in a rotating frame, contacts that cost work, against closed forms and dense matrices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp

import qte
from qte.common.errors import ParameterError
from qte.common.parameters import Coupling, Gap, Rate, Temperature
from qte.machines import TwoQubitEngine
from qte.machines.base import Array, Machine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, local_channels
from qte.physics.operators import EXCITED, FLIP, LOWER, transition
from qte.solver.blocks import superoperator, to_unknowns
from qte.solver.noise import CurrentNoise
from qte.solver.thermodynamics import contact_power, driving_power, energy_current, energy_exchange
from qte.testing import check_machine


def test_a_driven_qubit_scatters_what_the_drive_does():
    drive, detuning, decay, gap = np.linspace(0.01, 0.3, 5), 0.07, 0.2, 5.0
    h = (Term.of(detuning, EXCITED), Term.of(drive / 2, FLIP))
    at_rest = (Term.of(gap, EXCITED),)
    driven = Generator(h, (Channel.of("vacuum", decay, LOWER, -1),), energy=at_rest)
    state = qte.steady_state(driven)
    excited = (drive**2 / 4) / (detuning**2 + decay**2 / 4 + drive**2 / 2)
    assert np.allclose(state.rho[:, 0, 0], excited, rtol=1e-12)
    heat = energy_current(driven, state.unknowns, "vacuum")
    assert np.allclose(heat, -gap * decay * excited, rtol=1e-12, atol=0)
    assert np.allclose(driving_power(driven, state.unknowns), -heat, rtol=1e-12, atol=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Maser(Machine):
    """Three levels, a hot bath between 0 and 2, a cold one between 0 and 1, a drive between 1 and 2."""

    E_h: Gap = 3.0
    E_c: Gap = 1.0
    drive: Coupling
    gamma_h: Rate
    gamma_c: Rate
    T_h: Temperature
    T_c: Temperature

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"h": np.asarray(self.T_h), "c": np.asarray(self.T_c)}

    def _build(self) -> Generator:
        hot = local_channels("h", Bath(self.T_h, self.gamma_h), self.E_h, transition(0, 2, 3))
        cold = local_channels("c", Bath(self.T_c, self.gamma_c), self.E_c, transition(0, 1, 3))
        between = transition(1, 2, 3) + transition(2, 1, 3)
        at_rest = (Term.of(self.E_c, transition(1, 1, 3)), Term.of(self.E_h, transition(2, 2, 3)))
        return Generator((Term.of(self.drive, between),), hot + cold, energy=at_rest)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return current("h")


MASER = {"drive": 0.02, "gamma_h": 0.05, "gamma_c": 0.08, "T_h": 2.0, "T_c": 0.3}


def test_a_maser_has_its_efficiency():
    """``1 - E_c/E_h``, whatever else (Scovil and Schulz-DuBois, Phys. Rev. Lett. 2, 262 (1959))."""
    maser = Maser(**MASER | {"T_h": [0.95, 2.0], "drive": [0.02, 0.3]})
    hot, cold, work = maser.heat_current("h"), maser.heat_current("c"), maser.driving_power()
    assert np.allclose(-work / hot, 1 - 1 / 3, rtol=1e-12)
    assert (work[1] < 0, hot[1] > 0, cold[1] < 0) == (True, True, True)
    assert np.abs(maser.first_law_residual()).max() < 1e-13
    # below the threshold E_h/T_h = E_c/T_c the drive pumps heat
    pump = Maser(**MASER | {"T_h": 0.85})
    assert pump.driving_power() > 0 > pump.heat_current("h")
    assert np.allclose(maser.entropy_production(), -hot / maser.T_h - cold / 0.3, rtol=1e-12)
    assert (maser.entropy_production() > 0).all()
    # one quantum of each kind a cycle
    noise, quanta = maser.noise("h"), maser.noise("h", current="particle")
    assert np.allclose(noise, 9 * quanta, rtol=1e-12)
    assert np.allclose(maser.noise("h", "c"), 3 * maser.noise("h", "c", current="particle"), rtol=1e-10)


def test_a_machine_with_a_drive_conforms():
    check_machine(Maser, [MASER, MASER | {"T_h": 0.5}, MASER | {"drive": 0.3}])


def test_work_along_an_evolution_balances():
    maser = Maser(**MASER)
    path = maser.evolve(np.diag([0.2, 0.5, 0.3]), np.linspace(0.0, 2.0, 201))
    flow = path.heat_current("h") + path.heat_current("c") + path.driving_power()
    energy = path.expect(np.diag([0.0, 1.0, 3.0]))
    growth = (energy[2:] - energy[:-2]) / (path.times[2:] - path.times[:-2])
    assert np.abs(growth - flow[1:-1]).max() < 1e-5 * np.abs(flow).max()


def test_local_baths_of_a_detuned_engine_do_work_on_the_contact():
    engine = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2, delta=[-0.1, 0.0, 0.2])
    whole = engine.generator
    parts = Generator(whole.hamiltonian, whole.channels, energy=whole.hamiltonian[:2])
    unknowns = engine.steady_state().unknowns
    quanta = engine.particle_current("h")
    assert np.allclose(energy_current(parts, unknowns, "h"), quanta, rtol=1e-12)
    assert np.allclose(energy_current(parts, unknowns, "c"), -(1 + engine.delta) * quanta, rtol=1e-12)
    power = driving_power(parts, unknowns)
    assert np.allclose(power, engine.delta * quanta, rtol=1e-10, atol=1e-18)
    contacts = [contact_power(parts, unknowns, label) for label in "hc"]
    assert np.allclose(sum(contacts), power, rtol=1e-10, atol=1e-17)
    assert np.allclose(energy_current(whole, unknowns, "h"), quanta + contacts[0], rtol=1e-12)
    assert np.array_equal(driving_power(whole, unknowns), np.zeros(3))
    assert np.array_equal(contact_power(whole, unknowns, "h"), np.zeros(3))


@pytest.mark.parametrize("dim", [3, 66])
def test_any_energy_against_matrices(dim):
    rng = np.random.default_rng(dim)

    def hermitian():
        a = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
        return (a + a.conj().T) / 2

    h, energy, a = hermitian(), hermitian(), sp.random_array((dim, dim), density=0.5, rng=rng).toarray()
    generator = qte.generator(h, {"b": [a]}, energy=energy)
    rho = hermitian()
    unknowns = to_unknowns(rho)[:, None]
    change = a @ rho @ a.T - (a.T @ a @ rho + rho @ a.T @ a) / 2
    size = np.linalg.norm(rho) * np.linalg.norm(energy)
    assert abs(energy_current(generator, unknowns, "b") - np.trace(energy @ change).real) < 1e-13 * size
    wanted = np.trace(-1j * energy @ (h @ rho - rho @ h)).real
    assert abs(driving_power(generator, unknowns) - wanted) < 1e-12 * size
    wanted = np.trace((h - energy) @ change).real
    assert abs(contact_power(generator, unknowns, "b") - wanted) < 1e-12 * size
    net, gross = energy_exchange(generator, unknowns, "b")
    assert gross > abs(net)
    if dim == 3:
        grown = superoperator(generator).apply(unknowns)
        assert abs(grown[:dim].sum()) < 1e-12 * size


def test_the_noise_of_heat_follows_the_energy_that_counts():
    channels = {"h": [0.3 * LOWER, 0.1 * LOWER.T], "c": [0.4 * LOWER]}
    driven = qte.generator(0.05 * FLIP, channels, energy=4.0 * EXCITED)
    counted = CurrentNoise(qte.steady_state(driven))
    bare = CurrentNoise(qte.steady_state(qte.generator(0.05 * FLIP, channels)))
    assert counted.mean("h") == pytest.approx(energy_current(driven, counted.rho, "h"), rel=1e-13)
    assert abs(bare.mean("h")) < 1e-12 < abs(counted.mean("h"))


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        (np.eye(3), "Argument `energy` must have the shape of the Hamiltonian, (2, 2), but got (3, 3)."),
        (LOWER, "Argument `energy` must be Hermitian: |E - E^+| is what was found"),
        ("E", "Argument `energy` must be a square matrix of finite numbers"),
        (lambda t: EXCITED, "Argument `energy` must be constant: generators that depend on time"),
    ],
)
def test_what_is_no_energy(energy, words):
    with pytest.raises(ParameterError) as caught:
        qte.generator(EXCITED, [LOWER], energy=energy)
    assert words in str(caught.value)
    with pytest.raises(ParameterError, match="`energy` must be a tuple of at least one Term"):
        Generator((Term.of(1.0, EXCITED),), (), energy=())
