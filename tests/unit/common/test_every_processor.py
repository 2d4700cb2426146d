"""The same doubles whatever instructions NumPy and OpenBLAS may use: the pins of a run are a belt, taken off here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workflow.identity.project_environment import pinned

COMPUTED = """
import hashlib, sys
import numpy as np
from qte.exact.landauer import CoupledLevels
from qte.exact.langevin import CoupledOscillators
from qte.machines import SpinChain, ThreeQubitMachine, TwoQubitEngine
from qte.physics.baths import Bath
from qte.physics.spectral_densities import Lorentzian, drude_lorentz
from qte.sweeps.optimise_many import maximise_over

two = dict(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=np.linspace(0.5, 2, 23)[:, None], delta=np.linspace(0, 0.3, 19))
found = []
for approach in ("local", "global", "redfield"):
    engine = TwoQubitEngine(**two, T_c=0.2, approach=approach)
    found += [engine.steady_state().rho, engine.negativity(), engine.net_current(), engine.concurrence()]
point = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2, kappa_h=0.01)
found += [point.steady_state().rho, point.liouvillian_gap(), point.replace(T_c=1.0).conductance()]
found += [point.evolve("10", np.geomspace(0.1, 1e4, 30)).rho]
chain = SpinChain(N=5, g=0.3, gamma_L=0.01, gamma_R=0.02, T_L=np.linspace(0.3, 3, 9), T_R=0.5)
found += [chain.net_current(), chain.concurrence((1, 2))]
machine = ThreeQubitMachine(
    g13=0.002, g23=0.003, gamma_1=0.01, gamma_3=0.02, T_1=0.5, T_3=np.linspace(0.2, 1, 7), U=5.0, mu=3.0
)
found += [machine.steady_state().rho, machine.concurrence((1, 2)), machine.fidelity("singlet")]
electrons = [Bath(T, 0.1, "fermi", spectral_density=Lorentzian(1.0, 0.5)) for T in (1.0, 0.1)]
for hopping in ([[1.0, 0.05], [0.05, 1.2]], [[1.0, 0.1, 0.0], [0.1, 1.1, 0.2j], [0.0, -0.2j, 0.9]]):
    levels = CoupledLevels(hopping, {"h": (0, electrons[0]), "c": (1, electrons[1])})
    found += [levels.covariance(), levels.energy_current("h"), levels.error()]
phonons = [Bath(T, 0.1, spectral_density=drude_lorentz(5.0)) for T in (1.0, 0.1)]
for stiffness in ([[1.0, -0.3], [-0.3, 1.1]], [[1.0, -0.3, 0.1], [-0.3, 1.1, 0.2], [0.1, 0.2, 0.9]]):
    springs = CoupledOscillators(stiffness, {"h": (0, phonons[0]), "c": (1, phonons[1])})
    found += [springs.covariance(), springs.heat_current("h")]
bosons = CoupledLevels([[1.0, 0.05], [0.05, 1.2]], {"h": (0, phonons[0]), "c": (1, phonons[1])})
found += [bosons.covariance(), bosons.heat_current("h")]
best = maximise_over(
    lambda g, T_c: TwoQubitEngine(g=g, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=T_c).net_current(),
    {"g": (1e-3, 0.1, "log"), "T_c": (0.05, 1.0)},
)
found += [best.value, *best.x.values(), *best.error.values()]
print(hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in found)).hexdigest())
"""
PROJECT = Path(__file__).parents[3]
PLAIN = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR AVX2 FMA3"


EMULATOR = "qemu-x86_64-static"


def computed(*emulator: str, **environment: str) -> str:
    lifted = {k: v for k, v in os.environ.items() if k not in pinned(PROJECT)}
    done = subprocess.run(
        [*emulator, sys.executable, "-W", "ignore", "-c", COMPUTED],
        env=lifted | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"NPY_DISABLE_CPU_FEATURES": PLAIN, "OPENBLAS_CORETYPE": "Nehalem"},
        {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"},
    ],
)
def test_other_instructions_give_the_same_doubles(environment):
    assert computed(**environment) == computed()


# Without any AVX, with AVX, with AVX2 and fused multiplications. QEMU 7.2 stumbles over the bit manipulations of
# NumPy's sorts.
@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(EMULATOR), reason="needs qemu-user-static on x86-64")
@pytest.mark.parametrize("model", ["Nehalem", "SandyBridge", "Haswell,-bmi1,-bmi2"])
def test_other_processors_give_the_same_doubles(model):
    assert computed(EMULATOR, "-cpu", model) == computed()
