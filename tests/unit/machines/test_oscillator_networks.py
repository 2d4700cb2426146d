"""Networks of unequal oscillators against density matrices of few levels, chains, and sums over normal modes."""

from __future__ import annotations

import numpy as np
import pytest

from qte.common.errors import ParameterError, SteadyStateError
from qte.machines import SpinChain
from qte.machines.networks.oscillators import OscillatorNetwork
from qte.physics.baths import Bath
from qte.physics.generators import Generator, Term, eigenbasis, energy_terms, global_channels, local_channels
from qte.physics.operators import annihilation, embed
from qte.physics.spectral_densities import ohmic
from qte.solver.steady import steady_state
from qte.solver.thermodynamics import energy_current, particle_current

HOT, COLD = Bath(0.2, 0.03), Bath(0.15, 0.05, spectral_density=ohmic(4.0))
PAIR = {"frequencies": [1.0, 1.3], "couplings": {(1, 2): 0.2}, "baths": {"h": (1, HOT), "c": (2, COLD)}}


@pytest.mark.parametrize("approach", ["local", "global"])
def test_is_the_density_matrix_of_few_levels(approach):
    levels = 6
    few = [i for i in range(levels**2) if sum(divmod(i, levels)) < levels]
    a = [embed({k: annihilation(levels)}, (levels,) * 2)[few][:, few] for k in (0, 1)]
    exchange = a[0].T @ a[1]
    h = (
        Term.of(1.0, a[0].T @ a[0]),
        Term.of(1.3, a[1].T @ a[1]),
        Term.of(0.2, exchange + exchange.T),
    )
    if approach == "local":
        channels = local_channels("h", HOT, 1.0, a[0]) + local_channels("c", COLD, 1.3, a[1])
        generator = Generator(h, channels)
    else:
        basis = eigenbasis(h, (), len(few))
        channels = ()
        for label, bath, lower in (("h", HOT, a[0]), ("c", COLD, a[1])):
            channels += global_channels(label, bath, (Term.of(1.0, lower),), basis, ())
        generator = Generator(energy_terms(basis), channels, basis.vectors)
    state = steady_state(generator)
    network = OscillatorNetwork(**PAIR, approach=approach)
    moments = [[np.trace(x.T @ y @ state.rho) for y in a] for x in a]
    # what is cut off is as rare as six quanta
    assert np.abs(network.correlations() - moments).max() < 3e-8
    for label in "hc":
        assert network.heat_current(label) == pytest.approx(
            energy_current(generator, state.unknowns, label), abs=1e-9
        )
        assert network.particle_current(label) == pytest.approx(
            particle_current(generator, state.unknowns, label), abs=1e-9
        )


@pytest.mark.parametrize("approach", ["local", "global"])
def test_energy_and_on_a_tree_of_four_with_three_baths_is_conserved(approach):
    network = OscillatorNetwork(
        frequencies=[1.0, 1.1, [0.9, 1.4], 1.2],
        couplings={(1, 2): 0.1, (2, 3): 0.15, (4, 2): [[0.05], [0.2], [0.1]]},
        baths={
            "a": (1, Bath(1.0, 0.02)),
            "b": (3, Bath(2.0, 0.03)),
            "d": (4, Bath(0.5, 0.01, "fermi", -0.3)),
        },
        approach=approach,
    )
    assert network.shape == (3, 2)
    heats = np.array([network.heat_current(label) for label in "abd"])
    quanta = np.array([network.particle_current(label) for label in "abd"])
    assert np.abs(heats.sum(axis=0)).max() < 1e-13 * np.abs(heats).max()
    assert np.abs(quanta.sum(axis=0)).max() < 1e-13 * np.abs(quanta).max()
    if approach == "global":
        produced = -(heats[0] / 1.0 + heats[1] / 2.0 + (heats[2] + 0.3 * quanta[2]) / 0.5)
        assert (produced > 0).all()
    one = network.correlations()[1, 0]
    alone = OscillatorNetwork(
        frequencies=[1.0, 1.1, 0.9, 1.2],
        couplings={(1, 2): 0.1, (2, 3): 0.15, (2, 4): 0.2},
        baths=network.baths,
        approach=approach,
    )
    assert np.allclose(one, alone.correlations(), rtol=1e-12)


def test_a_chain_of_equal_ones_is_a_chain():
    chain = SpinChain(
        N=5, g=0.1, gamma_L=0.02, gamma_R=0.05, T_L=[1.0, 2.0], T_R=0.5, system="oscillator", dephasing=0.07
    )
    network = OscillatorNetwork(
        frequencies=[1.0] * 5,
        couplings={(k, k + 1): 0.1 for k in range(1, 5)},
        baths={"L": (1, Bath([1.0, 2.0], 0.02)), "R": (5, Bath(0.5, 0.05))},
        dephasing={2: 0.07, 3: 0.07, 4: 0.07},
    )
    assert np.allclose(network.heat_current("L"), chain.heat_current("L"), rtol=1e-11)
    assert np.abs(network.correlations() - chain.correlations()).max() < 1e-12
    assert np.allclose(network.occupations(), chain.occupations(), rtol=1e-11)


def test_normal_modes_carry_heat_side_by_side():
    network = OscillatorNetwork(**PAIR, approach="global")
    modes = network.normal_modes()
    split = np.hypot(0.15, 0.2)
    assert np.allclose(modes, [1.15 - split, 1.15 + split], rtol=1e-14)
    _, vectors = np.linalg.eigh([[1.0, 0.2], [0.2, 1.3]])
    total = 0.0
    for mode, (first, second) in zip(modes, vectors.T, strict=True):
        hot, cold = HOT.strength(mode) * first**2, COLD.strength(mode) * second**2
        total += mode * hot * cold / (hot + cold) * (1 / np.expm1(mode / 0.2) - 1 / np.expm1(mode / 0.15))
    assert network.heat_current("h") == pytest.approx(total, rel=1e-12)


def test_equal_modes_are_kept_together():
    """Two equal oscillators without coupling, each with a bath; a ring of three, two of whose modes are equal."""
    network = OscillatorNetwork(
        frequencies=[1.0, 1.0], couplings={}, baths={"h": (1, HOT), "c": (2, COLD)}, approach="global"
    )
    assert np.allclose(network.occupations(), [1 / np.expm1(1 / 0.2), 1 / np.expm1(1 / 0.15)], rtol=1e-12)
    assert network.heat_current("h") == 0
    ring = OscillatorNetwork(
        frequencies=[1.0] * 3,
        couplings={(1, 2): 0.1, (2, 3): 0.1, (1, 3): 0.1},
        baths={"h": (1, HOT), "c": (2, COLD)},
        approach="global",
    )
    # 1 + 0.2, and twice 1 - 0.1: the equal pair is one part
    assert np.allclose(ring.normal_modes(), [0.9, 0.9, 1.2], rtol=1e-14)
    assert ring.heat_current("h") == pytest.approx(-ring.heat_current("c"), rel=1e-12)
    assert ring.heat_current("h") > 0


def test_small_biases_keep_their_digits():
    step = 2.0**-40
    baths = {"h": (1, Bath(1.0 + step, 0.02)), "c": (2, Bath(1.0, 0.05))}
    for approach in ("local", "global"):
        network = OscillatorNetwork(
            frequencies=[1.0, 1.0], couplings={(1, 2): 0.2}, baths=baths, approach=approach
        )
        wide = OscillatorNetwork(
            frequencies=[1.0, 1.0],
            couplings={(1, 2): 0.2},
            baths=baths | {"h": (1, Bath(1.0 + 2.0**-20, 0.02))},
            approach=approach,
        )
        ratio = network.heat_current("h") / wide.heat_current("h") * 2.0**20
        assert ratio == pytest.approx(1.0, abs=3e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frequencies": [1.0, 0.0]}, "Argument `frequencies` must be a real number, > 0"),
        ({"frequencies": 1.0}, "Argument `frequencies` must be a list of 1 to 16 frequencies, but got 1.0."),
        ({"couplings": {(1, 3): 0.1}}, "Argument `couplings` must"),
        ({"couplings": {(1, 2): 0.1, (2, 1): 0.1}}, "Argument `couplings` must name every pair once"),
        ({"couplings": [0.1]}, "Argument `couplings` must be a mapping, but got [0.1]."),
        ({"baths": {"h": HOT}}, "Argument `baths['h']` must be the number of an oscillator and a Bath"),
        ({"baths": {"h": (3, HOT)}}, "Argument `baths['h']` must be a whole number <= 2, but got 3."),
        ({"approach": "redfield"}, "Argument `approach` must be one of 'local', 'global'"),
        ({"dephasing": {3: 0.1}}, "Argument `dephasing` must be a whole number <= 2, but got 3."),
        ({"dephasing": {1: -0.1}}, "Argument `dephasing[1]` must be a real number, >= 0"),
        (
            {"dephasing": {1: 0.1}, "approach": "global"},
            "Argument `dephasing` must be left out in the global approach",
        ),
        ({"frequencies": [[1.0, 2.0], [1.0, 2.0, 3.0]]}, "must have a shape that broadcasts"),
    ],
)
def test_what_is_no_network(changes, words):
    with pytest.raises(ParameterError) as caught:
        OscillatorNetwork(**PAIR | changes)
    assert words in str(caught.value)


def test_what_has_no_steady_state_or_no_such_bath():
    apart = OscillatorNetwork(**PAIR | {"baths": {"h": (1, HOT)}, "couplings": {}})
    with pytest.raises(SteadyStateError, match="Some mode of the network relaxes into no bath"):
        apart.occupations()
    with pytest.raises(ParameterError, match="`reservoir` must be one of 'h', 'c'"):
        OscillatorNetwork(**PAIR).heat_current("x")
    strong = OscillatorNetwork(**PAIR | {"couplings": {(1, 2): 1.5}}, approach="global")
    with pytest.raises(ParameterError, match="`couplings` must leave every normal mode above 0"):
        strong.heat_current("h")
    high = Bath(1.0, 0.1, "fermi", 1.2)
    with pytest.raises(ParameterError, match="must have its chemical potential below the oscillators"):
        OscillatorNetwork(**PAIR | {"baths": {"h": (1, high)}}).heat_current("h")
