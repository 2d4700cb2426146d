"""Decay rate of a qubit's coherence under eq. (21), over gamma: 1 if gamma is 1/T_2 - 1/(2 T_1); it is 2."""

import numpy as np

gamma = 3.5e-5  # GHz
sigma_z = np.diag([1.0, -1.0])
D_A, D_B = np.kron(sigma_z, np.eye(2)), np.kron(np.eye(2), sigma_z)
plus = np.full((2, 2), 0.5)
rho = np.kron(plus, np.diag([0.0, 1.0]))  # qubit A in (|0> + |1>)/sqrt 2, qubit B in |0>
change = gamma * (D_A @ rho @ D_A + D_B @ rho @ D_B - 2 * rho)
printed, right = 1.0, -change[1, 3] / rho[1, 3] / gamma
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
