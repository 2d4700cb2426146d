"""Nodes and weights of a quadrature are the doubles next to the true ones, on every processor."""

import mpmath
import pytest

from qte.physics.lamb_shift import ORDERS, gauss_legendre


@pytest.mark.parametrize("order", [1, 5, *ORDERS])
def test_gauss_legendre_to_the_last_digit(order):
    nodes, weights = gauss_legendre(order)
    with mpmath.workdps(50):
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            root = mpmath.findroot(lambda x: mpmath.legendre(order, x), node)
            slope = (
                order
                * (root * mpmath.legendre(order, root) - mpmath.legendre(order - 1, root))
                / (root**2 - 1)
            )
            assert node == float(root) or abs(root) < 1e-30 > abs(node)
            assert weight == float(2 / ((1 - root**2) * slope**2))
