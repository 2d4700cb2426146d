"""Own linear algebra against LAPACK, and where LAPACK loses digits against what is known."""

import numpy as np
import pytest
import scipy.sparse as sp

from qte.common import matrices


def drawn(size: int, kind: str, points: int = 40) -> np.ndarray:
    rng = np.random.default_rng(size)
    real = rng.normal(size=(points, size, size))
    return real + 1j * rng.normal(size=real.shape) if kind == "complex" else real


SIZES = [(n, kind) for n in (1, 2, 3, 4, 8) for kind in ("real", "complex")]


@pytest.mark.parametrize(("size", "kind"), SIZES)
def test_eigenvalues_and_vectors(size, kind):
    a = drawn(size, kind)
    a = a + matrices.adjoint(a)
    values, vectors = matrices.eigh(a)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(a), atol=1e-13)
    np.testing.assert_array_equal(matrices.eigenvalues(a), values)
    np.testing.assert_allclose(a @ vectors, vectors * values[:, None, :], atol=1e-13)
    np.testing.assert_allclose(
        matrices.adjoint(vectors) @ vectors, np.broadcast_to(np.eye(size), a.shape), atol=1e-14
    )


@pytest.mark.parametrize(("size", "kind"), SIZES)
def test_singular_values_and_products(size, kind):
    a = drawn(size, kind)
    np.testing.assert_allclose(matrices.singular_values(a), np.linalg.svd(a, compute_uv=False), atol=1e-13)
    b = drawn(size + 1, kind)[:, :size]
    np.testing.assert_allclose(matrices.product(a, b), a @ b, atol=1e-13)
    np.testing.assert_allclose(matrices.product(a.real, b), a.real @ b, atol=1e-13)
    np.testing.assert_allclose(matrices.times(a, a), a * a, atol=1e-14)
    np.testing.assert_allclose(matrices.modulus(a), np.abs(a), rtol=1e-15)


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_equations(size):
    a, b = drawn(size, "real"), drawn(size, "real")[:, :, :1]
    np.testing.assert_allclose(matrices.solve(a, b), np.linalg.solve(a, b), rtol=1e-9, atol=1e-11)
    found = np.moveaxis(matrices.inverse_along(np.moveaxis(a, 0, -1)), -1, 0)
    np.testing.assert_allclose(found, np.linalg.inv(a), rtol=1e-9, atol=1e-11)


def test_a_singular_matrix_gives_nan_and_its_neighbours_their_inverse():
    found = matrices.inverse_along(np.stack([np.eye(2), np.ones((2, 2)), 2 * np.eye(2)], axis=-1))
    assert np.isnan(found[..., 1]).all()
    np.testing.assert_array_equal(found[..., [0, 2]], np.stack([np.eye(2), np.eye(2) / 2], axis=-1))


def test_small_singular_values_keep_their_digits():
    turn, _ = np.linalg.qr(drawn(3, "real", 1))
    np.testing.assert_allclose(
        matrices.singular_values(turn * np.array([1.0, 1e-10, 1e-30])), [[1.0, 1e-10, 1e-30]], rtol=1e-13
    )


@pytest.mark.parametrize(
    "a", [np.zeros((3, 3)), np.eye(4), np.ones((4, 4)), np.full((2, 2), 1j) * [[0, -1], [1, 0]]]
)
def test_degenerate_matrices(a):
    values, vectors = matrices.eigh(a)
    np.testing.assert_allclose(a @ vectors, vectors * values, atol=1e-15)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(a), atol=1e-15)


def test_a_point_does_not_depend_on_the_others():
    a = drawn(4, "complex")
    a = a + matrices.adjoint(a)
    for alone, together in zip(map(matrices.eigh, a), zip(*matrices.eigh(a), strict=True), strict=True):
        np.testing.assert_array_equal(alone[0], together[0])
        np.testing.assert_array_equal(alone[1], together[1])


def test_points_last_give_the_same_bits() -> None:
    rng = np.random.default_rng(4)
    for size in (1, 3, 8):
        systems, right = rng.normal(size=(50, size, size)), rng.normal(size=(50, size, 2))
        systems[7] = 0.0
        along = np.moveaxis(systems, 0, -1)
        found = matrices.solve_along(along, np.moveaxis(right, 0, -1))
        assert np.array_equal(np.moveaxis(found, -1, 0), matrices.solve(systems, right), equal_nan=True)
        one = matrices.solve(systems, np.eye(size))
        assert np.array_equal(np.moveaxis(matrices.inverse_along(along), -1, 0), one, equal_nan=True)


def test_sparse_products_round_every_term_before_it_is_added():
    rng = np.random.default_rng(7)
    # fused with the sum, the product would leave -2**-60
    first = sp.csr_array([[1.0, 1 + 2.0**-30]])
    second = np.array([[-1.0], [1 - 2.0**-30]])
    assert matrices.sparse_product(first, second)[0, 0] == 0.0
    assert matrices.sparse_product(first, sp.csr_array(second)).toarray()[0, 0] == 0.0
    a, b = (sp.random_array((7, 7), density=0.4, random_state=rng).tocsr() for _ in range(2))
    a, b = (x + 1j * sp.random_array((7, 7), density=0.3, random_state=rng).tocsr() for x in (a, b))
    whole = a.toarray() @ b.toarray()
    np.testing.assert_allclose(matrices.sparse_product(a, b).toarray(), whole, rtol=0, atol=1e-15)
    np.testing.assert_allclose(
        matrices.sparse_product(a.real, b.real.toarray()), a.real @ b.real.toarray(), atol=1e-15
    )
    halves = sp.csr_array(np.where(a.real.toarray() > 0, -0.5, 0.0))
    np.testing.assert_array_equal(
        matrices.sparse_product(halves, b.real.toarray()), halves @ b.real.toarray()
    )
