"""Appendix C: sqrt(p_2 p_3) + |C| is the root of the largest eigenvalue of R (figure 2, T_L = omega)."""

import numpy as np

g, gamma = 0.01, np.array([0.01, 0.02])
n = 1 / np.expm1(1 / np.array([1.0, 0.1]))
low = np.array([[0, 0], [1, 0]])
s = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]  # basis |11>, |10>, |01>, |00>
H = sum(a.T @ a for a in s) + g * (s[0].T @ s[1] + s[1].T @ s[0])


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay)) / 2


baths = [gamma[k] * ((1 + n[k]) * dissipator(s[k]) + n[k] * dissipator(s[k].T)) for k in (0, 1)]
L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H)) + sum(baths)
L[0] = np.eye(4).ravel()  # trace one instead of the first equation
rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4)
flip = np.fliplr(np.diag([-1, 1, 1, -1]))
printed = np.sqrt(rho[1, 1].real * rho[2, 2].real) + abs(rho[1, 2])
right = np.linalg.eigvals(rho @ flip @ rho.conj() @ flip).real.max()
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
