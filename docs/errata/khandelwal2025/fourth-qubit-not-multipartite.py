"""Fidelity with W_3 of qubits 1, 2, 4 at one sink, long after all were empty; 2/3 without tripartite entanglement."""

import numpy as np

g, gamma, full = (
    (0.1, 0.05, 0.05),
    0.1,
    1 / (np.e + 1),
)  # limit of eq. (3), T = eps; |0>, |1>, |2>, |4>, |sink>


def dissipator(to, start):
    jump = np.zeros((5, 5))
    jump[to, start] = 1
    decay = jump.T @ jump
    return np.kron(jump, jump) - (np.kron(decay, np.eye(5)) + np.kron(np.eye(5), decay)) / 2


H = np.zeros((5, 5))
H[4, 1:4] = H[1:4, 4] = g
L = -1j * (np.kron(H, np.eye(5)) - np.kron(np.eye(5), H)) + gamma * dissipator(1, 0)
L = L + gamma * (full * dissipator(4, 0) + (1 - full) * dissipator(0, 4))
empty, s = np.diag([1.0, 0, 0, 0, 0]), 1e-10
# the long-time average of exp(L t) rho is s (s - L)^-1 rho for s -> 0
rho = s * np.linalg.solve(s * np.eye(25) - L, empty.ravel()).reshape(5, 5)
W = np.array([0, 1, -1, -1, 0]) / np.sqrt(3)
printed, right = 2 / 3, (W @ rho @ W).real
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
