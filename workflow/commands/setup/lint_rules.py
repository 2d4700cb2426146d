"""`snakemake --lint`, which fails for the project's own rules; on rules of somebody's own it is advice.

python -m workflow.commands.setup.lint_rules
"""

import os
import re
import subprocess
import sys

from workflow import project

_HEAD = re.compile(r"^Lints for .*\(line \d+, (.*)\):$", re.MULTILINE)


def main() -> int:
    """Lint; returns the exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"],
        env=os.environ | {"QTE_OUTPUT": "snakemake"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stderr, end="", file=sys.stderr)
    code = verdict(done.returncode, done.stderr, project.local_rules())
    if code != done.returncode:
        print("Advice on rules of your own (workflow/rules/local); the project's rules are clean")
    return code


def verdict(code: int, said: str, of_ones_own: list[str]) -> int:
    """0 where every lint is about a rule of one's own, `code` otherwise."""
    files = _HEAD.findall(said)
    return 0 if files and set(files) <= set(of_ones_own) else code


if __name__ == "__main__":
    sys.exit(main())
