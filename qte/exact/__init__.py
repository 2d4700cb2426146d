"""References without a master equation: linear systems solved in closed form, two-level ones by hierarchies of equations."""
