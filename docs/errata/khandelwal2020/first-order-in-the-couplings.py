"""Section 3: the order of the current in the couplings at δ = 0.01 ε_h, the detuning of figure 4."""

import numpy as np

eps, delta, T = 1.0, 0.01, (0.7, 0.1)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
gaps = (eps, eps + delta)
H_S = sum(gap * s.T @ s for gap, s in zip(gaps, lower))


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(4)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2


def current(scale):
    """Q_h − Q_c with all couplings times `scale`."""
    g, gamma = 1.6e-3 * scale, (1e-3 * scale, 1.1e-2 * scale)
    H = H_S + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])
    baths = []
    for k in (0, 1):
        n = 1 / np.expm1(gaps[k] / T[k])
        baths.append(gamma[k] * ((1 + n) * dissipator(lower[k]) + n * dissipator(lower[k].T)))
    L = -1j * (np.kron(H, np.eye(4)) - np.kron(np.eye(4), H)) + sum(baths)
    L[0] = np.eye(4).ravel()  # trace one instead of the first equation
    rho = np.linalg.solve(L, np.eye(16)[0])
    hot, cold = (np.trace(H @ (bath @ rho).reshape(4, 4)).real for bath in baths)
    return hot - cold


step = 1e-3
printed, right = 1.0, np.log(current(1 + step) / current(1 - step)) / np.log((1 + step) / (1 - step))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
