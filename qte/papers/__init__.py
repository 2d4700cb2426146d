"""One package a paper: its printed equations as functions, and its studies."""
