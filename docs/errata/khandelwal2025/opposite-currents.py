"""Heat from the two reservoirs into the empty machine, t = 0 of figure 2a with gamma = 0.1 eps, T = eps."""

import numpy as np

eps, gamma, T = 1.0, 0.1, 1.0
energies = np.array(
    [0.0, eps, eps, eps]
)  # |000>, |100>, |010>, |001>; the couplings have no part in Tr(H D rho) here
rho = np.diag([1.0, 0, 0, 0])


def heat(*jumps):
    """Tr(H D rho) of jumps (rate, to, start)."""
    change = np.zeros((4, 4))
    for rate, to, start in jumps:
        jump = np.zeros((4, 4))
        jump[to, start] = 1
        decay = jump.T @ jump
        change += rate * (jump @ rho @ jump.T - (decay @ rho + rho @ decay) / 2)
    return np.trace(np.diag(energies) @ change)


full = 1 / (np.exp(eps / T) + 1)
first, third = heat((gamma, 1, 0)), heat((gamma * full, 3, 0), (gamma * (1 - full), 0, 3))
printed, right = -abs(third) * np.sign(first), third  # opposite to the first, says the text
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
