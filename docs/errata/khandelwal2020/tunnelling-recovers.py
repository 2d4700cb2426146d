"""Figure 4: the negativity at κ_max and δ = 0.01 ε_h against that at δ = κ = 0, T_h = 0.7 ε_h."""

import numpy as np

eps, g, gamma, T = 1.0, 1.6e-3, (1e-3, 1.1e-2), (0.7, 0.1)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


def negativity(delta, kappa):
    gaps = (eps, eps + delta)
    H = sum(gap * s.T @ s for gap, s in zip(gaps, lower)) + kappa * (lower[0] + lower[0].T)
    H = H + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])
    L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H.T))
    for sigma, rate, gap, temperature in zip(lower, gamma, gaps, T):
        n = 1 / np.expm1(gap / temperature)
        L = L + rate * ((1 + n) * dissipator(sigma) + n * dissipator(sigma.T))
    L[0] = np.eye(4).ravel()  # trace one instead of the first equation
    rho = np.linalg.solve(L, np.eye(16)[0]).reshape(2, 2, 2, 2)
    values = np.linalg.eigvalsh(rho.swapaxes(0, 2).reshape(4, 4))
    return -values[values < 0].sum()


printed, right = negativity(0, 0), max(negativity(0.01, k) for k in np.linspace(0.0702, 0.0707, 201))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
