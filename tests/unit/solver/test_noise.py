"""Noise against the tilted generator with 40 digits, QuTiP, closed forms, sum rules and a dissipation theorem."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import qutip

import qte
from qte.common.errors import IllConditioned, NonUniqueSteadyState, ParameterError, SteadyStateError
from qte.machines import AbsorptionRefrigerator, Junction, SpinChain, ThermalTransistor, TwoQubitEngine
from qte.machines.three_qubit import DetunedThreeQubitMachine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, local_channels
from qte.physics.operators import LOWER, annihilation
from qte.solver.noise import CurrentNoise
from qte.testing.dense import DenseModel

APPROACHES = ("local", "global", "redfield")
BASE = {"gamma_h": 0.004, "gamma_c": 0.007, "T_h": 1.0, "T_c": 0.3}


def engine(approach: str, **changes: object) -> TwoQubitEngine:
    return TwoQubitEngine(**BASE | {"g": 0.11, "approach": approach} | changes)


def tilted(generator: Generator, first: tuple, second: tuple):
    """The tilted generator's leading eigenvalue, with 50 digits, as a function of two counting fields."""
    mp.mp.dps = 50
    model = DenseModel.of(generator)
    h, dim = mp.matrix(model.hamiltonian.tolist()), generator.dim

    def kron(a, b):
        size = a.rows * b.rows
        out = mp.zeros(size)
        for i in range(size):
            for j in range(size):
                out[i, j] = a[i // b.rows, j // b.rows] * b[i % b.rows, j % b.rows]
        return out

    one = mp.eye(dim)
    unitary = -1j * (kron(h, one) - kron(one, h.T))
    parts = {}
    for label, several in model.dissipators.items():
        parts[label] = mp.matrix(sum(d.superoperator() for d in several).tolist())
    jumps = {label: [] for label in parts}
    for channel, dissipator in zip(
        [c for label in parts for c in generator.channels if c.reservoir == label],
        [d for several in model.dissipators.values() for d in several],
        strict=True,
    ):
        a = dissipator.jump
        b = a if dissipator.partner is None else dissipator.partner
        gain = dissipator.rate * (np.kron(a, b.conj()) + np.kron(b, a.conj())) / 2
        jumps[channel.reservoir].append((channel.quanta, mp.matrix(gain.tolist())))

    def leading(chi, xi):
        total = unitary.copy()
        for label, part in parts.items():
            field = {"heat": mp.mpf(0), "particle": mp.mpf(0)}
            for value, (reservoir, current) in ((chi, first), (xi, second)):
                if reservoir == label:
                    field[current] += value
            for quanta, gain in jumps[label]:
                part = part + (mp.exp(field["particle"] * quanta) - 1) * gain
            half = mp.expm(h * field["heat"] / 2)
            back = mp.expm(-h * field["heat"] / 2)
            total += kron(half, half.T) * part * kron(back, back.T)
        vector = mp.matrix(model.steady_state.reshape(-1).tolist())
        value, trace = mp.mpf(0), [k * (dim + 1) for k in range(dim)]
        for _ in range(6):
            shifted = total - (value + mp.mpf("1e-25")) * mp.eye(dim**2)
            vector = mp.lu_solve(shifted, vector)
            vector /= sum(vector[k] for k in trace)
            value = sum((total * vector)[k] for k in trace)
        return value

    return leading


def tilted_growth(generator: Generator, first: tuple, second: tuple) -> float:
    """d2 lambda/(d chi d xi) at 0, by differences."""
    leading, step = tilted(generator, first, second), mp.mpf("1e-9")
    corners = leading(step, step) - leading(step, -step) - leading(-step, step) + leading(-step, -step)
    return float(mp.re(corners) / (4 * step**2))


@pytest.mark.slow
@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("h", "heat"), ("h", "heat")),
        (("h", "heat"), ("c", "heat")),
        (("h", "particle"), ("c", "particle")),
        (("h", "heat"), ("h", "particle")),
        (("c", "heat"), ("h", "particle")),
    ],
)
def test_is_the_curvature_of_the_leading_eigenvalue(approach, first, second):
    machine = engine(approach)
    found = machine.noise(first[0], second[0], current=first[1], other_current=second[1])
    assert found == pytest.approx(tilted_growth(machine.generator, first, second), rel=1e-9)


def test_agrees_with_the_counting_statistics_of_qutip():
    machine = engine("local", T_h=[0.6, 1.0])
    for point in range(2):
        h = qutip.Qobj(machine.hamiltonian()[point])
        jumps = {r: [qutip.Qobj(a[point]) for a in machine.jump_operators(r)] for r in "hc"}
        liouvillian = qutip.liouvillian(h, jumps["h"] + jumps["c"])
        _, noise, _ = qutip.countstat_current_noise(
            liouvillian,
            jumps["h"] + jumps["c"],
            rhoss=qutip.steadystate(liouvillian),
            sparse=False,
            method="numpy",
        )
        # emission takes a quantum out, absorption brings one in
        signs = np.array([[-1, 1, 0, 0], [0, 0, -1, 1]])
        wanted = signs @ np.asarray(noise).reshape(4, 4).real @ signs.T
        for i, j in np.ndindex(2, 2):
            found = machine.noise("hc"[i], "hc"[j], current="particle")[point]
            assert found == pytest.approx(wanted[i, j], rel=1e-8)


@pytest.mark.parametrize("approach", APPROACHES)
def test_energy_and_particles_are_conserved_and_correlations_symmetric(approach):
    machine = engine(approach, g=[0.02, 0.2])
    for current in ("heat", "particle"):
        matrix = np.array([[machine.noise(a, b, current=current) for b in "hc"] for a in "hc"])
        size = np.abs(matrix).max()
        assert np.abs(matrix.sum(axis=0)).max() < 1e-12 * size
        assert np.array_equal(matrix[0, 1], matrix[1, 0])
        assert (matrix[0, 0] > 0).all()


def test_three_reservoirs_conserve_energy():
    machine = AbsorptionRefrigerator(
        E_c=1.0, E_h=2.0, g=0.01, p_c=1e-3, p_r=1e-3, p_h=1e-3, T_c=1.0, T_r=1.2, T_h=3.0
    )
    matrix = np.array([[machine.noise(a, b) for b in "crh"] for a in "crh"])
    assert np.abs(matrix.sum(axis=0)).max() < 1e-12 * np.abs(matrix).max()
    assert np.array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * np.abs(matrix).max()


def test_means_are_the_currents():
    for approach in APPROACHES:
        machine = engine(approach)
        counted = CurrentNoise(machine.steady_state())
        for label in "hc":
            assert counted.mean(label) == pytest.approx(machine.heat_current(label), rel=1e-11)
            assert counted.mean(label, "particle") == pytest.approx(
                machine.particle_current(label), rel=1e-11
            )


def test_a_resonant_level_has_its_closed_form():
    gamma, other, mu, t = 0.7, 1.9, np.linspace(-3.0, 8.0, 12), 0.4
    left, right = Bath(t, gamma, "fermi"), Bath(t, other, "fermi")
    channels = local_channels("L", left, 1.0 - mu, LOWER) + local_channels("R", right, 1.0, LOWER)
    dot = Generator((Term.of(1.0, LOWER.T @ LOWER),), channels)
    f, r = 1 / (1 + np.exp((1.0 - mu) / t)), 1 / (1 + np.exp(1.0 / t))
    total = gamma + other
    current = gamma * other * (f - r) / total
    noise = gamma * other * (f + r - 2 * f * r) / total - 2 * current**2 / total
    counted = CurrentNoise(qte.steady_state(dot))
    assert np.allclose(counted.covariance("L", "L", "particle", "particle"), noise, rtol=1e-12, atol=0)
    assert np.allclose(counted.covariance("L", "R", "particle", "particle"), -noise, rtol=1e-12, atol=0)
    # every particle carries the level's energy, 1
    assert np.allclose(counted.covariance("L", "R", "heat", "particle"), -noise, rtol=1e-12, atol=0)
    # a bias of many temperatures, leads alike: half of Poisson's
    one = Bath(0.01, 1.0, "fermi")
    wide = local_channels("L", one, -5.0, LOWER) + local_channels("R", one, 5.0, LOWER)
    steady = CurrentNoise(qte.steady_state(Generator((Term.of(1.0, LOWER.T @ LOWER),), wide)))
    fano = steady.covariance("L", "L", "particle", "particle") / steady.mean("L", "particle")
    assert fano == pytest.approx(0.5, rel=1e-12)


def test_rare_jumps_are_independent():
    machine = Junction(gamma_L=0.01, gamma_R=0.02, T_L=0.05, T_R=0.0)
    # two jumps a cycle and the next one after a long wait: Poisson up to the occupation, exp(-20)
    assert machine.fano_factor("L") == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("approach", ["global", "redfield"])
def test_in_equilibrium_noise_is_twice_the_onsager_matrix(approach):
    machine = engine(approach, T_h=0.4, T_c=0.4, g=[0.2, 0.3], gamma_h=1e-4, gamma_c=2e-4)
    found = machine.onsager_matrix()
    assert found.shape == (2, 2, 2)
    noise = np.moveaxis(np.array([[machine.noise(a, b) for b in "hc"] for a in "hc"]), -1, 0)
    assert np.abs(found - np.swapaxes(found, 1, 2)).max() < 1e-12 * np.abs(found).max()
    if approach == "global":
        assert np.allclose(found, noise / 2, rtol=1e-10, atol=0)


def test_a_transistor_is_symmetric_to_twelve_digits():
    machine = ThermalTransistor(
        omega_M=0.3, omega_LM=1.0, omega_MR=0.7, kappa=1e-3, T_L=0.4, T_M=0.4, T_R=0.4
    )
    found = machine.onsager_matrix()
    assert np.abs(found - found.T).max() < 1e-12 * np.abs(found).max()
    noise = np.array([[machine.noise(a, b) for b in "LMR"] for a in "LMR"])
    assert np.allclose(found, noise / 2, rtol=1e-10, atol=1e-13 * np.abs(found).max())
    assert np.linalg.eigvalsh(found).min() > -1e-13 * np.abs(found).max()


def test_the_uncertainty_relation():
    machine = Junction(gamma_L=0.01, gamma_R=0.02, T_L=[0.5001, 0.6, 3.0], T_R=0.5)
    ratio = machine.uncertainty_ratio("L")
    assert (ratio >= 1).all()
    assert ratio[0] == pytest.approx(1.0, abs=1e-3)
    assert np.allclose(ratio, machine.uncertainty_ratio("R"), rtol=1e-10)


def test_a_chain_of_qubits_and_a_grid_are_point_by_point():
    grid = SpinChain(N=3, g=[0.01, 0.05], gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.2)
    alone = SpinChain(N=3, g=0.05, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.2)
    assert grid.noise("L", "R")[1] == pytest.approx(float(alone.noise("L", "R")), rel=1e-13)


def test_what_has_no_noise_says_so():
    idle = Generator((Term.of(1.0, np.diag([1.0, 0.0])),), (Channel.of("h", 0.1, np.diag([1.0, 0.0])),))
    state = qte.steady_state(idle, rho0=np.eye(2) / 2)
    with pytest.raises(SteadyStateError, match=r"^The noise is not defined: the steady state is not unique"):
        CurrentNoise(state)
    with pytest.raises(NonUniqueSteadyState):
        engine("local", gamma_h=0.0, gamma_c=0.0).noise("h")
    with pytest.raises(ParameterError, match="`reservoir` must be one of 'h', 'c'"):
        engine("local").noise("x")
    with pytest.raises(ParameterError, match="`current` must be one of 'heat', 'particle'"):
        engine("local").noise("h", current="heats")
    still = Junction(gamma_L=0.01, gamma_R=0.02, T_L=[0.5, 0.6], T_R=0.5)
    with pytest.raises(SteadyStateError, match=r"no value without current at grid points \(0,\)"):
        still.uncertainty_ratio("L")
    assert still.fano_factor("L")[0] == np.inf
    with pytest.raises(SteadyStateError, match="without current and noise"):
        Junction(gamma_L=0.01, gamma_R=0.02, T_L=0.0, T_R=0.0).fano_factor("L")
    with pytest.raises(ParameterError, match=r"`T_c` must equal T_h for an Onsager matrix"):
        engine("local").onsager_matrix()


def test_complex_jumps_of_any_dimension():
    rng = np.random.default_rng(5)
    h = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    jump = [rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(3)]
    a = annihilation(3)
    channels = [
        Channel.of("a", 0.3, jump[0], 1),
        Channel.of("b", 0.2, jump[1], -1),
        Channel.of("a", 0.1, a, -1),
    ]
    generator = qte.generator(h + h.conj().T, channels)
    counted = CurrentNoise(qte.steady_state(generator))
    for first, second in [(("a", "heat"), ("a", "particle")), (("a", "particle"), ("b", "particle"))]:
        found = counted.covariance(first[0], second[0], first[1], second[1])
        assert found == pytest.approx(tilted_growth(generator, first, second), rel=1e-9)
    total = sum(counted.covariance(x, y) for x in "ab" for y in "ab")
    assert abs(total) < 1e-12 * counted.covariance("a", "a")


@pytest.mark.slow
@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize("counted", [("h", "heat"), ("c", "particle")])
def test_skewness_is_the_third_derivative(approach, counted):
    machine = engine(approach)
    leading, step = tilted(machine.generator, counted, counted), mp.mpf("1e-6")
    values = [leading(k * step, mp.mpf(0)) for k in (2, 1, -1, -2)]
    wanted = float(mp.re((values[0] - 2 * values[1] + 2 * values[2] - values[3]) / (2 * step**3)))
    assert machine.skewness(counted[0], current=counted[1]) == pytest.approx(wanted, rel=1e-8)


def test_skewness_of_a_resonant_level_in_one_direction():
    gamma, other = 0.7, 1.9
    left = Channel.of("L", gamma, LOWER.T, 1)
    right = Channel.of("R", other, LOWER, -1)
    counted = CurrentNoise(qte.steady_state(Generator((Term.of(1.0, LOWER.T @ LOWER),), (left, right))))
    # lambda(x) solves lambda**2 + (a + b) lambda - a b (e**x - 1) = 0
    total, product = gamma + other, gamma * other
    mean = product / total
    second = (product - 2 * mean**2) / total
    third = (product - 6 * mean * second) / total
    assert counted.mean("L", "particle") == pytest.approx(mean, rel=1e-14)
    assert counted.covariance("L", "L", "particle", "particle") == pytest.approx(second, rel=1e-13)
    assert counted.skewness("L", "particle") == pytest.approx(third, rel=1e-13)
    assert counted.skewness("R", "particle") == pytest.approx(-third, rel=1e-13)


def test_three_cumulants_have_the_fluctuation_symmetry():
    """``lambda(x) = lambda(-A - x)`` with the affinity A: ``C1 = A C2/2 - A**2 C3/12`` up to A**5, C3 = 0 at rest."""
    t, gap = 0.5, 1.0
    affinity = np.array([0.0, 0.005, 0.02, 0.1])
    machine = Junction(gamma_L=0.01, gamma_R=0.03, T_L=1 / (1 / t - affinity / gap), T_R=t, omega=gap)
    second, third = machine.noise("L", current="particle"), machine.skewness("L", current="particle")
    linear, wanted = affinity * second / 2, affinity * second / 2 - affinity**2 * third / 12
    found = machine.particle_current("L")
    assert found[0] == 0
    assert abs(third[0]) < 1e-13 * second[0]
    assert (np.abs(found - wanted)[1:] < affinity[1:] ** 4 * found[1:] / 100 + 1e-12 * found[1:]).all()
    assert abs(found - linear)[3] > 10 * abs(found - wanted)[3]


@pytest.mark.slow
@pytest.mark.parametrize("approach", ["local", "global"])
@pytest.mark.parametrize(("hot", "cold"), [(0.05, 0.03), (0.03, 0.02), (0.5, 0.5)])
def test_rare_jumps_keep_their_digits(approach, hot, cold):
    machine = engine(approach, T_h=hot, T_c=cold)
    for current in ("heat", "particle"):
        first, second = ("h", current), ("c", current)
        found = machine.noise("h", "c", current=current)
        assert found == pytest.approx(tilted_growth(machine.generator, first, second), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("coupling", [1e-2, 1e-5, 1e-6, 1e-8])
def test_noise_is_right_or_refused(coupling):
    """A weak link between strong baths: quanta come and go many times before one gets through."""
    machine = TwoQubitEngine(**BASE | {"g": coupling})
    counted = CurrentNoise(machine.steady_state())
    for second in ("h", "c"):
        wanted = tilted_growth(machine.generator, ("h", "heat"), (second, "heat"))
        if coupling < 1e-5:
            with pytest.raises(IllConditioned, match="a larger `accuracy` takes it as it is"):
                counted.covariance("h", second)
        else:
            assert counted.covariance("h", second) == pytest.approx(wanted, rel=1e-8)
        rough = counted.covariance("h", second, accuracy=1.0)
        assert rough == pytest.approx(wanted, rel=1e-2)


def test_a_skewness_that_leaves_the_doubles_is_refused():
    weak = DetunedThreeQubitMachine(
        g13=1e-100, g23=0.05, gamma_1=0.1, gamma_3=1e-300, T_1=0.5, T_3=0.5, U=5.0, mu=3.0, detuning=0.0
    )
    assert np.isfinite(weak.noise(1))
    with pytest.raises(IllConditioned, match="skewness leaves the range of a double"):
        weak.skewness(1)
