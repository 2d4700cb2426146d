r"""The printed equations of khandelwal2025 as functions, in the paper's own words and order.

Three qubits are ordered |111>, |110>, ... |000>; hbar = k_B = 1.  Eq. (3) is a
limit and has no function: it is ``U = mu = inf`` of `qte.machines.ThreeQubitMachine`.
Jump operators raise from |0> to |1>: the bars that the printed kets carry are
``L_1pq = |1pq><0pq|`` and ``L_3pq = |pq1><pq0|``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.physics.operators import ket

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

CONFIGURATIONS = tuple(product((0, 1), repeat=2))


def _outer(to: str, start: str) -> Array:
    return np.outer(ket(to), ket(start))


def _exchange(site: int, other: int, n: int) -> Array:
    """s+_site s-_other + h.c. on n qubits, sites counted from 0."""
    total = np.zeros((2**n, 2**n))
    for letters in product("01", repeat=n):
        if letters[site] == "0" and letters[other] == "1":
            moved = list(letters)
            moved[site], moved[other] = "1", "0"
            total += _outer("".join(moved), "".join(letters))
    return total + total.T


def eq01_hamiltonian(eps: float, g13: float, g23: float, U: float) -> Array:
    """H of the three qubits, shape (8, 8)."""
    number = sum(
        (w.count("1") * _outer(w, w) for w in map("".join, product("01", repeat=3))), np.zeros((8, 8))
    )
    repulsion = U * (
        _outer("110", "110") + _outer("101", "101") + _outer("011", "011") + 3 * _outer("111", "111")
    )
    return np.asarray(
        eps * number + g13 * _exchange(0, 2, 3) + g23 * _exchange(1, 2, 3) + repulsion, dtype=float
    )


def eq02_jump(j: int, p: int, q: int) -> Array:
    """L_jpq of reservoir j = 1 or 3, shape (8, 8)."""
    if j == 1:
        return _outer(f"1{p}{q}", f"0{p}{q}")
    return _outer(f"{p}{q}1", f"{p}{q}0")


def eq02_rates(
    eps: float, U: float, mu: float, T: float, gamma: float, p: int, q: int
) -> tuple[float, float]:
    """gamma+_jpq and gamma-_jpq of one reservoir, with n_F and U_pq as the text defines them."""
    energy = eps + (U if p + q == 1 else 2 * U if p + q == 2 else 0.0)
    occupation = 1 / (el.exp((energy - mu) / T) + 1)
    return float(gamma * occupation), float(gamma * (1 - occupation))


def dissipator(jump: Array, rho: Complex) -> Complex:
    """D[L] rho = L rho L^+ - (L^+ L rho + rho L^+ L)/2, below eq. (2)."""
    square = jump.T @ jump
    return np.asarray(jump @ rho @ jump.T - (square @ rho + rho @ square) / 2)


def eq02_reservoir(rho: Complex, j: int, eps: float, U: float, mu: float, T: float, gamma: float) -> Complex:
    """The dissipators of reservoir j in eq. (2) applied to rho, shape (8, 8)."""
    total = np.zeros((8, 8), dtype=complex)
    for p, q in CONFIGURATIONS:
        up, down = eq02_rates(eps, U, mu, T, gamma, p, q)
        jump = eq02_jump(j, p, q)
        total += up * dissipator(jump, rho) + down * dissipator(jump.T, rho)
    return total


def eq04_state(g13: float, g23: float) -> Array:
    """The pure steady state of the ideal limit, shape (8,)."""
    norm = el.hypot(g13, g23)
    return np.asarray((g23 * ket("100") - g13 * ket("010")) / norm)


def effective_hamiltonian(hamiltonian: Array, gamma_1: float, up: float, down: float) -> Complex:
    """H' below eq. (4), shape (8, 8); `up` and `down` are gamma+_300 and gamma-_300, gamma+_100 = gamma_1."""
    first, third = eq02_jump(1, 0, 0), eq02_jump(3, 0, 0)
    decay = gamma_1 * first.T @ first + up * third.T @ third + down * third @ third.T
    return np.asarray(hamiltonian - 0.5j * decay)


def eq05_hamiltonian(eps: float, g: float) -> Array:
    """H of the two-qubit machine, shape (4, 4)."""
    return np.diag([2 * eps, eps, eps, 0.0]) + g * _exchange(0, 1, 2)


def eq06_jumps() -> tuple[Array, ...]:
    """L_1 ... L_8 of the two-qubit machine, each of shape (4, 4).

    The marks that tell the kets from the bras are lost in our copy of the text.  They are fixed by what it
    says: L_1 and L_2 excite qubit 1 and 2 out of |00>, L_1 ... L_4 annihilate the
    Bell states |10> +- |01>, and L_5 ... L_8 annihilate |00> +- |11>.
    """
    pairs = (("10", "00"), ("01", "00"), ("01", "11"), ("10", "11"))
    back = (("00", "10"), ("00", "01"), ("11", "10"), ("11", "01"))
    return tuple(_outer(to, start) for to, start in pairs + back)


def eq07_liouvillian(hamiltonian: Array, rates: Sequence[float]) -> Complex:
    """Matrix of eq. (7) on rho flattened row by row, shape (16, 16); eq. (8) has the last four rates 0."""
    one = np.eye(4)
    total = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T)).astype(complex)
    for rate, jump in zip(rates, eq06_jumps(), strict=True):
        square = jump.T @ jump
        total += rate * (np.kron(jump, jump) - (np.kron(square, one) + np.kron(one, square)) / 2)
    return np.asarray(total)


def eq09_energy_current(hamiltonian: Array, change: Complex) -> float:
    """Q_j = Tr{H (dissipators of reservoir j) rho}; `change` is `eq02_reservoir` of j."""
    return float(np.trace(hamiltonian @ change).real)


def average_current(q1: Array, q3: Array) -> Array:
    """J = (Q_1 - Q_3)/2, below eq. (9)."""
    return np.asarray((q1 - q3) / 2)


def concurrence(coherence: Array, p11: Array, p00: Array) -> Array:
    """C = 2 max{0, |c| - sqrt(p11 p00)} of qubits 1 and 2, in the text on figure 3."""
    return np.asarray(2 * np.maximum(0.0, np.abs(coherence) - np.sqrt(p11 * p00)))


def eq11_coefficients(g_first: Sequence[float], g_own: Sequence[float]) -> tuple[Array, float]:
    """alpha_j = g_{1,n+j}/g_{1+j,n+j} and beta = 1 + sum alpha_j**2."""
    alpha = np.asarray(g_first, dtype=float) / np.asarray(g_own, dtype=float)
    return alpha, float(1 + np.sum(alpha**2))


def eq10_state(alpha: Sequence[float]) -> Array:
    """The steady state of the machine of 2n - 1 qubits, n = len(alpha) + 1, shape (2**(2n-1),)."""
    n = len(alpha) + 1
    words = ["".join("1" if k == site else "0" for k in range(2 * n - 1)) for site in range(n)]
    state = ket(words[0]) - sum(a * ket(w) for a, w in zip(alpha, words[1:], strict=True))
    return np.asarray(state / np.sqrt(1 + np.sum(np.square(alpha))))


def eq12_w_state(n: int) -> Array:
    """W_n with the sinks empty, shape (2**(2n-1),): eq. (10) with all alpha_j = 1."""
    return eq10_state((1.0,) * (n - 1))
