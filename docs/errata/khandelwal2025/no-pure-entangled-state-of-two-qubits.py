"""Two qubits with a pure entangled steady state that is the only one: zero eigenvalues of the Liouvillian."""

import numpy as np

eps, g, kappa, gamma = 1.0, 0.05, 0.07, 0.1
H = np.diag([2 * eps, eps, eps, 0])  # |11>, |10>, |01>, |00>
H[1, 2] = H[2, 1] = g
flip = np.array([[0, 1], [1, 0]])
H = H + kappa * (np.kron(flip, np.eye(2)) + np.kron(np.eye(2), flip))
L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H))
for to, start in ((1, 3), (2, 3), (2, 0), (1, 0)):  # L_1 ... L_4
    jump = np.zeros((4, 4))
    jump[to, start] = 1
    decay = jump.T @ jump
    L = L + gamma * (np.kron(jump, jump) - (np.kron(decay, np.eye(4)) + np.kron(np.eye(4), decay)) / 2)
singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
assert np.abs(L @ np.outer(singlet, singlet).ravel()).max() < 1e-15  # a pure entangled state is stationary
sizes = np.linalg.svd(L, compute_uv=False)
printed, right = 2, int((sizes < 1e-12 * sizes[0]).sum())
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
