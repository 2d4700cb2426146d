"""Every verdict of the ledger of khandelwal2025 that finds fault, confirmed with QuTiP at its counterexample."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import qutip as qt

from qte.ledger.entries import entries
from qte.ledger.verdicts import FAULTS
from qte.ledger.words import words_of
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025.parts import FIGURE

PAPER = "qte.papers.khandelwal2025"
PARTS = ("equations", "ideal", "two_qubits", "many", "dynamics", "figures", "robust")
FULL = 1 / (np.e + 1)
UP, DOWN, ONE = qt.basis(2, 0), qt.basis(2, 1), qt.qeye(2)
RAISE, EXCITED = UP * DOWN.dag(), UP * UP.dag()


def fermi(x):
    return 1 / (np.exp(np.minimum(x, 700.0)) + 1)


def on(n, **factors):
    """Product of one-qubit operators, qubits counted from 1: on(3, q1=..., q3=...)."""
    return qt.tensor([factors.get(f"q{k}", ONE) for k in range(1, n + 1)])


def exchange(n, i, j):
    term = on(n, **{f"q{i}": RAISE, f"q{j}": RAISE.dag()})
    return term + term.dag()


def three(*, g13, g23, gamma_1, gamma_3, T_1, T_3, U, mu, mu_3=0.0, dephasing=0.0, merged=False):
    """Eqs. (1) and (2) in QuTiP at eps = 1; `merged`: one jump operator for each energy."""
    n = [on(3, **{f"q{k}": EXCITED}) for k in (1, 2, 3)]
    h = sum(n) + g13 * exchange(3, 1, 3) + g23 * exchange(3, 2, 3)
    h += U * (n[0] * n[1] + n[0] * n[2] + n[1] * n[2])
    jumps = {1: [], 3: []}
    for site, gamma, T, potential in ((1, gamma_1, T_1, mu), (3, gamma_3, T_3, mu_3)):
        others = [k for k in (1, 2, 3) if k != site]
        found = {}
        for p, q in product((0, 1), repeat=2):
            beside = {
                f"q{k}": (EXCITED if bit else ONE - EXCITED) for k, bit in zip(others, (p, q), strict=True)
            }
            found.setdefault(p + q if merged else (p, q), []).append(
                (p + q, on(3, **{f"q{site}": RAISE}, **beside))
            )
        for group in found.values():
            x = (
                (1 + group[0][0] * U - potential) / T
                if T
                else np.inf * np.sign(1 + group[0][0] * U - potential)
            )
            up = sum(op for _, op in group)
            jumps[site] += [np.sqrt(gamma * fermi(x)) * up, np.sqrt(gamma * fermi(-x)) * up.dag()]
    noise = [np.sqrt(dephasing) * (2 * k - 1) for k in n] if dephasing else []
    return h, jumps, noise


def concurrence(**p):
    h, jumps, noise = three(**(FIGURE | p))
    rho = qt.steadystate(h, [c for c in jumps[1] + jumps[3] + noise if c.norm() > 0])
    return qt.concurrence(rho.ptrace([0, 1]))


def levels(n, bonds, couplings, load, sinks, energies=None):
    """A machine of n qubits at U = inf along the bonds, in the full space: absorption only beside empty neighbours."""
    occupied = {k: on(n, **{f"q{k}": EXCITED}) for k in range(1, n + 1)}
    crowded = sum((occupied[i] * occupied[j] for i, j in bonds), 0 * occupied[1])
    keep = qt.Qobj(np.diag((np.abs(crowded.diag()) < 0.5).astype(float)), dims=crowded.dims)
    h = sum((g * keep * exchange(n, i, j) * keep for i, j, g in couplings), 0 * crowded)
    h += sum((e * occupied[k] for k, e in (energies or {}).items()), 0 * crowded)
    jumps = []
    for site, fill, empty in ((1, load, 0.0), *sinks):
        up = keep * on(n, **{f"q{site}": RAISE}) * keep
        jumps += [np.sqrt(fill) * up] if fill else []
        jumps += [np.sqrt(empty) * up.dag()] if empty else []
        # states with two excited neighbours decay; they are never entered
        jumps.append(on(n, **{f"q{site}": RAISE.dag()}) * (1 - keep))
    return h, jumps


def uncrowded(h, jumps, bonds):
    """The same on the states without two excited neighbours, and which these are."""
    words = ["".join(bits) for bits in product("10", repeat=len(h.dims[0]))]
    inside = np.flatnonzero([not any(b[i - 1] == b[j - 1] == "1" for i, j in bonds) for b in words])
    h, *few = (qt.Qobj(c.full()[np.ix_(inside, inside)]) for c in (h, *jumps))
    return h, [c for c in few if c.norm() > 0], inside


def pairs(n):
    return [(i, j) for i in range(1, n + 1) for j in range(i + 1, n + 1)]


def word(bits):
    return qt.tensor([UP if b == "1" else DOWN for b in bits])


def w_state(*words):
    first, *others = (word(w) for w in words)
    return (first - sum(others, 0 * first)).unit()


def fidelity(rho, psi):
    return qt.expect(qt.ket2dm(psi), rho)


def gap(g13=0.05, g23=0.05, gamma=0.1):
    h, jumps = levels(3, pairs(3), [(1, 3, g13), (2, 3, g23)], gamma, [(3, gamma * FULL, gamma * (1 - FULL))])
    h, jumps, _ = uncrowded(h, jumps, pairs(3))
    values = qt.liouvillian(h, jumps).eigenenergies()
    return np.sort(-values.real)[1]


@pytest.fixture(scope="module")
def ledger():
    return {e.id: e for part in PARTS for e in entries(f"{PAPER}.checks.{part}")}


def test_every_equation_has_its_words():
    words = words_of("khandelwal2025").entries.values()
    assert {next(iter(w.number.values())) for w in words if w.kind == "equation"} == {
        str(k) for k in range(1, 13)
    }
    assert sum(w.kind == "claim" for w in words) >= 60


@pytest.mark.parametrize(
    "id",
    [
        "eq-4",
        "eq-9",
        "eq-10",
        "eq-12",
        "no-two-qubit-hamiltonian",
        "fourth-qubit-not-multipartite",
        "w-state-in-the-same-limits",
        "near-maximal-where-both-are-large",
        "one-sink-per-entangled-qubit",
        "mu-3-without-impact",
        "time-scale-one-over-gamma",
        "one-operator-per-configuration",
    ],
)
def test_the_words_are_borne_out(ledger, id):
    evidence = ledger[id].run()
    fault = ledger[id].words.verdict in FAULTS
    assert not fault or (evidence.second_numbers and evidence.printed != evidence.right)


# ---- the library-free second method itself -------------------------------------------------------


def test_dense_machines_are_qutips():
    p = FIGURE | {
        "g13": -0.08,
        "T_3": 0.6,
        "gamma_3": 0.03,
        "U": 3.0,
        "mu": 2.5,
        "mu_3": -0.4,
        "dephasing": 0.002,
    }
    rho = dense.first_pair(dense.steady_of(dense.three_qubits(**p)))
    h, jumps, noise = three(**p)
    again = qt.steadystate(h, jumps[1] + jumps[3] + noise).ptrace([0, 1]).full()
    assert np.abs(rho - again).max() < 1e-10


@pytest.mark.parametrize(
    ("mu", "coherence", "populations"),
    [
        (8.0, -0.49635 + 0.00667j, [0.00017, 0.49296, 0.50394, 0.00293]),
        # two excitations: the signs of electrons matter
        (15.0, -0.08547 + 0.09169j, [0.05900, 0.45366, 0.27489, 0.21245]),
    ],
)
def test_redfield_equation_is_qmeqs(mu, coherence, populations):
    """Values of QmeQ 1.1 (`pyRedfield`, flat bands of half-width 60 T, spinless electrons), to its five digits."""
    rho = dense.first_pair(dense.redfield(FIGURE | {"U": 15.0, "mu": mu}, electrons=True, band=60.0))
    assert np.abs(rho.diagonal().real - populations).max() < 1e-5
    assert abs(rho[1, 2] - coherence) < 1e-5


# ---- steady states at finite U and mu ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"U": 15.0, "mu": 8.0}, 0.9934473418),  # quoted-above-099
        ({"U": 15.0, "mu": 15.0}, 0.2492489753),  # near-maximal-where-both-are-large, quoted-025
        ({"U": 100.0, "mu": 100.0}, 0.2492506064),  # third-limit-is-needed, first-limit-blocks-absorption
        ({"U": 155.0, "mu": 105.0}, 1.0),  # third-limit-is-needed
        ({"T_1": 0.05, "U": 40.0, "mu": 2.0, "mu_3": 2.0}, 0.99999997),  # driven-by-the-chemical-potential
        ({"T_1": 0.0, "T_3": 0.0, "U": 0.5, "mu": 1.2}, 1.0),  # bright-away-from-the-limit
        ({"U": 15.0, "mu": 8.0, "mu_3": 1.0}, 0.9934473418 - 0.0033101603),  # mu-3-without-impact
        ({"U": 60.0, "mu": 30.0, "dephasing": 1e-3}, 0.780802560),  # robust-scheme
        ({"U": 15.0, "mu": 15.0, "merged": True}, 0.1787510761),  # one-operator-per-configuration
    ],
)
def test_concurrence_in_qutip(changes, expected):
    # QuTiP takes roots of eigenvalues: its concurrence is good to about 1e-7
    assert concurrence(**changes) == pytest.approx(expected, abs=1e-7)


def test_cold_machine_with_u_below_mu():
    """u-larger-than-mu, much-larger-than-the-qubit-energies."""
    cold = {
        "g13": 0.01,
        "g23": 0.01,
        "gamma_1": 0.01,
        "gamma_3": 0.01,
        "T_1": 0.02,
        "T_3": 0.02,
        "U": 0.5,
        "mu": 1.2,
    }
    assert concurrence(**cold) == pytest.approx(0.9998753331, abs=1e-8)


# ---- the ideal limit -----------------------------------------------------------------------------


def test_kernel_of_the_three_jump_operators():
    """two-properties-make-it-unique."""
    h, jumps, _ = three(**FIGURE, U=15.0, mu=8.0)
    raise_1, raise_3 = (c.unit() for c in (jumps[1][0], jumps[3][0]))
    few = [np.sqrt(0.1) * raise_1, np.sqrt(0.1 * FULL) * raise_3, np.sqrt(0.1 * (1 - FULL)) * raise_3.dag()]
    values = np.linalg.svd(qt.liouvillian(h, few).full(), compute_uv=False)
    assert (values < 1e-10 * values[0]).sum() == 5


def test_start_with_two_excitations():
    """three-relevant-transitions."""
    h, jumps, _ = three(**FIGURE, U=400.0, mu=100.0)
    collapse = [c for c in jumps[1] + jumps[3] if c.norm() > 1e-15]
    rho = qt.vector_to_operator(
        (3000.0 * qt.liouvillian(h, collapse)).expm() * qt.operator_to_vector(qt.ket2dm(word("110")))
    )
    assert fidelity(rho, w_state("100", "010")) == pytest.approx(1.0, abs=1e-6)


def test_unequal_couplings_and_detuning():
    """figure-1-singlet, small-deviations."""
    sink = [(3, 0.1 * FULL, 0.1 * (1 - FULL))]
    rho = qt.steadystate(*levels(3, pairs(3), [(1, 3, 0.1), (2, 3, 0.05)], 0.1, sink))
    assert fidelity(rho, w_state("100", "010")) == pytest.approx(0.9, abs=1e-9)
    for raised, expected in (
        ({2: 0.005}, 0.9905828855),
        ({1: 0.005}, 0.9905147439),
        ({3: 0.005}, 1.0),
        ({2: 0.05}, 0.5275860011),
        ({1: 0.05}, 0.3503026366),
        ({1: 0.025, 2: -0.025}, 0.4557746631),
    ):
        rho = qt.steadystate(*levels(3, pairs(3), [(1, 3, 0.05), (2, 3, 0.05)], 0.1, sink, raised))
        assert qt.concurrence(rho.ptrace([0, 1])) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ({"gamma": 0.03, "g13": 0.005, "g23": 0.005}, 0.0023843541304),
        ({"gamma": 0.1, "g13": 0.005, "g23": 0.005}, 0.0013006614155),
        ({"gamma": 1e-3, "g13": 0.05, "g23": 0.005}, 2.2172070166e-6),
    ],
)
def test_gaps(p, expected):
    """larger-coupling-faster, time-scale-one-over-gamma."""
    assert gap(**p) == pytest.approx(expected, rel=1e-6)


def test_path_from_the_empty_machine():
    """opposite-currents, within-a-few-microseconds, slowest-eigenvalue-sets-the-time."""
    h, jumps = levels(3, pairs(3), [(1, 3, 0.05), (2, 3, 0.05)], 0.1, [(3, 0.1 * FULL, 0.1 * (1 - FULL))])
    options = {"atol": 1e-12, "rtol": 1e-11, "nsteps": 100000}
    psi = w_state("100", "010")
    path = qt.mesolve(
        h, qt.ket2dm(word("000")), [0.0, 372.80169695428475], jumps, e_ops=[qt.ket2dm(psi)], options=options
    )
    assert path.expect[0][-1] == pytest.approx(0.99, abs=1e-8)
    still = qt.mesolve(h, qt.ket2dm(psi), [0.0, 100.0], jumps, e_ops=[qt.ket2dm(psi)], options=options)
    assert still.expect[0][-1] == pytest.approx(1.0, abs=1e-10)
    energy = h + sum(on(3, **{f"q{k}": EXCITED}) for k in (1, 2, 3))
    sink = [
        c for c in jumps if (c * word("000")).overlap(word("001")) or (c * word("001")).overlap(word("000"))
    ]
    change = sum((qt.lindblad_dissipator(c) for c in sink), 0 * qt.lindblad_dissipator(sink[0]))
    q3 = (energy * qt.vector_to_operator(change * qt.operator_to_vector(qt.ket2dm(word("000"))))).tr()
    assert q3.real == pytest.approx(0.1 * FULL, abs=1e-12)


# ---- two qubits ----------------------------------------------------------------------------------


def test_singlet_of_two_qubits_in_a_field():
    """no-two-qubit-hamiltonian, no-pure-entangled-state-of-two-qubits."""
    field = 0.07 * (on(2, q1=qt.sigmax()) + on(2, q2=qt.sigmax()))
    h = on(2, q1=EXCITED) + on(2, q2=EXCITED) + 0.05 * exchange(2, 1, 2) + field
    moves = (("10", "00"), ("01", "00"), ("01", "11"), ("10", "11"))
    jumps = [np.sqrt(0.1) * word(to) * word(start).dag() for to, start in moves]
    values = np.linalg.svd(qt.liouvillian(h, jumps).full(), compute_uv=False)
    assert (values < 1e-10 * values[0]).sum() == 1
    assert fidelity(qt.steadystate(h, jumps), w_state("10", "01")) == pytest.approx(1.0, abs=1e-10)


# ---- more qubits ---------------------------------------------------------------------------------


def test_w_state_on_four_qubits_from_the_empty_machine():
    """fourth-qubit-not-multipartite."""
    couplings = [(1, 4, 0.1), (2, 4, 0.05), (3, 4, 0.05)]
    h, jumps = levels(4, pairs(4), couplings, 0.1, [(4, 0.1 * FULL, 0.1 * (1 - FULL))])
    target = qt.ket2dm(w_state("1000", "0100", "0010"))
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 200000}
    path = qt.mesolve(h, qt.ket2dm(word("0000")), [0.0, 3000.0], jumps, e_ops=[target], options=options)
    assert path.expect[0][-1] == pytest.approx(1.0, abs=1e-6)


def test_unique_w_state_on_four_qubits_with_one_sink():
    """one-sink-per-entangled-qubit."""
    couplings = [(1, 4, 0.1), (2, 4, 0.09), (3, 4, 0.01), (2, 3, 0.1)]
    h, jumps = levels(4, pairs(4), couplings, 0.1, [(4, 0.1 * FULL, 0.1 * (1 - FULL))], {1: 0.1})
    h, jumps, inside = uncrowded(h, jumps, pairs(4))
    target = qt.Qobj(w_state("1000", "0100", "0010").full()[inside])
    values = np.linalg.svd(qt.liouvillian(h, jumps).full(), compute_uv=False)
    assert (values < 1e-10 * values[0]).sum() == 1
    assert fidelity(qt.steadystate(h, jumps), target) == pytest.approx(1.0, abs=1e-9)


def test_five_qubits_with_repulsion_inside_the_triangles():
    """w-state-in-the-same-limits, u-above-mu-above-t, eq-10."""
    bonds = [(1, 2), (1, 4), (2, 4), (1, 3), (1, 5), (3, 5)]
    couplings = [(1, 4, 0.05), (2, 4, 0.05), (1, 5, 0.05), (3, 5, 0.05)]
    sinks = [(k, 0.1 * FULL, 0.1 * (1 - FULL)) for k in (4, 5)]
    h, jumps = levels(5, bonds, couplings, 0.1, sinks)
    h, jumps, inside = uncrowded(h, jumps, bonds)
    rho = qt.steadystate(h, jumps)
    target = qt.Qobj(w_state("10000", "01000", "00100").full()[inside])
    assert fidelity(rho, target) == pytest.approx(0.33013668815, abs=1e-9)


def test_entropy_of_one_qubit_of_w():
    """w-state-maximal."""
    assert qt.entropy_vn(w_state("100", "010", "001").ptrace([0]), 2) == pytest.approx(0.9182958341, abs=1e-9)
