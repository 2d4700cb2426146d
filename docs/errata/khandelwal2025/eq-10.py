"""Fidelity of the steady state of five qubits (n = 3, U = mu = infinity) with eq. (10) at equal couplings."""

import numpy as np

triangles = [(0, 1), (0, 3), (1, 3), (0, 2), (0, 4), (2, 4)]  # qubits 1 ... 5 counted from 0; sinks 3 and 4
words = [[k for k in range(5) if code >> k & 1] for code in range(32)]
words = [w for w in words if not any(i in w and j in w for i, j in triangles)]
size, g, gamma, full = len(words), 0.05, 0.1, 1 / (np.e + 1)  # T = eps, mu_sink = 0


def move(leave, enter):
    """Matrix that empties the qubits `leave` and fills the qubits `enter`, without two excited neighbours."""
    out = np.zeros((size, size))
    for column, word in enumerate(words):
        target = sorted(set(word) - set(leave) | set(enter))
        if set(leave) <= set(word) and not set(enter) & set(word) and target in words:
            out[words.index(target), column] = 1
    return out


def dissipator(jump):
    decay, one = jump.T @ jump, np.eye(size)
    return np.kron(jump, jump) - (np.kron(decay, one) + np.kron(one, decay)) / 2


hops = [move([i], [j]) for i, j in ((0, 3), (1, 3), (0, 4), (2, 4))]
H = g * sum(hop + hop.T for hop in hops)
L = -1j * (np.kron(H, np.eye(size)) - np.kron(np.eye(size), H)) + gamma * dissipator(move([], [0]))
for sink in (3, 4):
    L = L + gamma * (full * dissipator(move([], [sink])) + (1 - full) * dissipator(move([sink], [])))
L[0] = np.eye(size).ravel()  # trace one instead of the first equation
rho = np.linalg.solve(L, np.eye(size**2)[0]).reshape(size, size)
W = sum(sign * np.eye(size)[words.index([k])] for k, sign in enumerate((1, -1, -1))) / np.sqrt(3)
printed, right = 1.0, (W @ rho @ W).real
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
