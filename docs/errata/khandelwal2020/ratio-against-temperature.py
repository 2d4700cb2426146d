"""Figure 3b: J/J_c = |c|/√(r₁r₄) at δ = 0, at T_h = 0.4714 and at T_h = 1.5 ε_h: it does not go on rising."""

import numpy as np

eps, g, gamma, T_c = 1.0, 1.6e-3, (1e-3, 1.1e-2), 0.1
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
H = eps * sum(s.T @ s for s in lower) + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


def ratio(T_h):
    L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H))
    for sigma, rate, T in zip(lower, gamma, (T_h, T_c)):
        n = 1 / np.expm1(eps / T)
        L = L + rate * ((1 + n) * dissipator(sigma) + n * dissipator(sigma.T))
    L[0] = np.eye(4).ravel()  # trace one instead of the first equation
    rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4)
    return abs(rho[1, 2]) / np.sqrt(rho[0, 0].real * rho[3, 3].real)


printed, right = ratio(0.4714), ratio(1.5)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
