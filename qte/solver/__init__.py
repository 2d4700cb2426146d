"""From a generator to its steady state, its evolution, its currents and their derivatives."""
