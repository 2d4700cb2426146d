"""Where the eigenvalues of a generator meet."""
