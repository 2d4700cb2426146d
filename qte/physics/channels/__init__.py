"""Dissipation channels by what a reservoir does."""
