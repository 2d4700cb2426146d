"""Imported last by the server that jobs are forked from: does once what the first figure of every fork would do again.

Nothing of it is part of a figure, and no font stays open: matplotlib opens fonts anew in a fork, so what is drawn here
is drawn as pixels, which hold none.
"""

import gc

# Imported by a shell as it starts.
import IPython.core.application
import IPython.core.completer
import IPython.core.magics  # noqa: F401
import nbformat

import qte.machines.base  # noqa: F401  behind most tables
from qte import plotting


def warm() -> None:
    """Make the parsers of labels and notebooks, and find the fonts of the house style."""
    figure, axes = plotting.figure(1, 1)
    axes.plot([0.0, 1.0], [0.0, 1.0])
    axes.set_xlabel("$x$")
    plotting.show(figure)
    nbformat.validate(nbformat.v4.new_notebook())
    # What is here now stays: no fork needs to look through it for rubbish, or to copy the memory it lies in.
    gc.collect()
    gc.freeze()


warm()
