"""Say that figures are right as they are now: they become the reference that `verify` compares with.

python -m workflow.commands.accept --reason "why" [paper/figure ...]
"""

import argparse
import datetime
import sys
from pathlib import Path

from workflow.config import config_text
from workflow.identity import host
from workflow.plan import changes, integrity
from workflow.plan.plan import Plan
from workflow.verify.reference import Reference


def main(arguments: list[str] | None = None) -> int:
    """Move the reference of the named figures, or of all; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--reason", default="", help="why, for reference/LOG.md")
    parser.add_argument("figures", nargs="*", metavar="paper/figure")
    given = parser.parse_args(arguments)
    reason = " ".join(given.reason.split())
    if not reason:
        return _refuse("a reason is needed: make accept REASON='why this is right now'")
    the_plan = Plan(config_text.read(Path("config.yaml")).data)
    known = {f"{paper}/{figure}": (paper, figure) for paper, figure in the_plan.figures}
    unknown = [name for name in given.figures if name not in known]
    if unknown:
        return _refuse(f"no figure {', '.join(unknown)}; there are {', '.join(known)}")
    names = given.figures or list(known)
    if stale := [name for name in names if not is_current(the_plan, *known[name])]:
        return _refuse(
            f"not built from the present config and code: {', '.join(stale)}; build first: make figures"
        )
    reference, here = Reference(), host.describe()
    for name in names:
        reference.accept(*known[name], the_plan.tables_of(*known[name]), here)
    dropped = [] if given.figures else [key for key in reference.figures() if key not in the_plan.figures]
    for key in dropped:
        reference.forget(*key)
    reference.drop_unused_tables()
    reference.write_json("code.json", changes.definitions(the_plan.sources))
    reference.log(_line(names if given.figures else ["all figures"], dropped, reason))
    print(f"Accepted: {len(names)} figures. Now commit reference/.")
    return 0


def is_current(the_plan: Plan, paper: str, figure: str) -> bool:
    """Whether a figure is there, whole, and made from what the project holds now."""
    used = the_plan.tables_of(paper, figure)
    files = [*the_plan.figure_files(paper, figure), *used.values()]
    return (
        all(Path(file).exists() for file in files)
        and not any(integrity.of_table(the_plan, *key) for key in the_plan.table_keys(paper, figure).values())
        and not integrity.of_figure(the_plan, paper, figure)
    )


def _line(names: list[str], dropped: list[tuple[str, str]], reason: str) -> str:
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    gone = f"; dropped {', '.join('/'.join(key) for key in dropped)}" if dropped else ""
    return f"- {day}, {', '.join(names)}{gone}: {reason}"


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
