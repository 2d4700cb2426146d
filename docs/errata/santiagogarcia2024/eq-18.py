"""Eq. (18): the second sum has N terms; a row of N qubits, figure 3, has N - 1 neighbours (N = 3)."""

import numpy as np

N = 3
printed = np.arange(1, N + 1).size
right = sum(abs(j - k) == 1 for j in range(N) for k in range(j))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
