"""Section 6: a detuned engine of the global equation against the best thermal state of its own Hamiltonian."""

import numpy as np

eps, delta, g, gamma, T = 1.0, 0.1, 0.05, (1e-3, 5e-3), (1.0, 0.01)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
H = sum(gap * s.T @ s for gap, s in zip((eps, eps + delta), lower))
H = H + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])
energies, vectors = np.linalg.eigh(H)


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


def negativity(rho):
    values = np.linalg.eigvalsh(rho.reshape(2, 2, 2, 2).swapaxes(0, 2).reshape(4, 4))
    return -values[values < 0].sum()


L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H))
gaps = energies[None] - energies[:, None]
for sigma, rate, temperature in zip(lower, gamma, T):
    inside = vectors.T @ sigma @ vectors
    for gap in (energies[1] - energies[0], energies[2] - energies[0]):
        jump = vectors @ np.where(np.isclose(gaps, gap), inside, 0) @ vectors.T
        n = 1 / np.expm1(gap / temperature)
        L = L + rate * ((1 + n) * dissipator(jump) + n * dissipator(jump.T))
L[0] = np.eye(4).ravel()  # trace one instead of the first equation
right = negativity(np.linalg.solve(L, np.eye(16)[0]))
weights = [np.exp(-energies / heat) for heat in np.geomspace(0.02, 2, 400)]
printed = round(max(negativity(vectors * w @ vectors.T / w.sum()) for w in weights), 9)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
