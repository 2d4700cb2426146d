"""The ledger: every equation and every checkable sentence of a paper, with a computed verdict.

An entry is one decorated function next to its paper's module (`entries`); it returns an `Evidence`
(`evidence`), built from checks (`checks`) and, for every verdict that finds fault, from a second
method (`second`). `pages` writes the results down.
"""
