"""Fixtures for all tests."""

import os

import hypothesis

# One thread an array operation, as in the pipeline: results and timings that do not depend on the machine's load.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

# Under `make mutants` the first counterexample is enough, every run draws the same ones, and what else the machine
# does kills no mutant.
hypothesis.settings.register_profile(
    "mutants",
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    derandomize=True,
    database=None,
    deadline=None,
)
