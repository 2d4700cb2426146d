"""Equations of many levels against QuTiP, in one run on one core: Redfield of 16 levels, a generic generator of 64.

    python benchmarks/library.py

Best of some runs each, setting up included: from H, couplings and spectra (or jump operators) to the steady state.
A way that takes longer than `PATIENCE` seconds is given up.  Noise on a grid is measured against the state on the
same grid, in turns.  Prints the tables of benchmarks/library.md.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import multiprocessing  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402
import qutip  # noqa: E402

from qte.machines import TwoQubitEngine  # noqa: E402
from qte.physics.baths import Bath  # noqa: E402
from qte.physics.generators import Channel, Generator, Term, eigenbasis, energy_terms  # noqa: E402
from qte.physics.hermitian_channels import hermitian_channels  # noqa: E402
from qte.physics.spectral_densities import ohmic  # noqa: E402
from qte.solver.steady import steady_state  # noqa: E402

warnings.simplefilter("ignore")
# Seconds that one way may take.
PATIENCE = 150
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
        "QuTiP, direct, sparse LU": lambda: theirs(method="direct", sparse=True),
        "QuTiP, direct, iterative GMRES": lambda: theirs(
            method="direct", solver="gmres", sparse=True, maxiter=2000
        ),
        "QuTiP, eigen, dense": lambda: theirs(method="eigen", sparse=False),
        "QuTiP, svd": lambda: theirs(method="svd"),
        "QuTiP, power": lambda: theirs(method="power", sparse=False),
        "QuTiP, propagator": lambda: theirs(method="propagator"),
    }


def timed(act, runs, end):
    """Best of some runs and what was found, or the error's name, through a pipe."""
    best, found = np.inf, None
    try:
        for _ in range(runs):
            start = time.perf_counter()
            found = act()
            best = min(best, time.perf_counter() - start)
    except Exception as error:  # a way of another library that does not get there
        end.send(type(error).__name__)
        return
    end.send((best, found))


def patiently(act, runs):
    """`timed` in a process of its own, which is ended when it takes too long."""
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=timed, args=(act, runs, far))
    process.start()
    answer = near.recv() if near.poll(PATIENCE) else f"not within {PATIENCE} s"
    process.kill()
    process.join()
    return answer


def noise_on_a_grid():
    """Processor time of noise over that of the steady state, 300 x 300 points of the two-qubit engine, in turns."""
    grid = {"T_h": np.linspace(0.3, 1.0, 300)[:, None], "delta": np.linspace(0.0, 0.05, 300)}
    best = {}

    def take(name, act):
        start = time.process_time()
        found = act()
        best[name] = min(best.get(name, np.inf), time.process_time() - start)
        return found

    def engine():
        return TwoQubitEngine(g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_c=0.1, **grid)

    def solved():
        machine = engine()
        machine.steady_state()
        return machine

    questions = {
        "noise of the heat": lambda m: m.noise("h"),
        "noise of the quanta": lambda m: m.noise("h", current="particle"),
        "cross-correlation of the heats": lambda m: m.noise("h", "c"),
        "spectrum of the quanta, one frequency": lambda m: m.noise_spectrum("h", [0.01], current="particle"),
    }
    for _ in range(8):
        for name, ask in questions.items():
            machine = take("state", solved)
            take(name, lambda ask=ask, machine=machine: ask(machine))
    return best


def main():
    print("| problem | way | seconds | largest difference |\n|---|---|---|---|")
    for problem, ways, runs in (
        ("Redfield, 16 levels", redfield(16), 5),
        ("generic, 64 levels", generic(64), 1),
    ):
        expected = None
        for way, act in ways.items():
            answer = patiently(act, runs)
            if isinstance(answer, str):
                print(f"| {problem} | {way} | {answer} | |", flush=True)
                continue
            best, found = answer
            expected = found if expected is None else expected
            print(f"| {problem} | {way} | {best:.3f} | {np.abs(found - expected).max():.1e} |", flush=True)
    print("\n| 300 x 300 points | ms of processor time | over the state |\n|---|---|---|")
    measured = noise_on_a_grid()
    for name, seconds in measured.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {seconds / measured['state']:.1f} |")


if __name__ == "__main__":
    main()
