"""A grid of parameters in one call: any machine, any of its observables, one tidy frame."""
