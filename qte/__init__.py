"""Quantum thermal engines: machines, their steady states, and the papers about them.

Units: hbar = k_B = 1 throughout.
"""

from __future__ import annotations

__version__ = "0.1.0"
