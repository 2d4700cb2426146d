"""Q_C where R_C enhances: never above 0 by the sentence; detuned, T_A = T_B = 2, T_C = 5, it gives heat."""

import numpy as np

LOW = np.array([[0, 0], [1, 0]])


def machine(T_C, eps_A=29.5, eps_B=10.5, Omega=10.0, T_A=2.0, T_B=2.0):
    """C (17) before its max, and Q_C (18), in the steady state of eq. (8); all rates 1; T_C = None: no R_C."""
    A, B = np.kron(LOW, np.eye(2)), np.kron(np.eye(2), LOW)
    E, ket = np.linalg.eigh(eps_A * A.T @ A + eps_B * B.T @ B + Omega * (A.T @ B + B.T @ A))
    gap = E - E[:, None]  # from the level of the column to that of the row
    flow = []  # rates between levels; secular, so that they are all that the populations feel
    for lower, T in ((A, T_A), (B, T_B), (A + B, T_C)):
        strength = 2 * (ket.T @ lower @ ket) ** 2 * (gap > 0) * (T is not None)
        n = 1 / np.expm1(np.where(gap > 0, gap, 1) / (T or 1))
        flow.append((n + 1) * strength + (n * strength).T)
    balance = sum(flow) - np.diag(sum(flow).sum(axis=0))
    balance[0] = 1  # trace one instead of the first equation
    p = np.linalg.solve(balance, np.eye(4)[0])
    rho = ket @ np.diag(p) @ ket.T
    C = 2 * (abs(rho[1, 2]) - np.sqrt(rho[0, 0] * rho[3, 3]))
    return np.array([C, -(gap * flow[2] * p).sum()])


with_it, without = machine(5.0), machine(None)
assert with_it[0] > without[0] > 0  # enhanced
printed, right = 0.0, with_it[1]
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
