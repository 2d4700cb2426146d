"""Santiago-García, Pusuluk, Müstecaplıoğlu, Çakmak, Román-Ancheyta, Quantum thermal machine as a rectifier.

December 2024. `equations` (weak coupling, local master equation) and `equations_global`
(strong coupling) hold the printed equations, `studies` what the figures need.
"""
