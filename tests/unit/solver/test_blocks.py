"""Equations over a grid: every way to read them gives the textbook's right-hand side."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from qte.common.double_double import DoubleDouble, exact
from qte.physics import operators as op
from qte.physics.generators import Channel, Generator, Term
from qte.solver import blocks
from qte.solver.blocks import from_unknowns, observable, superoperator, to_unknowns, unknowns_of
from tests import dense

SHAPE = (2, 3, 5)
POINTS = 30


@pytest.fixture(params=[4, 7, 4096])
def chunk(request, monkeypatch):
    """Chunks of a few points, so that a grid takes several of them."""
    monkeypatch.setattr(blocks, "CHUNK", request.param)
    return request.param


def on_a_grid(seed: int = 0, d: int = 3) -> Generator:
    """Coefficients that depend on all, some or none of the axes; channels with and without partner."""
    rng = np.random.default_rng(seed)

    def matrix() -> np.ndarray:
        return (rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))) * (rng.random((d, d)) < 0.7)

    def coefficient(*shape: int) -> np.ndarray:
        return rng.normal(size=shape)

    terms = (
        Term.of(coefficient(2, 1, 1), dense.random_hermitian(rng, d)),
        Term.of(coefficient(5), np.diag(rng.normal(size=d))),
        Term.of(coefficient(), dense.random_hermitian(rng, d)),
        Term.of(coefficient(*SHAPE), dense.random_hermitian(rng, d)),
    )
    two = (Term.of(coefficient(3, 1), matrix()), Term.of(coefficient(), matrix()))
    channels = (
        Channel("a", np.abs(coefficient(3, 1)), two, None),
        Channel("a", np.abs(coefficient(5)), two, (Term.of(coefficient(2, 1, 1), matrix()),)),
        Channel.of("b", 0.7, matrix()),
        Channel.of(None, np.abs(coefficient(*SHAPE)), np.diag(rng.normal(size=d))),
    )
    return Generator(terms, channels)


@pytest.fixture(scope="module")
def generator():
    return on_a_grid()


@pytest.fixture(scope="module")
def states():
    rng = np.random.default_rng(1)
    return np.array([dense.random_hermitian(rng, 3) for _ in range(POINTS)])


@pytest.fixture(scope="module")
def images(generator, states):
    """Unknowns of d rho/dt at every point, shape (9, 30)."""
    return to_unknowns(np.array([dense.image(generator, rho, k) for k, rho in enumerate(states)]))


def test_matrices_over_the_grid(generator, states, images, chunk):
    equations = superoperator(generator)
    assert (equations.size, equations.points, equations.grid) == (9, POINTS, SHAPE)
    x = to_unknowns(states)
    for points in (slice(None), slice(0, 1), slice(4, 11), slice(7, 30), slice(16, 17), slice(29, 40)):
        matrices = equations.matrix(points)
        assert matrices.shape == (len(range(30)[points]), 9, 9)
        got = np.einsum("pij,jp->ip", matrices, x[:, points])
        assert np.allclose(got, images[:, points], rtol=0, atol=1e-12)
    assert np.allclose(equations.apply(x), images, rtol=0, atol=1e-12)
    some = np.array([7, 0, 3])
    assert np.allclose(equations.apply(x, some), images[some], rtol=0, atol=1e-12)


def test_exchange_adds_up_moduli(generator, states, images, chunk):
    equations, x, rows = superoperator(generator), to_unknowns(states), np.array([5, 2])
    net, gross = equations.exchange(x, rows)
    moduli = np.einsum("pij,jp->ip", np.abs(equations.matrix()), np.abs(x))
    assert np.allclose(net, images[rows], rtol=0, atol=1e-12)
    assert np.allclose(gross, moduli[rows], rtol=1e-13, atol=0)


@pytest.mark.parametrize("points", [slice(0, 30), slice(3, 4), slice(8, 27), slice(0, 15)])
def test_entries_are_the_values_row_by_row(generator, points):
    equations = superoperator(generator)
    values = equations.values(points)
    assert values.shape == (len(equations.rows), points.stop - points.start)
    wanted = [k % 3 != 1 for k in range(len(equations.rows))]
    entries = equations.entries(points, wanted)
    assert [entry is not None for entry in entries] == wanted
    for entry, row in zip(entries, values, strict=True):
        if entry is not None:
            assert np.allclose(entry, row, rtol=1e-13, atol=1e-15)


def test_equal_entries_are_one_object_and_constants_one_number():
    qubit = Generator(
        (Term.of(np.array([0.3, 0.4]), op.EXCITED),),
        (Channel.of("b", 0.25, op.LOWER), Channel.of("b", 0.5, op.RAISE)),
    )
    equations = superoperator(qubit)
    entries = equations.entries(slice(0, 2), [True] * len(equations.rows))
    place = {(i, j): e for i, j, e in zip(equations.rows, equations.columns, entries, strict=True)}
    # both coherences decay with (0.25 + 0.5)/2
    assert place[2, 2] is place[3, 3]
    assert place[2, 2] == -0.375
    assert isinstance(place[0, 1], float)
    assert place[0, 1] == 0.5
    assert np.array_equal(place[2, 3], [0.3, 0.4])
    assert np.array_equal(place[3, 2], [-0.3, -0.4])


def test_selected_points_are_those_points(generator):
    equations, chosen = superoperator(generator), np.array([29, 3, 3, 16])
    part = equations.select(chosen)
    assert part.grid == (4,)
    assert np.array_equal(part.matrix(), equations.matrix()[chosen])


def test_restricted_equations_are_a_part_of_the_matrix(generator):
    equations, unknowns = superoperator(generator), np.array([6, 1, 4])
    part = equations.restrict(unknowns)
    assert part.size == 3
    assert np.array_equal(part.matrix(), equations.matrix()[:, unknowns[:, None], unknowns])


def test_numbers_of_32_digits_are_chosen_and_read_in_pairs():
    hi, ulp = np.arange(1.0, 7.0).reshape(2, 3), 2.0**-60
    rate = DoubleDouble(hi, hi * ulp)
    qubit = Generator((Term.of(0.0, op.EXCITED),), (Channel("b", rate, (Term.of(1.0, op.LOWER),)),))
    equations = superoperator(qubit)
    place = list(zip(equations.rows, equations.columns, strict=True)).index((1, 0))
    wanted = [k == place for k in range(len(equations.rows))]
    whole = equations.entries(slice(1, 5), wanted)[place]
    assert whole.hi.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert whole.lo.tolist() == [2 * ulp, 3 * ulp, 4 * ulp, 5 * ulp]
    part = equations.select(np.array([5, 0])).entries(slice(0, 2), wanted)[place]
    assert part.hi.tolist() == [6.0, 1.0]
    assert part.lo.tolist() == [6 * ulp, ulp]
    # 0 in both parts leaves no entry behind
    none = Channel("b", exact(np.zeros(2)), (Term.of(1.0, op.LOWER),))
    assert len(superoperator(Generator((Term.of(0.0, op.EXCITED),), (none,))).rows) == 0


def test_a_part_of_the_equations(generator, states):
    rho = states[11]
    x = to_unknowns(rho)[:, None] * np.ones(POINTS)
    bath = superoperator(generator, generator.channels_of("a"), hamiltonian=False)
    wanted = dense.dissipate(generator, generator.channels_of("a"), rho, 11)
    assert np.allclose(bath.apply(x)[:, 11], to_unknowns(wanted), rtol=0, atol=1e-12)
    h = dense.hamiltonian(generator, 11)
    closed = superoperator(generator, ())
    assert np.allclose(closed.apply(x)[:, 11], to_unknowns(-1j * (h @ rho - rho @ h)), rtol=0, atol=1e-12)


def test_components_hold_each_unknown_once_and_the_populations_first():
    # two separate pairs of levels, and a coherence inside each
    h = np.zeros((4, 4))
    h[0, 1] = h[1, 0] = h[2, 3] = h[3, 2] = 1.0
    lower = np.zeros((4, 4))
    lower[1, 0] = 1.0
    parts = superoperator(Generator((Term.of(1.0, h),), (Channel.of("b", 1.0, lower),))).components
    assert sorted(np.concatenate(parts).tolist()) == list(range(16))
    im01, im23 = (int(unknowns_of(np.array(i), np.array(i + 1), 4)[1]) for i in (0, 2))
    assert parts[0].tolist() == [0, 1, 2, 3, im01, im23]
    assert sorted(map(len, parts[1:])) == [1, 1, 4, 4]


@pytest.mark.parametrize("dim", [1, 2, 3, 15, 16, 17])
@pytest.mark.parametrize("grid", [(), (1,), (9,), (3, 4)])
def test_unknowns_and_matrices_there_and_back(dim, grid, chunk):
    rng = np.random.default_rng(dim)
    x = rng.normal(size=(*grid, dim, dim)) + 1j * rng.normal(size=(*grid, dim, dim))
    rho = x + np.swapaxes(x, -1, -2).conj()
    vector = to_unknowns(rho)
    assert vector.shape == (dim**2, *grid)
    assert np.array_equal(from_unknowns(vector, dim), rho)
    assert np.array_equal(vector[:dim], np.moveaxis(np.diagonal(rho, axis1=-2, axis2=-1).real, -1, 0))
    if dim > 2:
        re, im = unknowns_of(np.array([0, 1]), np.array([2, 2]), dim)
        assert np.array_equal(vector[re], np.moveaxis(rho[..., [0, 1], [2, 2]].real, -1, 0))
        assert np.array_equal(vector[im], np.moveaxis(rho[..., [0, 1], [2, 2]].imag, -1, 0))


def test_rows_of_zeros_stay_zeros():
    vector = np.zeros((9, 6))
    vector[1], vector[7] = 0.5, np.arange(6.0)
    rho = from_unknowns(vector, 3)
    wanted = np.zeros((6, 3, 3), dtype=complex)
    wanted[:, 1, 1] = 0.5
    wanted[:, 0, 2], wanted[:, 2, 0] = 1j * np.arange(6.0), -1j * np.arange(6.0)
    assert np.array_equal(rho, wanted)


def test_traces_with_an_observable():
    rng = np.random.default_rng(3)
    o = np.array([dense.random_hermitian(rng, 3) for _ in range(4)])
    rho = dense.random_hermitian(rng, 3)
    weights = observable(o)
    assert weights.shape == (9, 4)
    assert np.allclose(weights.T @ to_unknowns(rho), np.einsum("kij,ji->k", o, rho).real, rtol=1e-13)


def test_terms_that_vanish_everywhere_leave_no_entry():
    base = (Term.of(1.0, op.EXCITED),)
    damped = (Channel.of("b", np.array([0.0, 0.2]), op.LOWER),)
    plain = superoperator(Generator(base, damped))
    more = (*damped, Channel.of("b", np.zeros(2), op.RAISE))
    padded = superoperator(Generator((*base, Term.of(np.zeros(2), op.FLIP)), more))
    assert np.array_equal(padded.rows, plain.rows)
    assert np.array_equal(padded.columns, plain.columns)
    # entries that cancel are no entries: sigma_z commutes with the populations
    assert not np.isin(plain.rows[plain.columns != plain.rows], [0]).any()
    assert sp.issparse(plain.pattern.mixing)


@pytest.mark.parametrize("shape", [(1, 6), (6, 1), (2, 1, 3), (1, 1, 6)])
def test_parts_of_a_grid_whatever_its_shape(shape):
    """Coefficients on the last, the first, or all axes, read from any point to any other."""
    rng = np.random.default_rng(0)
    for axes in (shape, shape[-1:], (shape[0],) + (1,) * (len(shape) - 1)):
        values = rng.normal(size=axes)
        generator = Generator(
            (Term.of(values, op.EXCITED), Term.of(np.ones(shape), op.FLIP)), (Channel.of("b", 0.5, op.LOWER),)
        )
        equations = superoperator(generator)
        flat = np.broadcast_to(values, shape).ravel()
        rows = equations.rows == 2
        place = int(np.flatnonzero(rows & (equations.columns == 3))[0])
        for start in range(6):
            for stop in range(start + 1, 7):
                part = equations.values(slice(start, stop))[place]
                assert np.array_equal(part, flat[start:stop])
