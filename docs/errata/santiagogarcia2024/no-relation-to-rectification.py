"""Section III.2: no entanglement without rectification here, J/J_c for gamma_L = gamma_R."""

import numpy as np

g, gamma = 0.01, np.array([0.01, 0.01])
n = np.array([1 / np.expm1(1 / 1.0), 0.0])  # T_R -> 0
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
heat = [np.trace(H @ (bath @ rho.ravel()).reshape(4, 4)).real for bath in baths]
critical = 4 * g * np.sqrt(rho[0, 0].real * rho[3, 3].real)
printed = 1.0  # what entanglement needs at least
right = (heat[0] - heat[1]) / critical
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
