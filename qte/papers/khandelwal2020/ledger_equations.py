"""Verdicts on the numbered equations of khandelwal2020, sections 1 to 5 and appendix A."""

from __future__ import annotations

from numpy.random import Generator

from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, definition


def _both(number: int) -> dict[str, str]:
    return {"published": str(number), "preprint": str(number)}


@equation(_both(1), place="sec. 2", printed=r"H = H_S + H_{int} + H_B + H_{SB}")
def eq01(rng: Generator) -> Evidence:
    return definition("The parts of the total Hamiltonian.")
