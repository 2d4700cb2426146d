"""Operators, baths, generators and measures of states: the physics, before anything is solved."""
