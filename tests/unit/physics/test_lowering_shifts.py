"""Lamb shifts of lowering couplings against integrals of 30 digits, QmeQ's numbers, and the equation written out."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.physics import global_channels as module
from qte.physics.baths import Bath
from qte.physics.eigenbasis import eigenbasis, energy_terms
from qte.physics.generators import Generator, Term, global_channels, liouvillian_of
from qte.physics.lamb_shift import lowering_shifts
from qte.physics.operators import LOWER, flip_flop, lowering, total_excitation
from qte.physics.spectral_densities import FromFunction, Lorentzian, ohmic
from qte.solver.steady import steady_state
from qte.solver.thermodynamics import energy_current, particle_current


def integral(rate, frequency, cuts):
    """``P int dx/(2 pi) rate(x)/(frequency - x)`` without its pole."""
    mp.mp.dps = 30
    return mp.quad(lambda u: (rate(frequency - u) - rate(frequency + u)) / u, [0, *cuts, mp.inf]) / (
        2 * mp.pi
    )


@pytest.mark.parametrize("frequency", [-2.0, 0.1, 1.0])
def test_a_fermionic_lead(frequency):
    lead = Bath(0.5, 0.02, "fermi", 0.1, spectral_density=Lorentzian(0.0, 10.0))

    def rate(sign):
        def of(x):
            return mp.mpf("0.02") * 100 / (100 + x**2) / (1 + mp.exp(sign * (x - mp.mpf("0.1")) * 2))

        return of

    cuts = [0.1, 0.5, 1, 2, 5, 10, 20, 100]
    emitted, absorbed = lowering_shifts(lead, frequency)
    assert emitted == pytest.approx(float(integral(rate(-1), mp.mpf(frequency), cuts)), rel=1e-11)
    assert absorbed == pytest.approx(float(-integral(rate(1), mp.mpf(frequency), cuts)), rel=1e-11)


@pytest.mark.parametrize("frequency", [0.3, 2.0])
def test_an_ohmic_bath_of_bosons(frequency):
    bath = Bath(0.5, 0.02, spectral_density=ohmic(5.0))

    def rate(emits):
        def of(x):
            if x <= 0:
                return mp.mpf(0)
            strength = mp.mpf("0.02") * x * mp.exp(-x / 5)
            return strength / -mp.expm1(-2 * x) if emits else strength / mp.expm1(2 * x)

        return of

    cuts = [frequency / 3, frequency, 2 * frequency, 5, 10, 30]
    emitted, absorbed = lowering_shifts(bath, frequency)
    assert emitted == pytest.approx(float(integral(rate(True), mp.mpf(frequency), cuts)), rel=1e-10)
    assert absorbed == pytest.approx(float(-integral(rate(False), mp.mpf(frequency), cuts)), rel=1e-10)


def by_hand(h, coupling, bath):
    """``sum of Gamma^-(w) (A(w) rho A^+ - A^+ A(w) rho) + Gamma^+(w) (A(w)^+ rho A - A A(w)^+ rho) + h.c.``"""
    energies, vectors = np.linalg.eigh(h)
    parts = {"-": np.zeros_like(h), "+": np.zeros_like(h)}
    for a, b in np.ndindex(*h.shape):
        w = energies[b] - energies[a]
        part = np.outer(vectors[:, a], vectors[:, b]) * (vectors[:, a] @ coupling @ vectors[:, b])
        if np.abs(part).max() < 1e-14:
            continue
        emitted, absorbed = lowering_shifts(bath, w)
        parts["-"] = parts["-"] + (bath.emission(w) / 2 + 1j * emitted) * part
        parts["+"] = parts["+"] + (bath.absorption(w) / 2 + 1j * absorbed) * part.T
    one = np.eye(len(h))
    total = -1j * (np.kron(one, h) - np.kron(h.T, one))
    for sign, other in (("-", coupling), ("+", coupling.T)):
        g = parts[sign]
        total = total + np.kron(other.conj(), g) + np.kron(g.conj(), other)
        total = total - np.kron(one, other.conj().T @ g) - np.kron((g.conj().T @ other).T, one)
    return total


@pytest.mark.parametrize("n", [2, 3])
def test_redfield_is_the_equation_written_out(n):
    """Also of eight levels, whose pairs are added up first."""
    bath = Bath(0.5, 0.02, "fermi", 0.1, spectral_density=Lorentzian(0.3, 6.0))
    terms = [Term.of(1.0, total_excitation(n)), Term.of(0.3, flip_flop(0, 1, n))]
    if n == 3:
        terms.append(Term.of(0.17, flip_flop(1, 2, n)))
    basis = eigenbasis(tuple(terms), (), 2**n)
    h = sum(float(t.coefficient) * t.operator.toarray() for t in terms)
    coupling = lowering(0, n)
    channels = global_channels(
        "l", bath, (Term.of(1.0, coupling),), basis, (), secular=False, lamb_shift=True
    )
    generator = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=False)
    assert np.abs(liouvillian_of(generator) - by_hand(h, coupling.toarray(), bath)).max() < 1e-12


@pytest.mark.parametrize("g", [[0.3], [0.0, 0.3]])
def test_a_secular_equation_gains_a_hamiltonian(g):
    """One frequency or two: also where the pattern changes along the grid."""
    bath = Bath(0.5, 0.02, spectral_density=ohmic(5.0))
    terms = (Term.of(1.0, total_excitation(2)), Term.of(g, flip_flop(0, 1, 2)))
    shape = (len(g),)
    basis = eigenbasis(terms, shape, 4)
    coupling = (Term.of(1.0, lowering(0, 2)),)

    def generator(shifted):
        channels = global_channels("h", bath, coupling, basis, shape, lamb_shift=shifted)
        return Generator(energy_terms(basis), channels, basis.vectors)

    gained = liouvillian_of(generator(True)) - liouvillian_of(generator(False))
    for point, strength in enumerate(g):
        vectors, energies = basis.vectors[point], basis.energies[point]
        part = vectors.T @ lowering(0, 2).toarray() @ vectors
        shift = np.zeros((4, 4))
        for w in {1.0 - strength, 1.0 + strength}:
            at = np.where(np.abs(energies[None, :] - energies[:, None] - w) < 1e-9, part, 0.0)
            emitted, absorbed = lowering_shifts(bath, w)
            shift = shift + vectors @ (emitted * at.T @ at + absorbed * at @ at.T) @ vectors.T
        wanted = -1j * (np.kron(np.eye(4), shift) - np.kron(shift.T, np.eye(4)))
        assert np.abs(gained[point] - wanted).max() < 1e-15


# ---- the double dot with spin of QmeQ's tests (gedaskir/qmeq, qmeq/tests/data_builder.py, version 1.1) ----

PAULI = ([0.09430974635273646, -0.09430974635273667], [2.9039511908319557, -2.9039511908319664])
REDFIELD, PRINCIPAL = (
    [0.08322262964922629, -0.08322262964922633],
    [0.06226323392406378, -0.062263233924063605],
)


def double_dot():
    """Four modes of fermions: H and the operator that each of four leads couples to."""
    sign, down, one = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)

    def mode(k):
        out = np.eye(1)
        for j in range(4):
            out = np.kron(out, sign if j < k else down if j == k else one)
        return out

    d = [mode(k) for k in range(4)]
    n = [x.T @ x for x in d]
    h = -10 * (n[0] + n[2]) - 12 * (n[1] + n[3])
    for a, b in ((0, 1), (2, 3)):
        h = h + 20 * (d[a].T @ d[b] + d[b].T @ d[a])
    h = h + 80 * (n[0] @ n[2] + n[1] @ n[3]) + 30 * (n[0] + n[2]) @ (n[1] + n[3])
    leads = [2.0 * d[0] + 0.6 * d[1], d[1] + 0.1 * d[0], 2.0 * d[2] + 0.6 * d[3], d[3] + 0.1 * d[2]]
    return h, leads


def currents(*, secular, band=None):
    h, leads = double_dot()
    basis = eigenbasis((Term.of(1.0, h),), (), 16)
    channels = ()
    for lead, coupling in enumerate(leads):
        bath = Bath(50.0, 2 * np.pi, "fermi", (-1) ** lead * 2.5, spectral_density=band)
        channels += global_channels(
            lead,
            bath,
            (Term.of(1.0, coupling),),
            basis,
            (),
            secular=secular,
            lamb_shift=band is not None,
        )
    dot = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=secular)
    unknowns = steady_state(dot).unknowns
    return [
        [float(flow(dot, unknowns, lead)) for lead in range(4)] for flow in (particle_current, energy_current)
    ]


def test_paulis_equation_of_a_double_dot_has_qmeqs_numbers():
    for found, wanted in zip(currents(secular=True), PAULI, strict=True):
        assert found == pytest.approx(wanted * 2, rel=1e-12)


def test_redfields_equation_of_a_double_dot_has_qmeqs_numbers():
    assert currents(secular=False)[0] == pytest.approx(REDFIELD * 2, rel=1e-12)


def test_with_principal_parts_of_a_band_too():
    """QmeQ's integrals are asked for 1e-6."""
    band = FromFunction(lambda x: np.where(np.abs(x) < 1000, 1.0, 0.0), jumps=(-1000.0, 1000.0))
    particles, energies = currents(secular=False, band=band)
    assert particles == pytest.approx(PRINCIPAL * 2, rel=1e-9)
    assert abs(sum(energies)) < 1e-10


def test_what_has_no_shift():
    with pytest.raises(ParameterError, match="`spectral_density` must be integrable for a Lamb shift"):
        lowering_shifts(Bath(1.0, 0.1), 1.0)
    with pytest.raises(ParameterError, match="`spectral_density` must be integrable for a Lamb shift"):
        lowering_shifts(Bath(1.0, 0.1, "fermi"), 1.0)
    edge = FromFunction(lambda x: np.where(np.abs(x) < 1, 1.0, 0.0), jumps=(-1.0, 1.0))
    with pytest.raises(ParameterError, match="`frequency` must lie away from a jump of the spectrum"):
        lowering_shifts(Bath(1.0, 0.1, "fermi", spectral_density=edge), 1.0)
    with pytest.raises(ParameterError, match="`lamb_shift` must be a bool"):
        global_channels(
            "h", Bath(1.0, 0.1), (Term.of(1.0, LOWER),), eigenbasis((Term.of(1.0, LOWER.T @ LOWER),), (), 2),
            (), lamb_shift="yes",
        )  # fmt: skip


def three_qubits():
    terms = (
        Term.of(1.0, total_excitation(3)),
        Term.of(0.4, flip_flop(0, 1, 3)),
        Term.of(0.4, flip_flop(1, 2, 3)),
    )
    return eigenbasis(terms, (), 8)


def test_joined_pairs_count_what_a_bath_gives_and_takes(monkeypatch):
    """Eight levels: one pair of operators instead of all pairs of transitions, with the same currents."""
    basis, found = three_qubits(), []
    for limit in (8, 100):
        monkeypatch.setattr(module, "JOINED_FROM", limit)
        channels = tuple(
            channel
            for label, T, site in (("h", 1.0, 0), ("c", 0.3, 2))
            for channel in global_channels(
                label, Bath(T, 0.01), (Term.of(1.0, lowering(site, 3)),), basis, (), secular=False
            )
        )
        state = steady_state(Generator(energy_terms(basis), channels, basis.vectors, False))
        found.append((len(channels), state.rho, particle_current(state.generator, state.unknowns, "h")))
    (joined, rho, current), (apart, same, expected) = found
    assert joined == 4 < apart
    assert np.allclose(rho, same, rtol=0, atol=1e-14)
    assert current == pytest.approx(float(expected), rel=1e-11)
    assert current > 1e-4


def test_transitions_of_no_amplitude_drive_nothing_at_all():
    """Amplitudes that rounding makes of 0 are 0 where a bosonic bath has no mode for them."""
    channels = global_channels("h", Bath(1.0, 0.01), (Term.of(1.0, lowering(0, 3)),), three_qubits(), ())
    sizes = np.abs(
        np.concatenate([np.ravel(term.coefficient) for channel in channels for term in channel.jump])
    )
    assert (sizes == 0).any()
