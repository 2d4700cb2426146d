"""Section III.2: at how many couplings g one and two qubits between unlike baths have equal contrasts."""

import numpy as np

gL, gR = 0.02, 0.01  # bosonic left and fermionic right bath, temperatures omega and omega/10


def current(TL, TR, g):
    nL, nR = 1 / np.expm1(1 / TL), 1 / (np.exp(1 / TR) + 1)
    a, b = 1 + 2 * nL, 1.0  # 1 + (epsilon - epsilon_a) n of eq. (6)
    one = 2 * gL * gR * (nL - nR - 2 * nL * nR) / (gL * a + gR * b)  # eq. (7)
    return one / (1 + gL * gR / (4 * g**2) * a * b)


def contrast(g):
    forward, backward = current(1.0, 0.1, g), current(0.1, 1.0, g)
    return abs((forward + backward) / (forward - backward))


g = np.geomspace(1e-4, 1, 20_001)
excess = contrast(g) - contrast(1e9)  # one qubit: an infinitely stiff bond
printed, right = 0, np.count_nonzero(np.diff(np.sign(excess)))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
