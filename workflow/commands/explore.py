"""A figure on a page of the browser, computed anew while one turns its parameters, until Ctrl-C.

python -m workflow.commands.explore paper/figure [--port N] [--no-browser]

`paper/figure?g=0.002` begins with the values of a link. Only this machine can reach the page, and only who knows its
address. Nothing is written but overlays, into the folder `overlays`, when asked for.
"""

import argparse
import importlib.util
import os
import signal
import sys
import webbrowser
from pathlib import Path

from qte.common.parameters import did_you_mean
from qte.data import studies
from workflow.config import overlays
from workflow.config.overlays import CommandLine
from workflow.explore import desks
from workflow.explore.figures import ExploredFigure, Refused, known, of_config
from workflow.explore.state import State
from workflow.identity.project_environment import pinned

CONFIG = Path("config.yaml")
NEEDED = "bokeh"
NUMBERS = ("OMP_", "OPENBLAS_", "MKL_", "NPY_")


def find(key: str) -> ExploredFigure:
    """The figure of the config; `Refused` says in one line why there is none."""
    there = known(CONFIG)
    if key not in there:
        hint = did_you_mean(key, there)
        raise Refused(f"there is no figure {key!r}{hint}; say FIGURE=paper/figure, as in config.yaml")
    return of_config(overlays.read(CONFIG, CommandLine()).standard, key)


def explore(key: str, query: str, port: int, browser: bool) -> None:
    """Serve a figure; ends with `KeyboardInterrupt`."""
    if importlib.util.find_spec(NEEDED) is None:
        raise Refused(
            f"Live figures need {NEEDED}, which is not installed here: make explore FIGURE={key} installs it"
        )
    figure = find(key)
    modules = [studies.module_of(table.study) for table in figure.tables]
    os.environ.update(
        {name: value for name, value in pinned(Path()).items() if name.endswith("_NUM_THREADS")}
    )
    desks.prepare(sorted(set(modules)))
    from workflow.explore.server import Explorer

    explorer = Explorer(State.standard(figure), port)
    address = explorer.address(query)
    print(f"{figure.key} is at {address} until Ctrl-C.", flush=True)
    if browser and not _shown(address):
        print("No browser could be opened; open that address yourself.", flush=True)
    explorer.run()


def _shown(address: str) -> bool:
    """Whether a browser with windows opens the address; one in this terminal would take its place."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Explore one figure; returns the exit code."""
    # A shell that starts it in the background has switched Ctrl-C off, and nothing else ends it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("figure", metavar="paper/figure")
    parser.add_argument("--port", type=int, default=0, help="of this machine (any that is free)")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="only print the address")
    given = parser.parse_args(arguments)
    key, _, query = given.figure.partition("?")
    try:
        explore(key, query, given.port, given.browser)
    except Refused as refusal:
        print(f"Nothing to explore: {refusal}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nNo longer explored.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
