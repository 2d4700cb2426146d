"""Say that figures are right as they are now: they become the reference that `verify` compares with.

python -m workflow.commands.accept --reason "why" [paper/figure ...]
"""

import argparse
import sys
from pathlib import Path

from workflow.config import config_checks
from workflow.identity import host
from workflow.jobs import again
from workflow.plan import changes, integrity
from workflow.plan.plan import Plan
from workflow.snakemake_door import run_lock
from workflow.snakemake_door.job import JobFailed
from workflow.verify import chain
from workflow.verify.reference import NotAccepted, Reference


def main(arguments: list[str] | None = None) -> int:
    """Move the reference of the named figures, or of all; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--reason", default="", help="why, for reference/LOG.md")
    parser.add_argument("figures", nargs="*", metavar="paper/figure")
    given = parser.parse_args(arguments)
    reason = " ".join(given.reason.split())
    if not reason:
        return _refuse("a reason is needed: make accept REASON='why this is right now'")
    the_plan = Plan(config_checks.sound(Path("config.yaml")))
    known = {f"{paper}/{figure}": (paper, figure) for paper, figure in the_plan.figures}
    unknown = [name for name in given.figures if name not in known]
    if unknown:
        return _refuse(f"no figure {', '.join(unknown)}; there are {', '.join(known)}")
    names = given.figures or list(known)
    if stale := [name for name in names if not is_current(the_plan, *known[name])]:
        return _refuse(
            f"not built from the present config and code: {', '.join(stale)}; build first: make figures"
        )
    try:
        run_lock.take()
        if forged := again.unproven(the_plan, [known[name] for name in names]):
            return _refuse(f"{again.said_of(forged)}; remove it and build: make figures")
        head = take(the_plan, [known[name] for name in names], reason, everything=not given.figures)
    except (run_lock.AnotherRun, NotAccepted, JobFailed) as error:
        return _refuse(str(error))
    print(f"Accepted: {len(names)} figures. Now commit reference/ (chain {head[:16]}).")
    return 0


def take(the_plan: Plan, keys: list[tuple[str, str]], reason: str, everything: bool) -> str:
    """Make figures the reference, and drop those that the config has lost if all are taken; the chain's new head."""
    reference, here = Reference(), host.describe()
    dropped = [key for key in reference.figures() if everything and key not in the_plan.figures]
    what = "all figures" if everything else ", ".join(map("/".join, keys))
    gone = f"; dropped {', '.join(map('/'.join, dropped))}" if dropped else ""
    with reference.accepting(f"{what}{gone}", reason):
        for key in keys:
            reference.accept(*key, the_plan.tables_of(*key), here)
        for key in dropped:
            reference.forget(*key)
        reference.drop_unused_tables()
        reference.write_json("code.json", changes.definitions(the_plan.sources))
    return chain.head(reference.folder)


def is_current(the_plan: Plan, paper: str, figure: str) -> bool:
    """Whether a figure is there, whole, and made from what the project holds now."""
    used = the_plan.tables_of(paper, figure)
    files = [*the_plan.figure_files(paper, figure), *used.values()]
    return (
        all(Path(file).exists() for file in files)
        and not any(integrity.of_table(the_plan, *key) for key in the_plan.table_keys(paper, figure).values())
        and not integrity.of_figure(the_plan, paper, figure)
    )


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
