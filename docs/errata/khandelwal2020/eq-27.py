"""Eq. (27): the printed critical current is negative; the state and the current at the same place say its size."""

import numpy as np

eps, g, gamma, T = 1.0, 0.5, (0.01, 0.02), (3.0, 0.01)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
H = eps * sum(s.T @ s for s in lower) + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])


def occupation(energy, temperature):
    return 1 / np.expm1(energy / temperature)


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


energies, vectors = np.linalg.eigh(H)
baths = [np.zeros((16, 16)), np.zeros((16, 16))]
for bath, sigma in enumerate(lower):
    inside = vectors.T @ sigma @ vectors
    for gap in (eps - g, eps + g):  # the two frequencies of eq. (20)
        jump = vectors @ np.where(np.isclose(energies[None] - energies[:, None], gap), inside, 0) @ vectors.T
        n = occupation(gap, T[bath])
        baths[bath] += gamma[bath] * ((1 + n) * dissipator(jump) + n * dissipator(jump.T))
L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H)) + sum(baths)
L[0] = np.eye(4).ravel()  # trace one instead of the first equation
rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4).real
hot, cold = (np.trace(H @ (bath @ rho.ravel()).reshape(4, 4)) for bath in baths)

levels = np.array([eps - g, eps + g])
up = sum(c * occupation(levels, t) for c, t in zip(gamma, T))  # Γ⁺ of eq. (24)
down, bias = up + sum(gamma), occupation(levels, T[0]) - occupation(levels, T[1])
bracket = (eps - g) * (up[1] + down[1]) * bias[0] + (eps + g) * (up[0] + down[0]) * bias[1]
outer = np.sqrt(rho[0, 0] * rho[3, 3])
printed = 2 * gamma[0] * gamma[1] * bracket * outer / (down[0] * up[1] - up[0] * down[1])
right = (hot - cold) * outer / abs(rho[1, 2])
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
