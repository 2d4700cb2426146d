"""The cross-Kerr engine obeys every law, and agrees with rate equations written down by hand."""

import numpy as np

from qte import check_machine
from qte.machines import kerr
from qte.testing import DenseModel, Dissipator


def by_hand(*, eps_c, g, chi, gamma_h, gamma_c, T_h, T_c):
    """Jumps between the four eigenstates of H, with NumPy alone."""
    lower, one = np.array([[0.0, 0.0], [1.0, 0.0]]), np.eye(2)
    a, b = np.kron(lower, one), np.kron(one, lower)
    hamiltonian = a.T @ a + eps_c * b.T @ b + g * (a.T @ b + b.T @ a) + chi * a.T @ a @ b.T @ b
    energies, states = np.linalg.eigh(hamiltonian)
    baths = {"h": [], "c": []}
    for label, gamma, T, coupling in (("h", gamma_h, T_h, a), ("c", gamma_c, T_c, b)):
        for i, j in np.argwhere(np.tri(4, k=-1)):
            jump = np.outer(states[:, j], states[:, j] @ coupling @ states[:, i] * states[:, i])
            n = 1 / np.expm1((energies[i] - energies[j]) / T)
            baths[label] += [Dissipator(gamma * (1 + n), jump), Dissipator(gamma * n, jump.T)]
    return DenseModel(hamiltonian, baths)


def test_the_cross_kerr_engine_conforms():
    draws = [
        {"eps_c": 1.2, "g": 0.5, "chi": chi, "gamma_h": 0.01, "gamma_c": 0.03, "T_h": 1.0, "T_c": 0.2}
        for chi in (-0.3, 0.4, 5.0)
    ]
    report = check_machine(
        kerr.KerrEngine,
        draws,
        at_equilibrium={},
        thermal=True,
        refused=[({"g": 1.2}, "g"), ({"chi": -0.7}, "chi")],
        reference=by_hand,
    )
    print(report)


def test_repulsion_keeps_the_qubits_entangled_in_the_heat():
    engine = kerr.KerrEngine(g=0.6, chi=[0.0, 4.0], gamma_h=0.01, gamma_c=0.01, T_h=1.0, T_c=0.05)
    without, with_kerr = engine.negativity()
    assert without == 0
    assert with_kerr > 0.02
