"""Draw a figure again whenever config, notebook or code is saved, until Ctrl-C.

python -m workflow.commands.watch paper/figure [--cores N]

What was saved is found by looking at the files' times and sizes; what has to be made again is Snakemake's answer, by
content. Only what the figure needs is made: checksums and the report wait for the next `make figures`.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from qte.common.parameters import did_you_mean
from workflow import project
from workflow.explore import figures
from workflow.plan.plan import STANDARD, notebook_file

CONFIG = Path("config.yaml")
# Seconds between two looks at the files.
EVERY = 0.3
Saved = dict[Path, tuple[int, int]]


def watched(figure: str) -> Iterator[Path]:
    """What a figure can depend on: the config, its notebook, the library, data and rules of one's own."""
    yield CONFIG
    yield Path(notebook_file(*figure.split("/")))
    yield from Path("qte").rglob("*.py")
    yield from Path("data").rglob("*.csv")
    yield from map(Path, project.local_rules())


def look(figure: str) -> Saved:
    """Time and size of every watched file that is there."""
    found = {}
    for file in watched(figure):
        try:
            state = file.stat()
        except FileNotFoundError:
            # an editor may be replacing it just now
            continue
        found[file] = (state.st_mtime_ns, state.st_size)
    return found


def differing(before: Saved, after: Saved) -> list[str]:
    """Files that were saved, made or removed between two looks."""
    return sorted(str(file) for file in before.keys() | after.keys() if before.get(file) != after.get(file))


def draw(figure: str, cores: str) -> bool:
    """Make the figure and what it needs; whether that went well. The run says itself what goes wrong."""
    paper, name = figure.split("/")
    files = [STANDARD.manifest(paper, name), *STANDARD.drawn(paper, name).values()]
    command = [sys.executable, "-m", "snakemake", "--cores", cores, *files]
    run = subprocess.Popen(command)
    try:
        return run.wait() == 0
    except KeyboardInterrupt:
        # The terminal has sent it to the run as well, which ends its jobs.
        run.wait()
        raise


def watch(figure: str, cores: str) -> None:
    """Draw, wait for something to be saved, draw again; ends with `KeyboardInterrupt`."""
    seen = look(figure)
    while True:
        started = time.perf_counter()
        if draw(figure, cores):
            paper, name = figure.split("/")
            picture = STANDARD.drawn(paper, name)["png"]
            print(
                f"{picture} is up to date after {time.perf_counter() - started:.1f} s. Ctrl-C ends.",
                flush=True,
            )
        else:
            print("Not drawn; mend it and save, or end with Ctrl-C.", flush=True)
        now = look(figure)
        while now == seen:
            time.sleep(EVERY)
            now = look(figure)
        # Several files may be saved together: wait until nothing moves.
        while (later := _after_a_moment(figure)) != now:
            now = later
        changed = differing(seen, now)
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        print(f"Saved: {', '.join(changed[:3])}{more}", flush=True)
        seen = now


def _after_a_moment(figure: str) -> Saved:
    time.sleep(EVERY / 3)
    return look(figure)


def main(arguments: list[str] | None = None) -> int:
    """Watch one figure; returns the exit code."""
    # A shell that starts it in the background has switched Ctrl-C off, and nothing else ends it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("figure", metavar="paper/figure")
    parser.add_argument("--cores", default="2", help="for the run (2)")
    given = parser.parse_args(arguments)
    known = figures.known(CONFIG)
    if given.figure not in known:
        hint = did_you_mean(given.figure, known)
        print(
            f"There is no figure {given.figure!r}{hint}; say FIGURE=paper/figure, as in config.yaml",
            file=sys.stderr,
        )
        return 2
    try:
        watch(given.figure, given.cores)
    except KeyboardInterrupt:
        print("\nNo longer watching.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
