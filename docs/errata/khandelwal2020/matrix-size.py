"""Section 2 of the preprint: how many columns M has, once the trace has eliminated one population."""

import numpy as np

unknowns = np.delete(np.arange(16).reshape(4, 4).ravel(), 15)  # all entries of ρ but the last population
printed, right = 16, unknowns.size
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
