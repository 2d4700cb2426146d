"""Eq. (31): the square of gamma_R where gamma_R^+ belongs; figure 2, T_L = omega, T_R = omega/2."""

import numpy as np

g, gamma = 0.01, np.array([0.01, 0.02])
n = 1 / np.expm1(1 / np.array([1.0, 0.5]))
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
lp, rp = gamma * n
lm, rm = gamma * (1 + n)
left, other = lm + lp, rm + rp  # epsilon_a = -1
top = 4 * (lp + rp) * g**2 + lp * (rm + rp) * (lm + rm + lp + gamma[1] ** 2)
printed = top / ((4 * g**2 + left * other) * (left + other))
right = np.trace(s[0].T @ s[0] @ rho).real
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
