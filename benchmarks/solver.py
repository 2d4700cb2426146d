"""Measure the steady-state solver in one run and write ``benchmarks/solver.md`` and ``solver.svg``.

Speed on parameter grids against QuTiP (as shipped, and the fastest of its ways), plain NumPy and the closed
form; cost as machines grow; and the hard cases of the tests through QuTiP and NumPy beside qte.  ``--large``
adds the W machine of 11 qubits; ``--qutip PYTHON`` adds the QuTiP of another interpreter (``python -m venv old &&
old/bin/pip install qutip==5.1.1``, then ``--qutip old/bin/python``).
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402
import cProfile  # noqa: E402
import json  # noqa: E402
import multiprocessing  # noqa: E402
import platform  # noqa: E402
import pstats  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import mpmath as mp  # noqa: E402
import numpy as np  # noqa: E402

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from qte.machines import SpinChain, ThreeQubitMachine, TwoQubitEngine, WStateMachine  # noqa: E402
from qte.papers.khandelwal2020 import equations as closed  # noqa: E402
from qte.solver.block_solver import PLAN_NUMBERS  # noqa: E402
from tests.hard_cases import CASES, Case, numpy_steady, qutip_steady  # noqa: E402
from tests.hard_models import Model, channels_of, floats, three_qubits, two_qubits  # noqa: E402

GRID = 1000
SOLVED_ONE_BY_ONE = 40
REPEATS = 5
CHUNK = PLAN_NUMBERS // 6


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Shortest of several processor times, s: one thread, so what other processes do does not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def best_of_each(works: dict[str, Callable[[], Any]], rounds: int = 15) -> dict[str, float]:
    """`best` of several works, taken in turns: a slow moment of the machine meets all of them."""
    found = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            found[name] = min(found[name], best(work, 1))
    return found


# ---- one point after the other: QuTiP ------------------------------------------------------------


def one_by_one(models: list[Model], pythons: list[str]) -> dict[str, dict[str, float]]:
    """Seconds a point by version and way, each version in an interpreter of its own."""
    problems = json.dumps(
        [
            (floats(m.h).tolist(), [(float(rate), floats(jump).tolist()) for rate, jump in channels_of(m)])
            for m in models
        ]
    )
    found = {}
    for python in pythons:
        script = str(PROJECT / "benchmarks" / "qutip_ways.py")
        done = subprocess.run([python, script], input=problems, capture_output=True, text=True, check=True)
        answer = json.loads(done.stdout)
        found[answer["version"]] = answer["seconds"]
    return found


def batched_lapack(model: Callable[[dict], Model], points: list[dict]) -> float:
    """Plain NumPy: all d^2 x d^2 systems at once, matrices ready made; seconds a point."""
    matrices = []
    for p in points:
        built = model(p)
        h = floats(built.h)
        one = np.eye(len(h))
        matrix = -1j * (np.kron(h, one) - np.kron(one, h.T))
        for rate, jump in channels_of(built):
            a = floats(jump)
            decay = a.T @ a
            matrix = matrix + float(rate) * (np.kron(a, a) - (np.kron(decay, one) + np.kron(one, decay)) / 2)
        matrix[0] = one.ravel()
        matrices.append(matrix)
    stack = np.array(matrices)
    stack = np.tile(stack, (max(1, 2000 // len(stack)), 1, 1))
    right = np.zeros((*stack.shape[:2], 1))
    right[:, 0] = 1.0
    return best(lambda: np.linalg.solve(stack, right), 3) / len(stack)


# ---- grids ---------------------------------------------------------------------------------------


def two_qubit_grid(pythons: list[str]) -> dict[str, Any]:
    delta, t_h = np.linspace(0.0, 0.06, GRID)[:, None], np.linspace(0.11, 1.5, GRID)
    rest = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_c": 0.1}

    def engine() -> TwoQubitEngine:
        return TwoQubitEngine(delta=delta, T_h=t_h, **rest)

    def closed_form() -> None:
        """khandelwal2020 eqs. (7)-(9): rates computed once, chunks as large as those of qte, results kept."""
        out = np.empty((6, GRID**2))
        flat = np.broadcast_to(delta, (GRID, GRID)).ravel(), np.broadcast_to(t_h, (GRID, GRID)).ravel()
        cold, hot = rest["gamma_c"], rest["gamma_h"]
        for start in range(0, GRID**2, CHUNK):
            d, t = (a[start : start + CHUNK] for a in flat)
            hp, cp = hot / np.expm1(1.0 / t), cold / np.expm1((1.0 + d) / rest["T_c"])
            hm, cm = hp + hot, cp + cold
            h, c = hp + hm, cp + cm
            total, mix = h + c, 4 * rest["g"] ** 2
            split = total**2 + 4 * d**2
            chi = mix * total**2 + h * c * split
            up, down = hp + cp, hm + cm
            part = out[:, start : start + CHUNK]
            part[0], part[1] = (
                (mix * up**2 + hp * cp * split) / chi,
                (mix * down * up + hp * cm * split) / chi,
            )
            part[2], part[3] = (
                (mix * down * up + hm * cp * split) / chi,
                (mix * down**2 + hm * cm * split) / chi,
            )
            flow = 2 * rest["g"] * (hp * cm - hm * cp) / chi
            part[4], part[5] = flow * total, flow * -2 * d

    def printed_form() -> None:
        p = closed.WeakCoupling(eps_h=1.0, delta=delta, T_h=t_h, **rest)
        closed.eq07_populations(p)
        closed.eq08_coherence(p)

    def everything() -> None:
        machine = engine()
        state = machine.steady_state()
        _ = (
            state.rho,
            machine.net_current(),
            machine.critical_current(),
            machine.negativity(),
            state.unique.all(),
        )

    rng = np.random.default_rng(1)
    draws = [
        rest | {"delta": float(rng.uniform(0, 0.06)), "T_h": float(rng.uniform(0.11, 1.5))}
        for _ in range(SOLVED_ONE_BY_ONE)
    ]
    grids = {"qte": lambda: engine().steady_state(), "closed": closed_form, "printed": printed_form}
    return {
        **{name: seconds / GRID**2 for name, seconds in best_of_each(grids).items()},
        "everything": best(everything, 3),
        "profile": where_time_goes(grids["qte"]),
        "numpy": batched_lapack(two_qubits, draws),
        "qutip": one_by_one([two_qubits(p) for p in draws], pythons),
    }


def three_qubit_grid(pythons: list[str]) -> dict[str, Any]:
    size = 200
    rest = {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0}
    u, mu = np.linspace(0.1, 20, size)[:, None], np.linspace(0.0, 20, size)
    rng = np.random.default_rng(2)
    draws = [
        rest | {"U": float(rng.uniform(0.1, 20)), "mu": float(rng.uniform(0, 20))}
        for _ in range(SOLVED_ONE_BY_ONE // 2)
    ]
    return {
        "qte": best(lambda: ThreeQubitMachine(U=u, mu=mu, **rest).steady_state(), 15) / size**2,
        "numpy": batched_lapack(three_qubits, draws),
        "qutip": one_by_one([three_qubits(p) for p in draws], pythons),
    }


def where_time_goes(work: Callable[[], Any]) -> list[tuple[str, float]]:
    """Shares of the time of `work` by stage, from the profiler, which itself costs little on long rows."""
    profiler = cProfile.Profile()
    work()
    profiler.enable()
    for _ in range(REPEATS):
        work()
    profiler.disable()
    stats: Any = pstats.Stats(profiler)
    spent = {
        (Path(file).name, name): cumulative for (file, _, name), (*_, cumulative, _) in stats.stats.items()
    }
    chunk = {
        "entries of the equations from the rates": ("blocks.py", "entries"),
        "coherences eliminated": ("elimination.py", "reduce"),
        "populations, without subtractions": ("elimination.py", "stationary_rows"),
        "coherences restored": ("elimination.py", "back_substitute"),
        "bound of their round-off": ("block_solver.py", "_precise"),
    }
    stages = {
        "operators, channels and rates of the baths": spent["base.py", "generator"],
        "equations as a sparse pattern": spent["blocks.py", "superoperator"],
        **{stage: spent[key] for stage, key in chunk.items()},
        "signs and finiteness": spent["block_solver.py", "_eliminate"]
        - sum(spent[key] for key in chunk.values()),
        "results written": spent["block_solver.py", "solve"] - spent["block_solver.py", "_eliminate"],
    }
    stages["the rest"] = stats.total_tt - sum(stages.values())
    return [(stage, seconds / stats.total_tt) for stage, seconds in stages.items()]


# ---- growth --------------------------------------------------------------------------------------


def peak_memory() -> float:
    """Largest resident memory of this process, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held before it started this process
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(work: Callable[..., Any], argument: Any, queue: Any) -> None:
    start = time.perf_counter()
    work(argument)
    queue.put((time.perf_counter() - start, peak_memory()))


def apart(work: Callable[..., Any], argument: Any) -> tuple[float, float]:
    """Seconds and peak memory (MB) in a process of its own."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_apart, args=(work, argument, queue))
    process.start()
    result = queue.get()
    process.join()
    return result


def w_state(setting: tuple[int, str]) -> None:
    n, coulomb = setting
    machine = WStateMachine(n=n, g=0.05, gamma=0.1, T=1.0, U=15.0, mu=8.0, coulomb=coulomb)
    machine.fidelity("W")


def spin_chain(n: int) -> None:
    machine = SpinChain(N=n, g=0.3, gamma_L=0.1, gamma_R=0.2, T_L=1.0, T_R=0.1)
    _ = machine.net_current(), machine.occupations(), machine.contrast(), machine.correlations()


def growth(large: bool) -> dict[str, list[tuple[int, float, float]]]:
    top = 6 if large else 5
    rows = {
        f"W machine, {c}": [(n, *apart(w_state, (n, c))) for n in range(2, top + 1)]
        for c in ("triangles", "all_pairs")
    }
    rows["spin chain"] = [(n, *apart(spin_chain, n)) for n in (10, 30, 100, 300, 1000)]
    return rows


# ---- hard cases ----------------------------------------------------------------------------------


def relative(value: float, exact: Any) -> str:
    with mp.workdps(50):
        error = float(abs(mp.mpf(float(value)) / exact - 1)) if exact else abs(float(value))
    return f"{error:.0e}"


def hard_case(case: Case) -> str:
    exact = case.exact()
    plain = []
    for solve in (numpy_steady, qutip_steady):
        try:
            plain.append(relative(case.plain(solve), exact))
        except Exception as error:  # what a user would see is worth a cell of its own
            plain.append(type(error).__name__)
    return (
        f"| {case.name} | {float(exact):.3e} | {relative(case.computed(), exact)} | {plain[0]} | {plain[1]} |"
    )


# ---- the page ------------------------------------------------------------------------------------


def speed_rows(two: dict[str, Any], three: dict[str, Any]) -> list[str]:
    def row(name: str, a: float | None, b: float | None) -> str:
        cells = [
            f"{1e6 * t:.3g} | {t / found['qte']:.3g}" if t else "– | –" for t, found in ((a, two), (b, three))
        ]
        return f"| {name} | {cells[0]} | {cells[1]} |"

    rows = [
        row("closed form, rates once, in chunks", two["closed"], None),
        row("closed form, eqs. (7)-(9) as printed", two["printed"], None),
        row("qte, build and solve", two["qte"], three["qte"]),
    ]
    rows.append(row("NumPy, batched d²×d² LAPACK, matrices ready made", two["numpy"], three["numpy"]))
    for version in two["qutip"]:
        fastest = [by_kind(found["qutip"][version]) for found in (two, three)]
        for kind in fastest[0]:
            methods = sorted({found[kind][0] for found in fastest})
            name = kind if methods == [""] else f"{kind}: {' or '.join(methods)}"
            rows.append(row(f"QuTiP {version}, {name}", fastest[0][kind][1], fastest[1][kind][1]))
    return rows


def by_kind(seconds: dict[str, float]) -> dict[str, tuple[str, float]]:
    """The fastest method, and its seconds, of three ways to put the question; NumPy on QuTiP's matrices beside them."""
    built = {w.split(",")[0]: t for w, t in seconds.items() if "from H" in w}
    alone = ("as shipped", "its superoperators, NumPy's LAPACK")
    added = {w: t for w, t in seconds.items() if w not in alone and "from H" not in w}
    best_built, best_added = (min(found.items(), key=lambda pair: pair[1]) for found in (built, added))
    return {
        "as shipped": ("", seconds["as shipped"]),
        "from H and jumps": best_built,
        "superoperators made beforehand": best_added,
        alone[1]: ("", seconds[alone[1]]),
    }


def quickest(found: dict[str, Any], kinds: tuple[str, ...]) -> tuple[str, float]:
    """Version, and time over that of qte, of the fastest `steadystate` of some kinds."""
    times = [(v, by_kind(t)[kind][1] / found["qte"]) for v, t in found["qutip"].items() for kind in kinds]
    return min(times, key=lambda pair: pair[1])


def page(two: dict[str, Any], three: dict[str, Any], grown: dict[str, Any], cases: list[str]) -> str:
    built = [quickest(found, ("as shipped", "from H and jumps")) for found in (two, three)]
    added = [quickest(found, ("superoperators made beforehand",)) for found in (two, three)]
    lines = [
        "# The steady-state solver, measured",
        "",
        f"Written by `make bench-solver` in one run: processor time of one thread, {platform.machine()},",
        f"NumPy {np.__version__}.",
        f"The two-qubit grid has {GRID} × {GRID} points; QuTiP and LAPACK solve random",
        "points of the same grid. Ratios are times over that of qte. QuTiP's operators are made beforehand;",
        "*as shipped* is `steadystate(H, c_ops)`, *from H and jumps* the fastest `method=` of it, *superoperators",
        "made beforehand* only adds these up, each times its rate, and takes the fastest method. Every version of",
        "QuTiP runs in an interpreter of its own, on the same problems.",
        "",
        "| | two qubits, µs a point | ratio | three qubits, µs a point | ratio |",
        "|---|---|---|---|---|",
        *speed_rows(two, three),
        "",
        f"Build and solve from first principles, H and jumps in, state out: QuTiP's best ({built[0][0]}) takes",
        f"{built[0][1]:.0f} times as long (three qubits: {built[1][1]:.0f}, {built[1][0]}). When QuTiP only adds up",
        f"superoperators made beforehand, which qte does not, it is {added[0][1]:.0f} times ({added[0][0]}; three",
        f"qubits: {added[1][1]:.0f}, {added[1][0]}). QuTiP 5.2 and 5.3 spend most of a small direct solve on",
        "rebuilding dispatch tables: *as shipped* is not the cost of their method, and no ratio in this paragraph",
        "rests on it.",
        f"Build and solve take {two['qte'] / two['closed']:.1f} times the closed form written for speed and",
        f"{two['qte'] / two['printed']:.1f} times the printed one.",
        "dynamiqs 0.3.7 has no steady-state solver.",
        "",
        "Where the time of the two-qubit grid goes, by the profiler:",
        "",
        "| stage | share |",
        "|---|---|",
        *(f"| {stage} | {100 * share:.0f} % |" for stage, share in two["profile"]),
        "",
        "The closed form does not look whether its numbers are any, or of the right sign. NumPy reads and writes a",
        "whole chunk for every operation; fused in compiled code both would come nearer to the cost of their results.",
        "",
        f"State, J, J_c, negativity and uniqueness on the whole two-qubit grid: {two['everything']:.2f} s.",
        "",
        "## Growth",
        "",
        "![time against size](solver.svg)",
        "",
        "Away from the ideal limit, state and fidelity; each in a process of its own, imports not counted. Wall time.",
        "",
        "| | size | s | MB |",
        "|---|---|---|---|",
        *(f"| {name} | {n} | {t:.2f} | {m:.0f} |" for name, rows in grown.items() for n, t, m in rows),
        "",
        "## Hard cases",
        "",
        "Relative errors against mpmath (150 digits, 400 where populations are below e^-200). NumPy and QuTiP get the",
        "same master equation with exact rates rounded once. QuTiP's default method.",
        "",
        "| case | value | qte | NumPy | QuTiP |",
        "|---|---|---|---|---|",
        *cases,
    ]
    return "\n".join(lines) + "\n"


def draw(grown: dict[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "qte"
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 2.8), layout="constrained")
    for name, style in (("W machine, triangles", "o-"), ("W machine, all_pairs", "s--")):
        n, seconds, _ = zip(*grown[name], strict=True)
        left.semilogy(n, seconds, style, label=name.split(", ")[1].replace("_", " "))
    left.set(xlabel="n (qubits: 2n − 1)", ylabel="time (s)", title="(a) W machine")
    left.legend(frameon=False)
    n, seconds, _ = zip(*grown["spin chain"], strict=True)
    right.loglog(n, seconds, "o-")
    right.set(xlabel="N", ylabel="time (s)", title="(b) spin chain")
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also the W machine of 11 qubits")
    parser.add_argument(
        "--qutip",
        metavar="PYTHON",
        action="append",
        default=[],
        help="an interpreter with another QuTiP; may be repeated",
    )
    options = parser.parse_args()
    pythons, large = [sys.executable, *options.qutip], options.large
    two, three = two_qubit_grid(pythons), three_qubit_grid(pythons)
    print("\n".join(speed_rows(two, three)), f"\neverything {two['everything']:.2f} s", flush=True)
    grown = growth(large)
    cases = [hard_case(case) for case in CASES]
    folder = PROJECT / "benchmarks"
    draw(grown, folder / "solver.svg")
    (folder / "solver.md").write_text(page(two, three, grown, cases))


if __name__ == "__main__":
    main()
