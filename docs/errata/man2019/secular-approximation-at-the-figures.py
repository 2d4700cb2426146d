"""C without R_C at figure 5(a), T_A = 5, T_B = 8: eq. (8), and the same without the secular approximation."""

import numpy as np

eps_A, eps_B, Omega, one = 20.475, 19.525, 6.0, np.eye(4)
low = np.array([[0, 0], [1, 0]])
A, B = np.kron(low, np.eye(2)), np.kron(np.eye(2), low)
H = eps_A * A.T @ A + eps_B * B.T @ B + Omega * (A.T @ B + B.T @ A)
E, ket = np.linalg.eigh(H)


def parts(lower):
    """V_1 and V_2 of eq. (7) with their frequencies."""
    for omega in (E[1], E[2]):
        yield omega, ket @ np.where(np.isclose(E - E[:, None], omega), ket.T @ lower @ ket, 0) @ ket.T


def pair(X, Y):
    """X rho Y^+ - Y^+ X rho and its conjugate: eq. (9) for X = Y."""
    left = np.kron(X, Y) - np.kron(Y.T @ X, one)
    return left + np.kron(Y, X) - np.kron(one, Y.T @ X)


def concurrence(secular):
    L = -1j * (np.kron(H, one) - np.kron(one, H))
    for lower, T in ((A, 5.0), (B, 8.0)):
        for omega, V in parts(lower):
            n = 1 / np.expm1(omega / T)
            for other, W in parts(lower):
                if other == omega or not secular:
                    L = L + (n + 1) * pair(V, W) + n * pair(V.T, W.T)
    L[0] = one.ravel()  # trace one instead of the first equation
    rho = np.linalg.solve(L, np.eye(16)[0]).reshape(4, 4)
    return 2 * (abs(rho[1, 2]) - np.sqrt((rho[0, 0] * rho[3, 3]).real))


printed, right = concurrence(True), concurrence(False)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
