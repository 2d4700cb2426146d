"""Every verdict of the ledger of santiagogarcia2024 that finds fault, confirmed with QuTiP or mpmath."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import qutip as qt

from qte.ledger.entries import entries
from qte.ledger.evidence import Evidence
from qte.ledger.verdicts import FAULTS
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials

ROOT = Path(__file__).parents[2]
PACKAGE = "qte.papers.santiagogarcia2024"
MODULES = tuple(path.stem for path in sorted((ROOT / "qte/papers/santiagogarcia2024").glob("ledger_*.py")))
SIGN = {"bose": 1, "fermi": -1, "oscillator": 1, "qubit": -1}
FIGURE = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.02}
COLD = FIGURE | {"T_L": 1.0, "T_R": 0.1}
UP, DOWN, ONE = qt.basis(2, 0), qt.basis(2, 1), qt.qeye(2)
LOWER = DOWN * UP.dag()
SITES = (qt.tensor(LOWER, ONE), qt.tensor(ONE, LOWER))


@cache
def known() -> dict[str, Any]:
    return {entry.id: entry for name in MODULES for entry in entries(f"{PACKAGE}.{name}")}


@cache
def judged(name: str) -> Evidence:
    return known()[name].run()


def number(name: str, check: int, label: str) -> float:
    return float(judged(name).checks[check].numbers[label])


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


def exact_global(t, g, gamma_L=0.01, gamma_R=0.02):
    """Conductance of the strongly coupled pair from its two modes, mpmath."""
    parts = [exact_conductance(t, omega=1 + s * g, gamma_L=gamma_L / 2, gamma_R=gamma_R / 2) for s in (1, -1)]
    return sum(parts)


def exact_peak(g, start):
    with mp.workdps(30):

        def slope(t):
            return sum(
                (lambda x: w**2 * mp.csch(x) * (x * mp.coth(x) / 2 - 1))(w / t) for w in (1 - g, 1 + g)
            )

        return float(mp.findroot(slope, start))


def close(a, b, error=1e-6):
    return abs(float(a) - float(b)) <= error * max(abs(float(a)), abs(float(b)))


# ---- one confirmation an entry; each returns pairs of values that must agree ---------------------------


def eq_13():
    point = dict(judged("eq-13").counterexample)
    t = point.pop("T_L")
    point.pop("T_R"), point.pop("g")
    case = trials.bridge(T_L=t, T_R=t, **point)
    return [(2 * eq.eq13_conductance(case), exact_conductance(t, **point))]


def eq_15():
    top = exact_conductance(0.42706025341, **FIGURE)
    assert all(exact_conductance(0.42706025341 * f, **FIGURE) < top for f in (0.999, 1.001))
    return [(judged("eq-15").second.numbers["two qubits"][0], top)]


def eq_17():
    t = float(judged("eq-17").numbers["threshold of figure 2's parameters over omega"])
    currents = [pair(**FIGURE, T_L=f * t, T_R=0.0)[1] for f in (0.95, 1.0, 1.05)]
    assert currents[1] > max(currents[0], currents[2])
    with mp.workdps(30):
        found = mp.findroot(lambda x: mp.diff(lambda y: exact_current(T_L=y, T_R=0, **FIGURE), x), 1.9)
    return [(t, found)]


def eq_18():
    # a third qubit that closes the ring changes the current
    site = [qt.tensor(*[LOWER if k == j else ONE for k in range(3)]) for j in range(3)]
    h = sum(s.dag() * s for s in site)
    bonds = [site[i].dag() * site[j] + site[j].dag() * site[i] for i, j in ((0, 1), (1, 2), (2, 0))]
    found = []
    for last in (0, 1):
        full = h + 0.01 * (bonds[0] + bonds[1] + last * bonds[2])
        jumps = []
        for s, gamma, t in ((site[0], 0.01, 1.0), (site[2], 0.02, 0.1)):
            up, down = rates(1.0, t, gamma)
            jumps.append([np.sqrt(up) * s.dag(), np.sqrt(down) * s])
        rho = qt.steadystate(full, jumps[0] + jumps[1])
        flows = [sum((full * qt.lindblad_dissipator(j)(rho)).tr().real for j in part) for part in jumps]
        found.append(flows[0] - flows[1])
    assert not close(found[0], found[1], 1e-2)
    return [(judged("eq-18").second.numbers["J"][0], found[0])]


def eq_24():
    point = dict(judged("eq-24").counterexample)
    right = abs(contrast(**point, approach="global"))
    assert abs(eg.eq23_contrast(trials.bridge(**point)) - right) > 0.1
    return [(judged("eq-24").numbers["contrast there"], right)]


def occupation(site):
    rho, _ = pair(**COLD)
    return [
        (
            judged(f"eq-{31 + site}").numbers["occupation there"],
            qt.expect(SITES[site].dag() * SITES[site], rho),
        )
    ]


def eq_39():
    rho = pair(**COLD)[0].full()
    right = 4 * 0.01 * np.sqrt(rho[0, 0].real * rho[3, 3].real)
    assert abs(ap.eq39_critical_current(trials.bridge(**COLD)) / right - 1) > 1e-4
    return [(judged("eq-39").numbers["J_c there"], right)]


def eq_43():
    with mp.workdps(30):

        def kappa(t):
            return (
                sum(w**2 * mp.csch(w / t) / (2 * t**2) for w in (mp.mpf("0.2"), mp.mpf("1.8")))
                * mp.mpf(2)
                / 300
            )

        slope = mp.diff(kappa, mp.mpf("0.2"))
    return [(judged("eq-43").numbers["slope at the counterexample"], slope)]


def no_work():
    plus = (qt.tensor(UP, DOWN) + qt.tensor(DOWN, UP)).unit()
    bond = 0.01 * (SITES[0].dag() * SITES[1] + SITES[1].dag() * SITES[0])
    total = 0.0
    for s, gamma, t in ((SITES[0], 0.01, 1.0), (SITES[1], 0.02, 0.1)):
        up, down = rates(1.0, t, gamma)
        change = up * qt.lindblad_dissipator(s.dag()) + down * qt.lindblad_dissipator(s)
        total += (bond * change(plus.proj())).tr().real
    return [(number("no-work-on-resonance", 1, "energy per time"), total)]


def small_ratio():
    point = {"gamma_L": 0.001, "gamma_R": 0.001, "T_L": 50.0, "T_R": 40.0}
    share = exact_current(**point, g=0.02) / exact_current(**point)
    return [(judged("small-ratio-means-alpha-one").numbers["alpha at T_L = 50, T_R = 40"], share)]


def equal_conductance():
    point = {"gamma_L": 0.001, "gamma_R": 0.001}
    share = exact_conductance(50.0, **point, g=0.02) / exact_conductance(50.0, **point)
    return [(judged("small-ratio-means-equal-conductance").numbers["kappa_2/kappa_1 there"], share)]


def exact_contrast(**point):
    with mp.workdps(40):
        forward, backward = (
            exact_current(**point | {"T_L": a, "T_R": b})
            for a, b in ((point["T_L"], point["T_R"]), (point["T_R"], point["T_L"]))
        )
        return float((forward + backward) / (forward - backward))


def unlike():
    point = dict(judged("unlike-baths-unlike-contrast").counterexample)
    single = {name: value for name, value in point.items() if name != "g"}
    # the same contrast, the other way round
    assert contrast(**point) < 0 < exact_contrast(**single)
    return [
        (exact_contrast(**point), contrast(**point)),
        (-exact_contrast(**point), exact_contrast(**single)),
    ]


def any_bridge():
    point = dict(judged("same-rectification-for-any-bridge").counterexample)
    single = {name: value for name, value in point.items() if name != "g"}
    name = "same-rectification-for-any-bridge"
    return [
        (number(name, 2, "C of two"), abs(contrast(**point))),
        (number(name, 2, "C of one"), abs(exact_contrast(**single))),
    ]


def entropy():
    _, j = pair(**COLD)
    return [(judged("entropy-from-net-current").numbers["entropy production there"], (1 / 0.1 - 1) * j / 2)]


def finite_entropy():
    _, j = pair(**COLD | {"T_R": 0.01})
    return [(number("entropy-is-finite", 0, "at 0.01"), (1 / 0.01 - 1) * j / 2)]


def equal_couplings():
    name = "entanglement-with-equal-couplings"
    point = dict(judged(name).counterexample)
    rho, j = pair(**point)
    p = rho.diag().real
    assert qt.concurrence(rho) < 1e-10
    fermionic = qt.concurrence(pair(**known_fermionic())[0])
    return [
        (number(name, 0, "J over J_c"), j / (4 * point["g"] * np.sqrt(p[0] * p[3]))),
        (number(name, 3, "concurrence"), fermionic),
    ]


def known_fermionic():
    return dict(judged("entanglement-with-equal-couplings").checks[3].point)


def no_relation():
    name = "no-relation-to-rectification"
    strong = {"g": 0.8, "gamma_L": 0.02, "gamma_R": 0.02, "T_L": 0.4, "T_R": 0.1, "approach": "global"}
    assert abs(contrast(**strong)) < 1e-10
    assert abs(contrast(**known_fermionic())) < 1e-10
    assert qt.concurrence(pair(**FIGURE, T_L=1.0, T_R=0.0)[0]) < 1e-10
    return [(number(name, 1, "concurrence"), qt.concurrence(pair(**strong)[0]))]


def roots():
    rho = pair(**COLD)[0]
    flip = qt.tensor(qt.sigmay(), qt.sigmay())
    values = (rho * flip * rho.conj() * flip).eigenenergies()
    return [(judged("roots-not-eigenvalues").numbers["largest eigenvalue of R there"], max(values.real))]


def peak_at_half():
    name = "peak-at-half-the-gap"
    with mp.workdps(25):
        stiff = 1 / mp.findroot(lambda x: 1 / x - mp.coth(x) / 2, 1.9)
        soft = 1 / mp.findroot(lambda x: mp.diff(lambda y: y**2 / mp.sinh(y) * mp.tanh(y / 2) ** 2, x), 2.7)
    return [(number(name, 0, "T over omega"), stiff), (number(name, 2, "T over omega"), soft)]


def local_validity():
    name = "local-equation-from-g-like-gamma"
    near, far = (dict(judged(name).checks[k].point) for k in (1, 0))
    found = judged(name).second.numbers
    return [
        (found["local far"][0], pair(**far)[1]),
        (found["local near"][0], pair(**near)[1]),
        (found["global far"][0], pair(**far, approach="global")[1]),
    ]


def strong_from():
    name = "strong-from-g-above-gamma"
    point = dict(judged(name).counterexample)
    return [(judged(name).second.numbers["at gamma"][0], pair(**point, approach="global")[1])]


def two_independent():
    return [(judged("sum-of-two-independent-qubits").second.numbers["kappa"][0], exact_global(0.3, 0.8))]


def better():
    name = "better-rectification-than-weak-coupling"
    point = dict(judged(name).counterexample)
    return [(number(name, 2, "pair"), abs(contrast(**point, approach="global")))]


def order():
    name = "order-of-curves"
    point = dict(judged(name).counterexample)
    found = [abs(contrast(**point | {"T_L": t}, approach="global")) for t in (0.5, 1.0)]
    return [(number(name, 0, "C at 0.5"), found[0]), (number(name, 0, "C at 1"), found[1])]


def peaks():
    found = judged("peaks-at-the-eigenenergies").counterexample
    return [(found["lower peak"], exact_peak(0.9, 0.05)), (found["upper peak"], exact_peak(0.9, 0.94))]


def half_peaks():
    with mp.workdps(25):
        root = mp.findroot(lambda x: 1 / x - mp.coth(x) / 2, 1.9)
    return [(judged("peaks-at-half-the-eigenenergies").second.numbers["x"][0], root)]


def width():
    with mp.workdps(25):

        def kappa(t):
            return mp.csch(1 / t) / t**2

        top = kappa(1 / mp.findroot(lambda x: 1 / x - mp.coth(x) / 2, 1.9))
        ends = [mp.findroot(lambda t: kappa(t) - top / 2, start) for start in (0.25, 1.7)]
    return [(number("width-of-a-peak", 0, "width"), ends[1] - ends[0])]


def rabi():
    return [
        (
            number("like-vacuum-rabi-splitting", 0, "at 0.9"),
            (exact_peak(0.9, 0.94) - exact_peak(0.9, 0.05)) / 0.9,
        )
    ]


def enhances():
    name = "strong-coupling-enhances-conduction"
    rates_5 = {"gamma_L": 0.01, "gamma_R": 0.02}
    return [
        (number(name, 2, "pair"), exact_global(0.5, 0.9)),
        (number(name, 2, "one qubit"), exact_conductance(0.5, **rates_5)),
    ]


def larger_gap():
    name, cold, warm = "larger-gap-conducts-more", exact_peak(0.9, 0.05), exact_peak(0.9, 0.94)
    heights = [exact_conductance(0.52219101688 * w, omega=w, gamma_L=0.005, gamma_R=0.01) for w in (0.1, 1.9)]
    excess = exact_global(warm, 0.9) - exact_global(cold, 0.9)
    return [
        (number(name, 0, "omega minus 0.1"), heights[0]),
        (number(name, 0, "omega plus 1.9"), heights[1]),
        (heights[0], heights[1]),
        (number(name, 2, "excess"), excess),
    ]


CONFIRMED = {
    "eq-13": eq_13,
    "eq-15": eq_15,
    "eq-17": eq_17,
    "eq-18": eq_18,
    "eq-24": eq_24,
    "eq-31": lambda: occupation(0),
    "eq-32": lambda: occupation(1),
    "eq-39": eq_39,
    "eq-43": eq_43,
    "no-work-on-resonance": no_work,
    "small-ratio-means-alpha-one": small_ratio,
    "small-ratio-means-equal-conductance": equal_conductance,
    "unlike-baths-unlike-contrast": unlike,
    "same-rectification-for-any-bridge": any_bridge,
    "entropy-from-net-current": entropy,
    "entropy-is-finite": finite_entropy,
    "entanglement-with-equal-couplings": equal_couplings,
    "no-relation-to-rectification": no_relation,
    "roots-not-eigenvalues": roots,
    "peak-at-half-the-gap": peak_at_half,
    "local-equation-from-g-like-gamma": local_validity,
    "strong-from-g-above-gamma": strong_from,
    "sum-of-two-independent-qubits": two_independent,
    "better-rectification-than-weak-coupling": better,
    "order-of-curves": order,
    "peaks-at-the-eigenenergies": peaks,
    "peaks-at-half-the-eigenenergies": half_peaks,
    "width-of-a-peak": width,
    "like-vacuum-rabi-splitting": rabi,
    "strong-coupling-enhances-conduction": enhances,
    "larger-gap-conducts-more": larger_gap,
}


@pytest.mark.parametrize("name", CONFIRMED)
def test_a_fault_is_found_by_other_software_too(name):
    assert judged(name).verdict in FAULTS
    for found, again in CONFIRMED[name]():
        assert close(found, again), (found, again)


def test_every_fault_is_confirmed():
    with (ROOT / "reference/ledger.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["paper"] == "santiagogarcia2024"]
    assert {row["id"] for row in rows} == set(known())
    assert {row["id"] for row in rows if row["verdict"] in {str(v) for v in FAULTS}} == set(CONFIRMED)


def test_every_numbered_equation_is_declared():
    numbers = sorted(int(entry.numbers[""]) for entry in known().values() if entry.kind == "equation")
    assert numbers == list(range(1, 48))
