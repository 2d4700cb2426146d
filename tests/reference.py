"""Independent references for the tests: nothing here calls qte's physics.

`mp_*` return at least 50 significant digits of every entry (mpmath), `qutip_*`
use QuTiP's own operators.
"""

from __future__ import annotations

import itertools
from typing import Any

import mpmath as mp
import numpy as np
import qutip

# populations down to e^-200 keep 50 significant digits of their own
DIGITS = 150


# ---- mpmath: the two-qubit engine from scratch, local approach ---------------------------------


def mp_occupation(x: Any, statistics: str) -> Any:
    return 1 / (mp.exp(x) - 1) if statistics == "bose" else 1 / (mp.exp(x) + 1)


def mp_two_qubit(p: dict[str, Any]) -> dict[str, Any]:
    """State, currents and negativity of the local two-qubit engine."""
    with mp.workdps(DIGITS):
        v = {k: mp.mpf(x) if not isinstance(x, str) else x for k, x in p.items()}
        eps = {"h": v["eps_h"], "c": v["eps_h"] + v["delta"]}
        up, down = mp_ladder(0, 2), mp_ladder(1, 2)
        lower = {"h": up, "c": down}
        number = {k: lower[k].T * lower[k] for k in lower}
        h = mp.zeros(4)
        for k in ("h", "c"):
            h += eps[k] * number[k] + v.get(f"kappa_{k}", mp.mpf(0)) * (lower[k] + lower[k].T)
        h += v["g"] * (lower["h"].T * lower["c"] + lower["c"].T * lower["h"])
        dissipators = {}
        for k in ("h", "c"):
            stat = p.get(f"statistics_{k}", "bose")
            n = mp_occupation(eps[k] / v[f"T_{k}"], stat)
            emission = v[f"gamma_{k}"] * (1 + n if stat == "bose" else 1 - n)
            dissipators[k] = [(emission, lower[k]), (v[f"gamma_{k}"] * n, lower[k].T)]
        rho = mp_steady(h, [c for k in ("h", "c") for c in dissipators[k]])
        heat = {k: mp_trace(h * mp_dissipate(dissipators[k], rho)) for k in ("h", "c")}
        inner = abs(rho[1, 2])
        root = mp.sqrt(4 * inner**2 + (rho[0, 0] - rho[3, 3]) ** 2)
        negativity = (root - mp.re(rho[0, 0] + rho[3, 3])) / 2
        return {"rho": rho, "heat": heat, "J": heat["h"] - heat["c"], "n": mp.re(negativity)}


def mp_ladder(site: int, n: int) -> Any:
    """sigma_- of one qubit."""
    out = mp.ones(1)
    for k in range(n):
        out = mp_kron(out, mp.matrix([[0, 0], [1, 0]]) if k == site else mp.eye(2))
    return out


def mp_kron(a: Any, b: Any) -> Any:
    out = mp.zeros(a.rows * b.rows, a.cols * b.cols)
    for i, j, k, m in itertools.product(range(a.rows), range(a.cols), range(b.rows), range(b.cols)):
        out[i * b.rows + k, j * b.cols + m] = a[i, j] * b[k, m]
    return out


def mp_trace(a: Any) -> Any:
    return mp.re(sum(a[i, i] for i in range(a.rows)))


def mp_dissipate(channels: list[tuple[Any, Any]], rho: Any) -> Any:
    out = mp.zeros(rho.rows)
    for rate, jump in channels:
        decay = jump.H * jump
        out += rate * (jump * rho * jump.H - (decay * rho + rho * decay) / 2)
    return out


def mp_steady(h: Any, channels: list[tuple[Any, Any]]) -> Any:
    """Steady state by LU of the equations that reach a population, one of them replaced by the trace."""
    d = h.rows
    equations: dict[tuple[int, int], dict[tuple[int, int], Any]] = {}

    def add(row: tuple[int, int], column: tuple[int, int], value: Any) -> None:
        entries = equations.setdefault(row, {})
        entries[column] = entries.get(column, 0) + value

    decay = mp.zeros(d)
    for rate, jump in channels:
        decay += rate * (jump.H * jump)
        landing = _entries(jump)
        for (i, k, a), (j, m, b) in itertools.product(landing, repeat=2):
            add((i, j), (k, m), rate * a * mp.conj(b))
    for i, k, value in _entries(-1j * h - decay / 2):
        for j in range(d):
            add((i, j), (k, j), value)
            add((j, i), (j, k), mp.conj(value))
    inside = _reached(equations, [(k, k) for k in range(d)])
    number = {unknown: n for n, unknown in enumerate(inside)}
    matrix, right = mp.zeros(len(inside)), mp.zeros(len(inside), 1)
    for row in inside:
        for column, value in equations.get(row, {}).items():
            matrix[number[row], number[column]] = value
    for i, j in inside:
        matrix[0, number[i, j]] = 1 if i == j else 0
    right[0] = 1
    x = mp.lu_solve(matrix, right)
    rho = mp.zeros(d)
    for unknown, n in number.items():
        rho[unknown] = x[n]
    return rho


def _entries(a: Any) -> list[tuple[int, int, Any]]:
    return [(i, j, a[i, j]) for i in range(a.rows) for j in range(a.cols) if a[i, j] != 0]


def _reached(equations: dict[Any, dict[Any, Any]], start: list[Any]) -> list[Any]:
    """Unknowns that an equation links with those to start with, these first."""
    links: dict[Any, set[Any]] = {}
    for row, entries in equations.items():
        for column, value in entries.items():
            if value != 0:
                links.setdefault(row, set()).add(column)
                links.setdefault(column, set()).add(row)
    found = dict.fromkeys(start)
    queue = list(start)
    while queue:
        for unknown in sorted(links.get(queue.pop(), ())):
            if unknown not in found:
                found[unknown] = None
                queue.append(unknown)
    return list(found)


# ---- QuTiP: master equations written down once more --------------------------------------------


def qutip_ladder(site: int, n: int) -> qutip.Qobj:
    # |1> = (1, 0) is the excited state here, so sigma_- = |0><1| is QuTiP's sigmam()
    return qutip.tensor([qutip.sigmam() if k == site else qutip.qeye(2) for k in range(n)])


def occupation(energy: float, temperature: float, statistics: str) -> float:
    return 1 / (np.exp(energy / temperature) + (-1 if statistics == "bose" else 1))


def rates(energy: float, temperature: float, gamma: float, statistics: str) -> tuple[float, float]:
    """(emission, absorption)."""
    n = occupation(energy, temperature, statistics)
    return gamma * (1 + n if statistics == "bose" else 1 - n), gamma * n


def qutip_two_qubit(p: dict[str, Any]) -> dict[str, Any]:
    """Steady state, J and negativity of the two-qubit engine in any approach."""
    eps = {"h": p["eps_h"], "c": p["eps_h"] + p["delta"]}
    lower = {"h": qutip_ladder(0, 2), "c": qutip_ladder(1, 2)}
    h = sum(eps[k] * lower[k].dag() * lower[k] for k in "hc")
    h += p["g"] * (lower["h"].dag() * lower["c"] + lower["c"].dag() * lower["h"])
    h += sum(p[f"kappa_{k}"] * (lower[k] + lower[k].dag()) for k in "hc")
    build = _local if p["approach"] == "local" else _in_eigenbasis
    parts = {k: build(h, lower[k], eps[k], k, p) for k in "hc"}
    total = qutip.liouvillian(h) + parts["h"] + parts["c"]
    rho = qutip.steadystate(total, method="direct")
    heat = {
        k: (h * qutip.vector_to_operator(parts[k] * qutip.operator_to_vector(rho))).tr().real for k in "hc"
    }
    transposed = qutip.partial_transpose(rho, [0, 1])
    values = transposed.eigenenergies()
    return {"rho": rho.full(), "heat": heat, "J": heat["h"] - heat["c"], "N": -values[values < 0].sum()}


def _local(h: qutip.Qobj, lower: qutip.Qobj, eps: float, k: str, p: dict[str, Any]) -> qutip.Qobj:
    down, up = rates(eps, p[f"T_{k}"], p[f"gamma_{k}"], p[f"statistics_{k}"])
    return down * qutip.lindblad_dissipator(lower) + up * qutip.lindblad_dissipator(lower.dag())


def _in_eigenbasis(h: qutip.Qobj, lower: qutip.Qobj, eps: float, k: str, p: dict[str, Any]) -> qutip.Qobj:
    """Secular: one Lindblad operator a frequency.  Redfield: every pair of frequencies."""
    energies, states = h.eigenstates()
    parts: dict[float, qutip.Qobj] = {}
    for a, b in itertools.product(range(4), repeat=2):
        amplitude = states[a].dag() * lower * states[b]
        if abs(amplitude) > 1e-14:
            gap = float(energies[b] - energies[a])
            w = next((known for known in parts if abs(known - gap) < 1e-8), gap)
            parts[w] = parts.get(w, 0) + amplitude * states[a] * states[b].dag()
    weighted = {w: rates(w, p[f"T_{k}"], p[f"gamma_{k}"], p[f"statistics_{k}"]) for w in parts}
    if p["approach"] == "global":
        return sum(
            down * qutip.lindblad_dissipator(parts[w]) + up * qutip.lindblad_dissipator(parts[w].dag())
            for w, (down, up) in weighted.items()
        )
    emission = sum(weighted[w][0] * part for w, part in parts.items())
    absorption = sum(weighted[w][1] * part.dag() for w, part in parts.items())
    return _bilinear(emission, lower) + _bilinear(absorption, lower.dag())


def _bilinear(x: qutip.Qobj, y: qutip.Qobj) -> qutip.Qobj:
    gain = qutip.sprepost(x, y.dag()) + qutip.sprepost(y, x.dag())
    return (gain - qutip.spre(y.dag() * x) - qutip.spost(x.dag() * y)) / 2
