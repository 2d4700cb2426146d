"""Steady states of systems whose superoperator is too large, or too full, to be written down."""
