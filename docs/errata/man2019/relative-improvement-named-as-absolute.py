"""Figure 7(b) at T = 0.4, T_C = 0.1 GHz: the relative improvement (C_ABC - C_AB)/C_AB, and Delta C of section III A."""

import numpy as np

eps, Omega, Gamma, gamma, T, T_C = 1.0, 0.7, 0.01, 3.5e-5, 0.4, 0.1
low, one = np.array([[0, 0], [1, 0]]), np.eye(4)
A, B = np.kron(low, np.eye(2)), np.kron(np.eye(2), low)
H = eps * (A.T @ A + B.T @ B) + Omega * (A.T @ B + B.T @ A)
E, ket = np.linalg.eigh(H)


def dissipator(V):
    return 2 * np.kron(V, V) - np.kron(V.T @ V, one) - np.kron(one, V.T @ V)


def concurrence(common):
    L = -1j * (np.kron(H, one) - np.kron(one, H))
    for D in (A.T @ A - A @ A.T, B.T @ B - B @ B.T):  # sigma_z, eq. (21)
        L = L + gamma * (np.kron(D, D) - np.eye(16))
    for lower, bath in ((A, T), (B, T)) + (((A + B, T_C),) if common else ()):
        for omega in (eps - Omega, eps + Omega):
            V = ket @ np.where(np.isclose(E - E[:, None], omega), ket.T @ lower @ ket, 0) @ ket.T
            n = 1 / np.expm1(omega / bath)
            L = L + Gamma * ((n + 1) * dissipator(V) + n * dissipator(V.T))
    L[0] = one.ravel()  # trace one instead of the first equation
    rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4)
    return 2 * (abs(rho[1, 2]) - np.sqrt((rho[0, 0] * rho[3, 3]).real))


right = concurrence(True) - concurrence(False)
printed = right / concurrence(False)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
