"""Eq. (10): heat with H_S alone does not give eq. (11); with H_S + H_int it does."""

import numpy as np

eps, delta, g, gamma, T = 1.0, 0.05, 1.6e-3, (1e-3, 1.1e-2), (0.7, 0.1)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
gaps = (eps, eps + delta)
H_S = sum(gap * s.T @ s for gap, s in zip(gaps, lower))
H = H_S + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


baths = []
for k in (0, 1):
    n = 1 / np.expm1(gaps[k] / T[k])
    baths.append(gamma[k] * ((1 + n) * dissipator(lower[k]) + n * dissipator(lower[k].T)))
L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H)) + sum(baths)
L[0] = np.eye(4).ravel()  # trace one instead of the first equation
rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4)


def heat(energy, bath):
    return np.trace(energy @ (bath @ rho.ravel()).reshape(4, 4)).real


printed, right = (heat(energy, baths[0]) - heat(energy, baths[1]) for energy in (H_S, H))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
