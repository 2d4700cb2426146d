"""Equations of many levels against QuTiP, in one run on one core: Redfield of 16 levels, a generic generator of 64.

    python benchmarks/library.py

Best of some runs each, setting up included: from H, couplings and spectra (or jump operators) to the steady state.
Prints the table of benchmarks/library.md.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import time  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402
import qutip  # noqa: E402

from qte.physics.baths import Bath  # noqa: E402
from qte.physics.generators import Channel, Generator, Term, eigenbasis, energy_terms  # noqa: E402
from qte.physics.hermitian_channels import hermitian_channels  # noqa: E402
from qte.physics.spectral_densities import ohmic  # noqa: E402
from qte.solver.steady import steady_state  # noqa: E402

warnings.simplefilter("ignore")
BATHS = {
    "h": Bath(1.0, 0.01, spectral_density=ohmic(10.0)),
    "c": Bath(0.3, 0.02, spectral_density=ohmic(10.0)),
}


def random_matrix(rng, dim, *, hermitian):
    matrix = rng.normal(size=(dim, dim))
    return (matrix + matrix.T) / 2 if hermitian else matrix / dim


def redfield(dim):
    """Ours and QuTiP's ways to the same steady state, by name."""
    rng = np.random.default_rng(0)
    h, *couplings = (random_matrix(rng, dim, hermitian=True) for _ in range(3))

    def ours():
        basis = eigenbasis((Term.of(1.0, h),), (), dim)
        channels = ()
        for (label, bath), a in zip(BATHS.items(), couplings, strict=True):
            channels += hermitian_channels(label, bath, (Term.of(1.0, a),), basis, (), form="redfield")
        generator = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=False)
        return steady_state(generator).rho

    def spectrum(bath):
        gamma, T = float(bath.coupling), float(bath.temperature)

        def rate(w):
            return gamma * T if w == 0 else gamma * abs(w) * np.exp(-abs(w) / 10) / abs(np.expm1(-w / T))

        return lambda w: rate(w)

    def theirs(computed, **options):
        pairs = [[qutip.Qobj(a), spectrum(bath)] for a, bath in zip(couplings, BATHS.values(), strict=True)]
        tensor = qutip.bloch_redfield_tensor(
            qutip.Qobj(h), pairs, sec_cutoff=-1, fock_basis=True, br_computation_method=computed
        )
        return qutip.steadystate(tensor, **options).full()

    ways = {"qte": ours}
    for computed in ("sparse", "dense", "matrix"):
        for sparse in (True, False):
            name = f"QuTiP, tensor {computed}, direct {'sparse' if sparse else 'dense'}"
            ways[name] = lambda c=computed, s=sparse: theirs(c, method="direct", sparse=s)
    return ways


def generic(dim):
    """A full Hamiltonian and two full jump operators."""
    rng = np.random.default_rng(1)
    h = random_matrix(rng, dim, hermitian=True)
    jumps = [random_matrix(rng, dim, hermitian=False) for _ in range(2)]

    def ours():
        channels = tuple(Channel.of("b", 0.3, j) for j in jumps)
        return steady_state(Generator((Term.of(1.0, h),), channels)).rho

    def theirs(**options):
        return qutip.steadystate(
            qutip.Qobj(h), [np.sqrt(0.3) * qutip.Qobj(j) for j in jumps], **options
        ).full()

    return {
        "qte": ours,
        "QuTiP, direct dense": lambda: theirs(method="direct", sparse=False),
        "QuTiP, direct, iterative GMRES": lambda: theirs(
            method="direct", solver="gmres", sparse=True, maxiter=2000
        ),
        "QuTiP, power": lambda: theirs(method="power"),
    }


def main():
    print("| problem | way | seconds | largest difference |\n|---|---|---|---|")
    for problem, ways, runs in (
        ("Redfield, 16 levels", redfield(16), 5),
        ("generic, 64 levels", generic(64), 1),
    ):
        expected = None
        for way, act in ways.items():
            best = np.inf
            try:
                for _ in range(runs):
                    start = time.perf_counter()
                    found = act()
                    best = min(best, time.perf_counter() - start)
            except Exception as error:  # a way of another library that does not get there
                print(f"| {problem} | {way} | no answer: {type(error).__name__} | |", flush=True)
                continue
            expected = found if expected is None else expected
            print(f"| {problem} | {way} | {best:.3f} | {np.abs(found - expected).max():.1e} |", flush=True)


if __name__ == "__main__":
    main()
