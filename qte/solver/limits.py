"""Sizes at which one route gives way to another, and what is worked on at once: all of them, once.

Crossovers were measured (`benchmarks/solver.py`); moving one changes times, and which
digits beyond the promised ones come out, but no result.
"""

# ---- unknowns of a block -------------------------------------------------------------------------

# The elimination plan, currents with 30 digits or in whole numbers, and exact decay rates: up to here.
PLAN_LIMIT = 70
# Currents of larger blocks, by LU that residuals in whole numbers refine: up to here, a second a point.
REFINED_LIMIT = 400
# Decay rates in whole numbers: up to some ten seconds, unknowns to the fourth times bits of an entry.
SPECTRUM_LIMIT = 1.2e7
# Kernels and long-time averages in whole numbers: up to here.
EXACT_LIMIT = 100
# Short times are reached step by step from here on, where ``|L| t`` is at most so much.
LADDER_LIMIT, STEPS_LIMIT = 200, 2000.0
# Blocks that are searched for exceptional points, a few milliseconds a point of the scan.
EXCEPTIONAL_LIMIT = 256
# Dense matrices: up to here; steady states go on with sparse LU.
DENSE_LIMIT = 1500
# Orbits of pairs of basis states by dense LU (1.2 GB and a minute): up to here, then by GMRES.
ORBITS_LIMIT = 12_000

# ---- dimension of the Hilbert space ----------------------------------------------------------------

# Superoperators of single reservoirs: up to here, then their operators one by one.
SUPEROPERATOR_LIMIT = 64
# From here on the superoperator of the whole equation is not formed if it can be helped.
OPERATORS_FROM = 128

# Equations whose rows hold more entries than this on average, in so many unknowns, or more of them altogether,
# are solved by products of operators and never written down.
FULL_ROW, FULL_FROM, FULL_EQUATIONS = 48, 200, 2**22

# ---- worked on at once -----------------------------------------------------------------------------

# Bytes of the states of a grid, or of all times.
STATES_BYTES = 2**33
# Bytes of a stack of dense matrices.
CHUNK_BYTES = 2**25
# Grid points of one pass: a few entries' worth of them fit a core's cache.
CHUNK = 4096
# Unknowns times points of one elimination: few enough to stay in the cache, many enough that calls cost nothing.
PLAN_NUMBERS = 2**17
# Matrices of up to this many pairs of indices are filled pair by pair.
FILLED_BY_PAIRS = 120
