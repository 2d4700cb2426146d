"""What doubles leave in doubt, without rounding: equations, currents, decay rates and evolutions in whole numbers."""
