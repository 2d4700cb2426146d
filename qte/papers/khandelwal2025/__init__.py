"""Maximal steady-state entanglement in autonomous quantum thermal machines (npj Quantum Inf., 2025)."""
