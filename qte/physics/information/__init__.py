"""Entropies, distances and free energies of states."""
