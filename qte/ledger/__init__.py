"""The ledger: every equation and every checkable sentence of a paper, with a computed verdict.

The words of an entry stand in ``claims.yaml`` of its paper (`words`), its computing in one decorated function
of ``checks/`` (`entries`).  What that finds is made of checks (`checks`, `forms`), for a verdict that finds
fault of a second method as well (`second`), and has to bear the words out (`judged`).  `rows`, `pages` and
`letters` write the results down.
"""
