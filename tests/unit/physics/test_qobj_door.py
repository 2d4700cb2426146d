"""Objects of QuTiP at every door where operators and states enter, and states on their way back."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import qutip
import scipy.sparse as sp

import qte
from qte.common.errors import ParameterError
from qte.machines import Junction, ThreeQubitMachine, TwoQubitEngine
from qte.physics.entanglement import concurrence, cut_negativity, fidelity, logarithmic_negativity, negativity
from qte.physics.generators import Channel, Generator, Term, liouvillian_of
from qte.physics.operators import LOWER, embed, partial_trace, partial_transpose

RNG = np.random.default_rng(11)
H = qutip.rand_herm([2, 3], seed=1)
C_OPS = [qutip.rand_dm([2, 3], seed=2) * 0.7, 0.4j * qutip.rand_unitary([2, 3], seed=3)]


class Foreign:
    """What is read of a Qobj, and nothing else."""

    def __init__(self, array, dims):
        self._array, self.dims = array, dims

    def full(self):
        return self._array


def test_qte_does_not_import_qutip():
    code = (
        "import sys, qte, qte.machines; from qte.machines import TwoQubitEngine as E; "
        "E(g=.1, gamma_h=.01, gamma_c=.01, T_h=1, T_c=.5).noise('h'); qte.generator([[1, 0], [0, 0]]); "
        "assert 'qutip' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_qutip_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "qutip", None)
    with pytest.raises(ImportError, match=r"^States go to QuTiP where it is installed: pip install qutip$"):
        qte.to_qutip(np.eye(2) / 2)


@pytest.mark.parametrize(
    "given",
    [
        (H, C_OPS),
        (H.full(), [c.full() for c in C_OPS]),
        (sp.csr_array(H.full()), tuple(sp.coo_array(c.full()) for c in C_OPS)),
        (sp.csc_matrix(H.full()), np.array([c.full() for c in C_OPS])),
        (Foreign(H.full(), H.dims), {None: C_OPS}),
        (H, {"a": C_OPS[0], "b": [C_OPS[1]]}),
        (H.full().tolist(), C_OPS),
    ],
)
def test_a_generator_takes_what_mesolve_takes(given):
    generator = qte.generator(*given, dims=(2, 3))
    assert generator.dims == (2, 3)
    assert np.allclose(liouvillian_of(generator), qutip.liouvillian(H, C_OPS).full(), atol=1e-14)
    assert (qte.steady_state(generator).to_qutip() - qutip.steadystate(H, C_OPS)).norm() < 1e-11


def test_dims_and_labels_travel():
    generator = qte.generator(H, {"a": C_OPS[0], "b": C_OPS[1]})
    assert generator.dims == (2, 3)
    assert generator.reservoirs == ("a", "b")
    assert qte.steady_state(generator).to_qutip().dims == [[2, 3], [2, 3]]
    assert qte.generator(np.diag([1.0, 0.0])).channels == ()
    assert qte.generator(qutip.num(3), qutip.destroy(3)).dims == (3,)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: qte.generator([H, [H, lambda t: t]]), "Argument `hamiltonian` must be constant"),
        (lambda: qte.generator([[H, lambda t: t]]), "Argument `hamiltonian` must be constant"),
        (lambda: qte.generator(lambda t: H), "Argument `hamiltonian` must be constant"),
        (lambda: qte.generator(qutip.QobjEvo(H)), "Argument `hamiltonian` must be constant"),
        (lambda: qte.generator(H, [[C_OPS[0], "t"]]), "Argument `c_ops` must be constant"),
        (
            lambda: qte.generator(qutip.liouvillian(H)),
            "Argument `hamiltonian` must be an operator or a state",
        ),
        (
            lambda: qte.generator(H, [qutip.lindblad_dissipator(C_OPS[0])]),
            "Argument `c_ops` must be an operator",
        ),
        (
            lambda: qte.generator(H, [qutip.destroy(2)]),
            "Argument `jump` must have the shape of the Hamiltonian",
        ),
        (lambda: qte.generator(H * 1j), "Argument `hamiltonian` must be Hermitian"),
        (lambda: qte.generator(qutip.basis(2, 0)), "Argument `hamiltonian` must be a square matrix"),
        (lambda: qte.generator(H, dims=(2, 2)), "Argument `dims` must multiply to 6"),
        (lambda: Term.of(1.0, qutip.liouvillian(H)), "Argument `operator` must be an operator or a state"),
        (lambda: fidelity(qutip.to_super(H), H), "Argument `rho` must be an operator or a state"),
        (lambda: qte.to_qutip(np.eye(6), (2, 2)), "Argument `dims` must multiply to 6"),
    ],
)
def test_what_does_not_fit_is_named(call, words):
    with pytest.raises(ParameterError) as caught:
        call()
    assert str(caught.value).startswith(words)


def test_terms_channels_and_embedded_factors():
    lower = qutip.destroy(2).dag()
    assert np.array_equal(Term.of(1.0, H).operator.toarray(), H.full())
    assert np.array_equal(Channel.of("h", 0.1, lower).jump[0].operator.toarray(), LOWER)
    assert np.array_equal(embed({1: lower}, 2).toarray(), embed({1: LOWER}, 2).toarray())
    frame = qutip.rand_unitary([2, 3], seed=9)
    assert np.array_equal(Generator((Term.of(1.0, H),), (), frame).frame, frame.full())


def test_evolution_from_a_state_of_qutip():
    generator = qte.generator(H, C_OPS)
    start, times = qutip.rand_ket([2, 3], seed=6), [0.0, 0.5, 3.0]
    ours = qte.evolve(generator, start, times)
    tight = {"rtol": 1e-12, "atol": 1e-14, "nsteps": 100_000}
    theirs = qutip.mesolve(H, start, times, C_OPS, options=tight).states
    assert np.allclose(ours, [state.full() for state in theirs], atol=1e-9)
    assert np.array_equal(ours, qte.evolve(generator, start.full()[:, 0], times))
    assert np.allclose(ours, qte.evolve(generator, start.proj(), times), atol=1e-15)
    back = qte.to_qutip(ours, (2, 3))
    assert [state.dims for state in back] == [[[2, 3], [2, 3]]] * 3
    kept = qte.steady_state(qte.generator(H), rho0=start.proj())
    assert np.isclose(np.trace(kept.rho), 1)


def test_measures_of_states():
    pair, mixed = qutip.rand_dm([2, 2], seed=4), qutip.rand_dm([2, 3], seed=5)
    ket = qutip.rand_ket([2, 2], seed=8)
    assert concurrence(pair) == pytest.approx(qutip.concurrence(pair), abs=1e-12)
    a, b, c, d = ket.full()[:, 0]
    assert concurrence(ket) == pytest.approx(2 * abs(a * d - b * c), rel=1e-12)
    assert negativity(ket) == pytest.approx(qutip.negativity(ket.proj(), 0), abs=1e-12)
    assert cut_negativity(mixed, [1]) == pytest.approx(qutip.negativity(mixed, 1), abs=1e-12)
    wanted = qutip.negativity(mixed, 0, logarithmic=True)
    assert logarithmic_negativity(mixed, [0]) == pytest.approx(wanted, abs=1e-12)
    assert fidelity(pair, ket) == pytest.approx(qutip.expect(pair, ket), rel=1e-12)
    other = qutip.rand_dm([2, 2], seed=7)
    assert fidelity(pair, other) == pytest.approx(qutip.fidelity(pair, other) ** 2, rel=1e-7)
    assert np.allclose(partial_trace(mixed, [1]), mixed.ptrace(1).full(), atol=1e-15)
    turned = qutip.partial_transpose(mixed, [0, 1]).full()
    assert np.allclose(partial_transpose(mixed, [1]), turned, atol=1e-15)
    assert np.array_equal(negativity([pair, other]), [negativity(pair), negativity(other)])


@pytest.mark.parametrize("approach", ["local", "global"])
def test_a_machine_gives_its_operators(approach):
    engine = TwoQubitEngine(g=[0.05, 0.2], gamma_h=0.001, gamma_c=0.002, T_h=1.0, T_c=0.2, approach=approach)
    dims = [[2, 2]] * 2
    for point, state in enumerate(engine.to_qutip()):
        h = qutip.Qobj(engine.hamiltonian()[point], dims=dims)
        c_ops = [qutip.Qobj(jump[point], dims=dims) for jump in engine.jump_operators()]
        assert np.allclose(engine.liouvillian()[point], qutip.liouvillian(h, c_ops).full(), atol=1e-15)
        assert (qutip.steadystate(h, c_ops) - state).norm() < 1e-9
        assert engine.expect(h)[point] == pytest.approx(qutip.expect(h, state), rel=1e-13)
        again = qte.steady_state(qte.generator(h, c_ops))
        assert np.allclose(again.rho, engine.steady_state().rho[point], atol=1e-12)
    assert len(engine.jump_operators("h")) + len(engine.jump_operators("c")) == len(engine.jump_operators())
    with pytest.raises(ParameterError, match="`reservoir` must be one of 'h', 'c'"):
        engine.jump_operators("x")


def test_a_redfield_equation_has_a_liouvillian_but_no_jumps():
    engine = TwoQubitEngine(g=0.05, gamma_h=0.001, gamma_c=0.002, T_h=1.0, T_c=0.2, approach="redfield")
    with pytest.raises(ParameterError, match="must have jump operators: ask for the Liouvillian"):
        engine.jump_operators()
    stacked = engine.steady_state().rho.T.reshape(-1)
    assert np.abs(engine.liouvillian() @ stacked).max() < 1e-16


def test_expectations_over_a_grid_and_along_a_path():
    machine = ThreeQubitMachine(
        g13=0.01, g23=0.01, gamma_1=0.001, gamma_3=0.001, T_1=1, T_3=0.1, U=1, mu=[0, 1]
    )
    operator = qutip.rand_herm([2, 2, 2], seed=2)
    found = machine.expect(operator)
    assert found.dtype == float
    assert np.allclose(found, [qutip.expect(operator, state) for state in machine.to_qutip()], rtol=1e-12)
    tilted = operator * (1 + 2j)
    assert np.allclose(machine.expect(tilted), found * (1 + 2j), rtol=1e-12)
    assert np.allclose(machine.expect(sp.csr_array(operator.full())), found, rtol=1e-13)
    path = machine.evolve("000", [0.0, 10.0])
    assert path.expect(operator).shape == (2, 2)
    assert len(path.to_qutip()) == 2
    with pytest.raises(ParameterError, match=r"`operator` must have shape \(8, 8\)"):
        machine.expect(qutip.sigmaz())
    with pytest.raises(ParameterError, match="oscillators"):
        Junction(system="oscillator", gamma_L=1, gamma_R=1, T_L=1, T_R=1).hamiltonian()
