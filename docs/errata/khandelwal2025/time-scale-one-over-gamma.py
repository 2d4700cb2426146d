"""The time scale in units of 1/gamma at g = 0.005 eps, gamma = 0.1 eps."""

import numpy as np


def dissipator(to, start):
    jump = np.zeros((4, 4))
    jump[to, start] = 1
    decay = jump.T @ jump
    return np.kron(jump, jump) - (np.kron(decay, np.eye(4)) + np.kron(np.eye(4), decay)) / 2


def gap(g13, g23, gamma):
    """Slowest decay rate on |000>, |100>, |010>, |001> in the limit of eq. (3), T = eps, mu_3 = 0."""
    H = np.diag([0.0, 1, 1, 1])
    H[1, 3] = H[3, 1] = g13
    H[2, 3] = H[3, 2] = g23
    full = 1 / (np.e + 1)
    L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H)) + gamma * dissipator(1, 0)
    L = L + gamma * (full * dissipator(3, 0) + (1 - full) * dissipator(0, 3))
    return np.sort(-np.linalg.eigvals(L).real)[1]


printed, right = 1.0, 0.1 / gap(0.005, 0.005, 0.1)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
