"""Basis order, embeddings, partial traces and transposes against QuTiP."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

from qte.common.errors import ParameterError
from qte.physics import operators as op


def random_rho(seed: int, n: int) -> np.ndarray:
    return qutip.rand_dm([2] * n, seed=seed).full()


def test_excited_state_comes_first():
    assert op.ket("1").tolist() == [1, 0]
    assert op.basis_index("11") == 0
    assert op.basis_index("000") == 7
    assert np.array_equal(op.ket("10"), np.kron(op.ket("1"), op.ket("0")))
    assert np.array_equal(op.lowering(1, 2) @ op.ket("11"), op.ket("10"))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_operators_match_tensor_products(n):
    for site in range(n):
        factors = [qutip.sigmam() if k == site else qutip.qeye(2) for k in range(n)]
        assert np.array_equal(op.lowering(site, n).toarray(), qutip.tensor(factors).full().real)
    total = op.total_excitation(n).toarray()
    assert np.diag(total).tolist() == [bin(2**n - 1 - k).count("1") for k in range(2**n)]


@pytest.mark.parametrize(("sites", "n"), [((), 2), ((0,), 1), ((1,), 4), ((0, 3), 4), ((2, 0, 1), 3)])
def test_embedding_is_the_tensor_product(sites, n):
    rng = np.random.default_rng(len(sites))
    factors = {site: rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)) for site in sites}
    wanted = qutip.tensor([qutip.Qobj(factors.get(site, np.eye(2))) for site in range(n)]).full()
    found = op.embed(factors, n)
    assert np.allclose(found.toarray(), wanted, rtol=1e-14, atol=0)
    assert found.has_canonical_format
    assert np.count_nonzero(found.data) == found.nnz


def test_flip_flop_conserves_excitations():
    h, number = op.flip_flop(0, 2, 3).toarray(), op.total_excitation(3).toarray()
    assert np.array_equal(h, h.T)
    assert np.array_equal(h @ number, number @ h)
    assert h[op.basis_index("100"), op.basis_index("001")] == 1


@pytest.mark.parametrize("keep", [(0,), (2,), (0, 2), (2, 0), (1, 2)])
def test_partial_trace_matches_qutip(keep):
    rho = random_rho(3, 3)
    peer = qutip.Qobj(rho, dims=[[2] * 3] * 2).ptrace(sorted(keep))
    if list(keep) != sorted(keep):
        peer = peer.permute([1, 0])
    assert np.allclose(op.partial_trace(rho, keep), peer.full(), atol=1e-15)


def test_partial_trace_batches():
    rho = np.stack([random_rho(s, 2) for s in range(4)]).reshape(2, 2, 4, 4)
    assert op.partial_trace(rho, [1]).shape == (2, 2, 2, 2)
    assert np.allclose(op.partial_trace(rho, [1])[1, 0], op.partial_trace(rho[1, 0], [1]))


def test_partial_transpose_matches_qutip():
    rho = random_rho(5, 2)
    peer = qutip.partial_transpose(qutip.Qobj(rho, dims=[[2, 2]] * 2), [0, 1]).full()
    assert np.array_equal(op.partial_transpose(rho, [1]), peer)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: op.ket("12"),
        lambda: op.ket(""),
        lambda: op.qubit_count(6),
        lambda: op.partial_trace(np.eye(4), [2]),
        lambda: op.partial_trace(np.eye(4), [0, 0]),
        lambda: op.embed({3: op.FLIP}, 2),
    ],
)
def test_bad_arguments_are_refused(bad):
    with pytest.raises(ParameterError):
        bad()
