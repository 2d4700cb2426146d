"""Hold qte against other libraries' numbers and against the formulas of papers, and write benchmarks/peers.md.

    python benchmarks/peers.py

The systems are those of the tests, which ask for the same agreement.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import qutip
from scipy.optimize import minimize_scalar

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from qte.machines import Junction, ThermalTransistor, TwoQubitEngine  # noqa: E402
from qte.machines.networks.oscillators import OscillatorNetwork  # noqa: E402
from qte.physics.spectral_densities import FromFunction  # noqa: E402
from qte.solver.spectrum.exceptional_points import exceptional_points  # noqa: E402
from qte.solver.steady import steady_state  # noqa: E402
from tests.unit.machines.test_biased_chains import LEVEL, fermi  # noqa: E402
from tests.unit.machines.test_oscillator_networks import COLD, HOT, PAIR  # noqa: E402
from tests.unit.physics import test_hermitian_channels as redfield  # noqa: E402
from tests.unit.physics import test_lowering_shifts as qmeq  # noqa: E402
from tests.unit.solver import test_exceptional_points as damped  # noqa: E402
from tests.unit.solver import test_published_formulas as published  # noqa: E402

Check = tuple[str, str, Callable[[], float]]


def apart(found: Any, wanted: Any) -> float:
    """Largest difference over the largest number."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


# ---- other libraries ----------------------------------------------------------------------------


def bloch_redfield() -> float:
    worst = 0.0
    for seed in range(20):
        h, baths = redfield.system(seed)
        tensor = qutip.bloch_redfield_tensor(
            qutip.Qobj(h),
            [[qutip.Qobj(a), redfield.spectrum(bath)] for bath, a in baths.values()],
            sec_cutoff=-1,
            fock_basis=True,
        )
        wanted = qutip.steadystate(tensor, method="direct").full()
        found = steady_state(redfield.generator_of(h, baths, "redfield")).rho
        worst = max(worst, apart(found, wanted))
    return worst


def counting(frequencies: list[float]) -> float:
    machine = TwoQubitEngine(g=0.05, gamma_h=0.04, gamma_c=0.07, T_h=[0.6, 1.0], T_c=0.3)
    signs, worst = np.array([[-1, 1, 0, 0], [0, 0, -1, 1]]), 0.0
    found = np.array(
        [[machine.noise_spectrum(a, frequencies, b, current="particle") for b in "hc"] for a in "hc"]
    )
    for point in range(2):
        h = qutip.Qobj(machine.hamiltonian()[point])
        jumps = [qutip.Qobj(a[point]) for r in "hc" for a in machine.jump_operators(r)]
        liouvillian = qutip.liouvillian(h, jumps)
        noise = qutip.countstat_current_noise(
            liouvillian,
            jumps,
            wlist=frequencies,
            rhoss=qutip.steadystate(liouvillian),
            sparse=False,
            method="direct",
        )[1]
        wanted = np.einsum("ai,ijw,bj->abw", signs, np.asarray(noise), signs)
        worst = max(worst, apart(found[:, :, point].real, wanted.real))
    return worst


def double_dot(kind: str) -> float:
    if kind == "pauli":
        pairs = zip(qmeq.currents(secular=True), qmeq.PAULI, strict=True)
        return max(apart(found, wanted * 2) for found, wanted in pairs)
    band = None
    if kind == "principal":
        band = FromFunction(lambda x: np.where(np.abs(x) < 1000, 1.0, 0.0), jumps=(-1000.0, 1000.0))
    wanted = qmeq.REDFIELD if band is None else qmeq.PRINCIPAL
    return apart(qmeq.currents(secular=False, band=band)[0], wanted * 2)


# ---- papers -------------------------------------------------------------------------------------


def resonant_level() -> float:
    """Current, relaxation and noise at three frequencies, for a range of biases."""
    mu = np.linspace(-2.0, 4.0, 25)
    level = Junction(**LEVEL, mu_L=mu, mu_R=0.3)
    left, right, total = fermi((1 - mu) / 0.4), fermi(0.7 / 0.25), 0.7 + 1.9
    filled, current = (0.7 * left + 1.9 * right) / total, 0.7 * 1.9 * (left - right) / total
    w = np.array([0.0, 1.0, 10.0])
    gain = 0.7 * left * (1 - filled) - filled * current
    bare = 0.7 * (left * (1 - filled) + (1 - left) * filled)
    noise = bare[:, None] - 2 * 0.7 * gain[:, None] * total / (total**2 + w**2)
    found = level.noise_spectrum("L", w, current="particle")
    relaxation = level.liouvillian_eigenvalues(4)
    decays = np.abs(relaxation.real).max(axis=1)
    return max(
        apart(found, noise), apart(level.particle_current("L"), current), apart(decays, np.full(25, total))
    )


def power_of(dimension: int) -> float:
    t_work, t_hot, t_cold = published.T_WORK, published.T_HOT, published.T_COLD
    largest = published.WORK * (1 / t_hot - 1 / t_work) / (1 / t_cold - 1 / t_hot)
    start = largest * dimension / (dimension + 1)
    best = minimize_scalar(
        lambda gap: -float(published.refrigerator(np.array([gap]), dimension)[0]) * 1e12,
        bracket=(0.9 * start, start, 1.05 * start),
        options={"xtol": 1e-9},
    )
    return apart(best.x / largest, dimension / (dimension + 1))


def two_spins() -> float:
    worst = 0.0
    for delta in (0.1, 0.5, 2.0):
        pair = ThermalTransistor(
            omega_L=0.3, omega_LM=delta, omega_MR=0.0, omega_R=5.0, kappa=1e-3, T_L=1.2, T_M=0.3, T_R=0.5
        )
        forth, back = (
            published.ring(0.3, delta, 1e-3, 1.2, 0.3),
            published.ring(0.3, delta, 1e-3, 0.3, 1.2),
        )
        worst = max(worst, apart(pair.contrast(), abs(forth + back) / (forth - back)))
    return worst


def onsager() -> float:
    machine = ThermalTransistor(
        omega_M=0.3, omega_LM=1.0, omega_MR=0.7, kappa=1e-3, T_L=0.4, T_M=0.4, T_R=0.4
    )
    matrix = machine.onsager_matrix()
    return apart(matrix, matrix.T)


def dissipation() -> float:
    machine = TwoQubitEngine(g=[0.2, 0.3], gamma_h=1e-4, gamma_c=2e-4, T_h=0.4, T_c=0.4, approach="global")
    noise = np.array([[machine.noise(a, b) for b in "hc"] for a in "hc"])
    return apart(np.moveaxis(machine.onsager_matrix(), 0, -1), noise / 2)


def cumulants() -> float:
    """``C1 = A C2/2 - A**2 C3/12`` of a small affinity A, left by A**4."""
    affinity = 2e-3
    machine = Junction(gamma_L=0.01, gamma_R=0.03, T_L=1 / (2 - affinity), T_R=0.5)
    second, third = machine.noise("L", current="particle"), machine.skewness("L", current="particle")
    return apart(affinity * second / 2 - affinity**2 * third / 12, machine.particle_current("L"))


def third_order() -> float:
    def family(detuning: float, drive: float) -> Any:
        return damped.driven(drive, detuning)

    (point,) = exceptional_points(family, np.linspace(0.0, 0.4, 6), np.linspace(0.05, 0.6, 6))
    assert point.order == 3
    return apart(point.parameters, (1 / np.sqrt(108), np.sqrt(2 / 27)))


def two_modes() -> float:
    found = exceptional_points(damped.two_decaying, np.linspace(0.004, 0.05, 8))
    assert sorted(point.order for point in found) == [2, 2, 3]
    return max(apart(point.parameters[0], 0.09 / 4) for point in found)


def normal_modes() -> float:
    network = OscillatorNetwork(**PAIR, approach="global")
    _, vectors = np.linalg.eigh([[1.0, 0.2], [0.2, 1.3]])
    total = 0.0
    for mode, (first, second) in zip(network.normal_modes(), vectors.T, strict=True):
        hot, cold = HOT.strength(mode) * first**2, COLD.strength(mode) * second**2
        total += mode * hot * cold / (hot + cold) * (1 / np.expm1(mode / 0.2) - 1 / np.expm1(mode / 0.15))
    return apart(network.heat_current("h"), total)


CHECKS: tuple[Check, ...] = (
    ("Redfield states of 20 random systems and densities", "QuTiP, `bloch_redfield_tensor`", bloch_redfield),
    ("noise and cross-correlation of quanta", "QuTiP, `countstat_current_noise`", lambda: counting([0.0])),
    ("the same at two frequencies", "QuTiP", lambda: counting([0.02, 0.5])),
    ("double dot with spin, Pauli: particles and energy", "QmeQ's tests", lambda: double_dot("pauli")),
    ("the same, Redfield: particles", "QmeQ's tests", lambda: double_dot("redfield")),
    ("the same with principal parts of a band", "QmeQ's tests, to 1e-6", lambda: double_dot("principal")),
    ("resonant level: current, relaxation, noise at 3 frequencies", "closed form", resonant_level),
    (
        "three-level refrigerator at maximum power: 1/2 of Carnot, J ~ w",
        "Correa (2013), a limit",
        lambda: power_of(1),
    ),
    ("2/3 of Carnot, J ~ w²", "the same", lambda: power_of(2)),
    ("3/4 of Carnot, J ~ w³", "the same", lambda: power_of(3)),
    (
        "rectification of two coupled spins in Ohmic baths",
        "Werlang (2014), the ring's closed form",
        two_spins,
    ),
    ("Onsager's matrix of a transistor, its symmetry", "itself, turned", onsager),
    ("Onsager's matrix and half the noise", "fluctuation-dissipation theorem", dissipation),
    ("first three cumulants, affinity 0.002", "fluctuation symmetry, up to its fourth power", cumulants),
    ("two exceptional points of order 2 and one of 3, two modes", "(γ₂ − γ₁)/4", two_modes),
    ("exceptional point of order 3 of a driven qubit", "γ/√108, γ√(2/27)", third_order),
    ("heat through the normal modes of two oscillators", "closed form", normal_modes),
)


def page(rows: Iterable[tuple[str, str, float]]) -> str:
    lines = [
        "# Against peers and papers",
        "",
        f"Written by `python benchmarks/peers.py`: NumPy {np.__version__}, QuTiP {qutip.__version__}, "
        f"{platform.machine()}. Differences are",
        "over the largest number of those compared. QmeQ's numbers are those that its test-suite keeps "
        "(`qmeq/tests/data_builder.py`,",
        "version 1.1); its principal parts are integrals asked for 1e-6. The same systems are in the tests.",
        "",
        "| what | against | largest difference |",
        "|---|---|---|",
        *(f"| {what} | {whose} | {difference:.0e} |" for what, whose, difference in rows),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    rows = []
    for what, whose, measure in CHECKS:
        rows.append((what, whose, measure()))
        print(*rows[-1], sep=" | ", flush=True)
    (PROJECT / "benchmarks" / "peers.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
