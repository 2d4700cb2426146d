"""Time the ways in which one version of QuTiP solves a few small master equations, one after the other.

Needs only NumPy and QuTiP, so that other interpreters, with other versions, can run it: problems come in as JSON
on standard input (H, and rate and jump operator of every channel), seconds a point go out.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import qutip  # noqa: E402

REPEATS = 5


def ways(h, channels):
    """Every way by name; the operators are made beforehand in all of them."""
    h = qutip.Qobj(np.array(h))
    jumps = [(rate, qutip.Qobj(np.array(jump))) for rate, jump in channels if rate > 0]
    super_h = qutip.liouvillian(h)
    super_jumps = [(rate, qutip.lindblad_dissipator(jump)) for rate, jump in jumps]
    d = h.shape[0]
    right = np.zeros(d * d)
    right[0] = 1.0

    def c_ops():
        return [np.sqrt(rate) * jump for rate, jump in jumps]

    def total(first, parts):
        for rate, part in parts:
            first = first + rate * part
        return first

    # for a small system dense superoperators add faster than sparse ones; QuTiP 4 has sparse ones only
    dense = (lambda part: part.to("dense")) if hasattr(super_h, "to") else (lambda part: part)
    dense_h, dense_jumps = dense(super_h), [(rate, dense(part)) for rate, part in super_jumps]

    def own_matrix():
        matrix = total(dense_h, dense_jumps).full()
        matrix[0] = np.eye(d).ravel()
        return np.linalg.solve(matrix, right)

    found = {
        "as shipped": lambda: qutip.steadystate(h, c_ops()),
        "its superoperators, NumPy's LAPACK": own_matrix,
    }
    for method, options in (
        ("direct", {"sparse": False}),
        ("eigen", {"sparse": False}),
        ("svd", {"sparse": False}),
    ):
        found[f"{method}, from H and jumps"] = lambda m=method, o=options: qutip.steadystate(
            h, c_ops(), method=m, **o
        )
    for method, options in {
        "direct": {},
        "direct, dense": {"sparse": False},
        "eigen": {"sparse": False},
        "svd": {},
        "power": {},
    }.items():
        kind = method.split(",")[0]
        found[method] = lambda m=kind, o=options: qutip.steadystate(
            total(super_h, super_jumps), method=m, **o
        )
    return found


def main():
    prepared = [ways(h, channels) for h, channels in json.load(sys.stdin)]
    found = {}
    for name in prepared[0]:
        try:
            for point in prepared[:3]:  # what a first call compiles or looks up is not a point's time
                point[name]()
            found[name] = []
        except Exception as error:  # a method may fail on a matrix that is singular, as this one is
            print(f"QuTiP {qutip.__version__}, {name}: {type(error).__name__}", file=sys.stderr)
    for _ in range(REPEATS):  # round by round: a slow moment of the machine meets all of them
        for name, times in found.items():
            start = time.process_time()
            for point in prepared:
                point[name]()
            times.append((time.process_time() - start) / len(prepared))
    json.dump(
        {"version": qutip.__version__, "seconds": {name: min(times) for name, times in found.items()}},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
