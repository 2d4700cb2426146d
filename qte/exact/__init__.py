"""What master equations are judged by: linear systems in closed form, two-level ones by hierarchies of equations."""
