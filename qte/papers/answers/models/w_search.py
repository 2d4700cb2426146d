"""The couplings of one sink with which W_n has the largest gap: a search from random couplings, in whole percent.

The gap is a minimum over decays and has kinks where two of them meet, mostly where it is largest, so that slopes say
little: the search tries steps of one coupling and of a few at once, and shortens them when none leads up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qte.papers.answers.models.w_machines import Surroundings, master_equation, tuned
from qte.solver.blocks import superoperator

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

# Percent of g: the largest coupling, and the longest step.
MOST: Final = 100
LONGEST: Final = 32
# Steps of a few couplings that are tried at once, and how many couplings a step moves, on average.
TRIES: Final = 64
MOVED: Final = 3
# A step counts that raises the gap by such a part; gaps closer than the second are one, whatever the processor.
RAISED: Final = 1e-5
SAME: Final = 1e-6

# What the figure shows, by n: see `tuned`.
SHOWN: Final[dict[int, tuple[int, ...]]] = {
    3: (19, -18, -100, 86, -100, 14, -41),
    4: (61, -2, 74, -80, -100, -17, -100, 100, -100, 100, 90),
    5: (-54, -36, -6, 20, 86, 77, 2, 44, 90, 91, 100, -100, -100, 0, 100, 5),
    6: (-83, -4, -69, -13, -65, -1, 70, -21, 36, -13, 68, 34, 89, 68, 53, *(-100, 100) * 3, -146),
}


@dataclass(frozen=True)
class OneSink:
    """Machines of n qubits and one sink, by whole percents of g as in `tuned`.

    Parameters
    ----------
    n : int
    around : Surroundings
    """

    n: int
    around: Surroundings

    @cached_property
    def steps(self) -> Whole:
        """What a machine may be moved by, shape (k, numbers): the sink's couplings add up to 0, two change at once."""
        pairs = self.n * (self.n - 1) // 2
        steps = np.eye(pairs + self.n + 1, dtype=np.int64)
        steps[pairs : pairs + self.n - 1, pairs + self.n - 1] = -1
        return np.delete(steps, pairs + self.n - 1, axis=0)

    @cached_property
    def _blocks(self) -> tuple[Array, Array]:
        """Equations of the populations without couplings, (d, d), and what each step adds to them, (k, d, d)."""
        whole = superoperator(master_equation(tuned(self.steps.sum(axis=0)), self.around))
        own = whole.components[0]
        machines = [np.zeros_like(self.steps[0]), *self.steps]
        found = np.array(
            [
                superoperator(master_equation(tuned(percent), self.around))
                .restrict(own)
                .matrix(slice(0, 1))[0]
                for percent in machines
            ]
        )
        return found[0], found[1:] - found[0]

    def gaps(self, amounts: Whole) -> Array:
        """Slowest decay of machines that so many of each step lead to from no couplings at all, shape (m,)."""
        bare, each = self._blocks
        rates = np.linalg.eigvals(bare + np.tensordot(amounts, each, axes=1)).real
        # the first is the steady state's
        return np.asarray(np.sort(np.abs(rates), axis=-1)[:, 1])

    def inside(self, amounts: Whole) -> NDArray[np.bool_]:
        """Whether no coupling is larger than g, shape (m,); the sink's gap is free."""
        return np.asarray((np.abs(amounts @ self.steps)[:, :-1] <= MOST).all(axis=1))

    def climb(self, start: int) -> tuple[tuple[int, ...], float]:
        """Percents and gap where a search ends; `start` names its random couplings and steps."""
        rng, count = np.random.default_rng(start), len(self.steps)
        here = np.zeros(count, dtype=np.int64)
        for _ in range(LONGEST):
            far = here + rng.integers(-LONGEST, LONGEST + 1, count)
            here = far if self.inside(far[None])[0] else here
        best, length = float(self.gaps(here[None])[0]), LONGEST
        while length:
            tried = self._around(here, length, rng)
            found = self.gaps(tried)
            top = int(np.argmax(found >= found.max() * (1 - SAME)))
            if found[top] > best * (1 + RAISED):
                here, best = tried[top], float(found[top])
            else:
                length //= 2
        return tuple(int(k) for k in here @ self.steps), best

    def raised(self, percent: Sequence[int], seed: int) -> float:
        """By which part a step of any length raises the gap of a machine most; 0 if none does."""
        # the sink's last coupling follows from the others
        here = np.delete(np.asarray(percent, dtype=np.int64), -2)
        rng, length, best = np.random.default_rng(seed), LONGEST, 0.0
        reached = float(self.gaps(here[None])[0])
        while length:
            best = max(best, float(self.gaps(self._around(here, length, rng)).max()) / reached - 1)
            length //= 2
        return best

    def _around(self, here: Whole, length: int, rng: np.random.Generator) -> Whole:
        """What steps of one coupling, by so much, and of a few, by at most as much, lead to inside the bounds."""
        count = len(here)
        one = length * np.eye(count, dtype=np.int64)
        few = rng.integers(-length, length + 1, (TRIES, count))
        few = np.where(rng.integers(0, count, (TRIES, count)) < MOVED, few, 0)
        tried = here + np.concatenate([one, -one, few])
        return np.asarray(tried[self.inside(tried)])
