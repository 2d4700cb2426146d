"""The couplings of one sink that the figure shows, found again from random ones."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.ledger.entries import judge
from qte.ledger.forms import fact, negligible
from qte.ledger.judged import Found, found
from qte.papers.answers.checks.sinks import AROUND, dense_gap
from qte.papers.answers.models.w_machines import gap, tuned
from qte.papers.answers.models.w_search import MOST, SHOWN, OneSink

STARTS = 8
# Searches end within such a part of one gap, and steps from the couplings shown raise it by less than the second.
AGREES, LEFT = 1e-3, 5e-4
# What two codes leave of a gap where two decays meet, which is known to the root of round-off.
CLOSE = 1e-6


@judge("q7-couplings-of-one-sink")
def couplings(rng: Generator) -> Found:
    machines = {n: OneSink(n, AROUND) for n in SHOWN}
    shown = {n: gap(tuned(percent), AROUND) for n, percent in SHOWN.items()}
    again = [dense_gap(tuned(SHOWN[n])) / shown[n] - 1 for n in (3, 4, 5)]
    ends = {
        n: np.array([machines[n].climb(start)[1] for start in range(STARTS)]) / shown[n] - 1 for n in (3, 4)
    }
    agree = {n: int((np.abs(end) < AGREES).sum()) for n, end in ends.items()}
    raised = [machines[n].raised(SHOWN[n], seed=n) for n in SHOWN]
    at_bound = [sum(abs(percent) == MOST for percent in SHOWN[n][:-1]) for n in SHOWN]
    return found(
        negligible("gap of the best of eight searches over the one shown, less 1, n = 3, 4",
                   [end.max() for end in ends.values()], AGREES),
        fact("half of the searches or more end there, n = 3, 4", min(agree.values()) >= STARTS // 2,
             fewest=min(agree.values())),
        negligible("what any step tried from the couplings shown adds to the gap, as a part, n = 3 … 6", raised, LEFT),
        negligible("gap of the couplings shown by dense matrices over the library’s, less 1, n = 3 … 5", again, CLOSE),
        starts=STARTS,
        three=shown[3] / AROUND.gamma,
        four=shown[4] / AROUND.gamma,
        five=shown[5] / AROUND.gamma,
        six=shown[6] / AROUND.gamma,
        agree_three=agree[3],
        agree_four=agree[4],
        at_three=at_bound[0],
        at_four=at_bound[1],
        at_five=at_bound[2],
        at_six=at_bound[3],
        part=AGREES,
        left=LEFT,
        close=CLOSE,
    )  # fmt: skip
