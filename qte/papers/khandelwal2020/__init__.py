"""Khandelwal, Palazzo, Brunner, Haack: Critical heat current for operating an entanglement engine.

New J. Phys. 22, 073039 (2020), and its first preprint. `equations` and
`equations_strong` hold the printed equations, the modules `studies_*` what the
figures need; docs/papers/khandelwal2020.md tells the two versions apart.
"""
