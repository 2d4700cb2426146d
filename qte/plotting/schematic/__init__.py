"""Parts of our own schematics: machines, their baths and couplings, and charts of their states.

A schematic is one panel whose coordinates are centimetres on paper: `stage` prepares it. The functions
that draw a thing return a `Node`; `link` and its relatives join two nodes and end at their borders.
"""

from __future__ import annotations

from qte.plotting.schematic.circuit import capacitor, ground, impedance, inductor, junction, wire
from qte.plotting.schematic.links import coulomb, exchange, flow, heat, link, sink
from qte.plotting.schematic.nodes import (
    COLD,
    COMMON,
    HOT,
    NEUTRAL,
    Node,
    Tint,
    bath,
    blob,
    diode,
    frame,
    note,
    oscillator,
    point,
    qubit,
    sheet,
    stage,
    state,
)

__all__ = [
    "COLD",
    "COMMON",
    "HOT",
    "NEUTRAL",
    "Node",
    "Tint",
    "bath",
    "blob",
    "capacitor",
    "coulomb",
    "diode",
    "exchange",
    "flow",
    "frame",
    "ground",
    "heat",
    "impedance",
    "inductor",
    "junction",
    "link",
    "note",
    "oscillator",
    "point",
    "qubit",
    "sheet",
    "sink",
    "stage",
    "state",
    "wire",
]
