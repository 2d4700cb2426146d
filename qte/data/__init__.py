"""Studies, their parameters and grids, and the tables that they make."""
