"""Every fault of the ledger of santiagogarcia2024, found again with QuTiP or mpmath."""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import qutip as qt

from qte.ledger.entries import entries
from qte.ledger.judged import Evidence
from qte.ledger.verdicts import FAULTS, Refused
from qte.ledger.words import words_of
from qte.papers.santiagogarcia2024 import checks, trials
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024.checks.entanglement import separability_polynomial

PAPER = "santiagogarcia2024"
PARTS = [f"{checks.__name__}.{part.name}" for part in pkgutil.iter_modules(checks.__path__)]
SIGN = {"bose": 1, "fermi": -1, "oscillator": 1, "qubit": -1}
FIGURE = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.02}
COLD = FIGURE | {"T_L": 1.0, "T_R": 0.1}
FIGURE_4 = {"g": 0.8, "gamma_L": 0.01, "gamma_R": 0.02, "T_R": 0.0}
UP, DOWN, ONE = qt.basis(2, 0), qt.basis(2, 1), qt.qeye(2)
LOWER = DOWN * UP.dag()
SITES = (qt.tensor(LOWER, ONE), qt.tensor(ONE, LOWER))


@cache
def judged(name: str) -> Evidence:
    return next(entry for part in PARTS for entry in entries(part) if entry.id == name).run()


def rates(w, t, gamma, statistics="bose"):
    n = 0.0 if t == 0 else 1 / (np.exp(w / t) - SIGN[statistics])
    return gamma * n, gamma * (1 + SIGN[statistics] * n)


def pair(
    *,
    g,
    gamma_L,
    gamma_R,
    T_L,
    T_R,
    omega=1.0,
    statistics_L="bose",
    statistics_R="bose",
    approach="local",
    **_,
):
    """State and J of two qubits from QuTiP; heat with the full Hamiltonian."""
    h = omega * sum(s.dag() * s for s in SITES) + g * (SITES[0].dag() * SITES[1] + SITES[1].dag() * SITES[0])
    baths = []
    for s, gamma, t, kind in ((SITES[0], gamma_L, T_L, statistics_L), (SITES[1], gamma_R, T_R, statistics_R)):
        parts = [(omega, s)] if approach == "local" else modes(h, s)
        jumps = []
        for w, jump in parts:
            up, down = rates(w, t, gamma, kind)
            jumps += [np.sqrt(up) * jump.dag(), np.sqrt(down) * jump]
        baths.append(jumps)
    rho = qt.steadystate(h, baths[0] + baths[1])
    flows = [
        sum((h * qt.lindblad_dissipator(jump, data_only=False)(rho)).tr().real for jump in jumps)
        for jumps in baths
    ]
    return rho, flows[0] - flows[1]


def modes(h, s):
    """Parts of s between eigenstates of h, by frequency."""
    energies, vectors = h.eigenstates()
    found: dict[float, Any] = {}
    for a, va in zip(energies, vectors, strict=True):
        for b, vb in zip(energies, vectors, strict=True):
            part = va * va.dag() * s * vb * vb.dag()
            if part.norm() > 1e-12:
                w = round(float(b - a), 10)
                found[w] = found.get(w, 0) + part
    return list(found.items())


def contrast(**point):
    forward, backward = pair(**point)[1], pair(**point | {"T_L": point["T_R"], "T_R": point["T_L"]})[1]
    return (forward + backward) / (forward - backward)


def exact_current(
    *,
    gamma_L,
    gamma_R,
    T_L,
    T_R,
    g=None,
    omega=1,
    statistics_L="bose",
    statistics_R="bose",
    system="qubit",
    **_,
):
    """J of two systems, or of one without g, from the moment equations in mpmath."""
    own, w = SIGN[system], mp.mpf(omega)
    n = [
        1 / (mp.exp(w / t) - SIGN[k]) if t else mp.mpf(0)
        for t, k in ((T_L, statistics_L), (T_R, statistics_R))
    ]
    up = [gamma_L * n[0], gamma_R * n[1]]
    down = [gamma_L * (1 + SIGN[statistics_L] * n[0]), gamma_R * (1 + SIGN[statistics_R] * n[1])]
    damping = [down[0] - own * up[0], down[1] - own * up[1]]
    if g is None:
        filled = (up[0] + up[1]) / (damping[0] + damping[1])
    else:
        matrix = mp.matrix(
            [[damping[0], 0, 2 * g], [0, damping[1], -2 * g], [-g, g, (damping[0] + damping[1]) / 2]]
        )
        filled = mp.lu_solve(matrix, mp.matrix([up[0], up[1], 0]))[0]
    return 2 * w * (up[0] - damping[0] * filled)


def exact_conductance(t, **point):
    with mp.workdps(40):
        return float(mp.diff(lambda x: exact_current(T_L=x, T_R=mp.mpf(t), **point), mp.mpf(t)))


def population(site):
    return qt.expect(SITES[site].dag() * SITES[site], pair(**COLD | {"T_R": 0.5})[0])


def critical(**point):
    p = pair(**point)[0].diag().real
    return 4 * point["g"] * np.sqrt(p[0] * p[3])


def equal_couplings():
    point = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.01, "T_L": 1.0, "T_R": 0.0}
    assert qt.concurrence(pair(**point)[0]) < 1e-10
    return pair(**point)[1] / critical(**point)


def largest_eigenvalue():
    rho, flip = pair(**COLD)[0], qt.tensor(qt.sigmay(), qt.sigmay())
    return max((rho * flip * rho.conj() * flip).eigenenergies().real)


def reduced(y, x=0.5):
    return y**2 / mp.sinh(y) / (1 + x * mp.coth(y / 2) ** 2)


def top(x=0.5):
    """omega/T of the largest conductance, gamma_L gamma_R/4g^2 = x."""
    return mp.findroot(lambda z: mp.diff(lambda y: reduced(y, x), z), 2.3 if x else 1.9)


def width():
    def kappa(t):
        return mp.csch(1 / t) / t**2

    half = kappa(1 / top(0)) / 2
    ends = [mp.findroot(lambda t: kappa(t) - half, start) for start in (0.25, 1.7)]
    return ends[1] - ends[0]


def reversed_contrast():
    """1: the coupling at which the pair rectifies like one qubit, the other way round."""
    point = dict(judged("unlike-baths-unlike-contrast").counterexample)
    return -contrast(**point) / contrast(**point | {"g": 1e3})


def global_contrast(t):
    return abs(contrast(**FIGURE_4, T_L=t, approach="global"))


def modes_at(t, *energies):
    """Conductance of modes of the pair, mpmath."""
    return sum(exact_conductance(t, omega=mp.mpf(w), gamma_L=0.005, gamma_R=0.01) for w in energies)


# The right number of every fault.
RIGHT = {
    "eq-13": lambda: exact_conductance(0.5, gamma_L=0.01, gamma_R=0.02),
    "eq-15": lambda: exact_conductance(1 / top(), **FIGURE),
    "eq-18": lambda: 2,
    "eq-24": lambda: abs(contrast(**FIGURE_4 | {"gamma_L": 0.001, "T_L": 1.0}, approach="global")),
    "eq-31": lambda: population(0),
    "eq-32": lambda: population(1),
    "eq-39": lambda: critical(**COLD),
    "unlike-baths-unlike-contrast": reversed_contrast,
    "entropy-from-net-current": lambda: (1 / 0.1 - 1) * pair(**COLD)[1] / 2,
    "entanglement-with-equal-couplings": equal_couplings,
    "no-relation-to-rectification": equal_couplings,
    "roots-not-eigenvalues": largest_eigenvalue,
    "peak-at-half-the-gap": lambda: 1 / top(),
    "peaks-at-half-the-eigenenergies": lambda: top(0),
    "width-of-a-peak": width,
    "strong-from-g-above-gamma": lambda: pair(**COLD | {"g": 0.02})[1],
    "order-of-curves": lambda: global_contrast(1.0) / global_contrast(0.5),
    "larger-gap-conducts-more": lambda: modes_at(0.1, 1.9) / modes_at(0.1, 0.1),
    "colours-of-figure-4": lambda: 0.01 / 0.02,
}


@pytest.mark.parametrize("name", RIGHT)
def test_other_software_finds_the_right_number_of_a_fault(name):
    assert abs(float(RIGHT[name]()) - judged(name).right) <= 1e-6 * abs(judged(name).right)


def test_every_fault_is_found_again():
    assert {id for id, words in words_of(PAPER).entries.items() if words.verdict in FAULTS} == set(RIGHT)


def test_every_numbered_equation_is_judged():
    numbers = [words.number[""] for words in words_of(PAPER).entries.values() if words.kind == "equation"]
    assert sorted(map(int, numbers)) == list(range(1, 48))


def test_the_polynomial_is_that_of_the_state():
    rng = np.random.default_rng(5)
    g, t_l, t_r = rng.uniform(0.1, 3, (3, 50))
    p = trials.bridge(g=g, gamma_L=1.0, gamma_R=1.0, T_L=t_l, T_R=t_r)
    p1, p4 = ap.eq38_populations(p)
    terms = separability_polynomial().items()
    value = sum(c * p.n("L") ** i * p.n("R") ** j * g ** (2 * k) for (i, j, k), c in terms)
    total = 2 * (1 + p.n("L") + p.n("R"))
    chi = (4 * g**2 + p.factor("L") * p.factor("R")) * total**2
    np.testing.assert_allclose(value / chi**2, p1 * p4 - np.abs(ap.eq33_coherence(p)) ** 2, rtol=1e-10)


def test_a_formula_that_is_off_fails_on_draws():
    rng = np.random.default_rng(1)
    check = trials.on_draws(rng, "J", lambda c: (c.two.net_current() * (1 + 1e-9), c.two.net_current()))
    assert not check.passed


def numbers(printed: float, right: float) -> dict[str, Any]:
    return {"printed": printed, "right": right}


def test_a_fault_needs_a_second_method_that_agrees():
    at: trials.Point = dict(COLD)
    with pytest.raises(Refused, match="does not confirm"):
        trials.fault("J", at, 2.0, 1.0, "another", lambda **_: numbers(2.0, 1.1))
    told = trials.fault("J", at, 2.0, 1.0, "another", lambda **_: numbers(2.0, 1.0))
    assert not told.breaks[0].passed
