"""Section 2 of the preprint: |c| at g = 0.05 ε by the local equation and by the Redfield equation."""

import numpy as np

eps, g, gamma, T = 1.0, 0.05, (1e-3, 1.1e-2), (0.7, 0.1)
low = np.array([[0, 0], [1, 0]])
lower = [np.kron(low, np.eye(2)), np.kron(np.eye(2), low)]
H = eps * sum(s.T @ s for s in lower) + g * (lower[0].T @ lower[1] + lower[1].T @ lower[0])
energies, vectors = np.linalg.eigh(H)
gaps = energies[None, :] - energies[:, None]
one = np.eye(4)


def coherence(occupations):
    """Modulus of <10|rho|01>; `occupations` at the transitions between eigenstates."""
    L = -1j * (np.kron(H, one) - np.kron(one, H))
    for sigma, rate, n in zip(lower, gamma, occupations):
        inside = vectors.T @ sigma @ vectors
        for jump, weight in ((inside, rate * (1 + n)), (inside.T, rate * n.T)):
            a, b = (vectors @ m @ vectors.T for m in (jump, jump * weight / 2))
            L = L + np.kron(b, a) + np.kron(a, b) - np.kron(a.T @ b, one) - np.kron(one, (b.T @ a).T)
    L[0] = one.ravel()  # trace one instead of the first equation
    return abs(np.linalg.solve(L, np.eye(16)[0])[6])


def n(gap, temperature):
    return 1 / np.expm1(gap / temperature)


printed = coherence([np.full((4, 4), n(eps, t)) for t in T])
right = coherence([n(np.where(gaps > 0.5, gaps, 1), t) for t in T])
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
