"""Known advisories on the packages that the locks pin:  make advisories

pip-audit, pinned by lock/audit.txt, asks a public database from an environment of its own. Needs nothing but the
standard library. The exit code is 0 if there is none, 1 if there are, 2 if nobody could be asked.
"""

import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCKS = (
    *(
        "requirements.lock",
        "requirements-test.lock",
        "requirements-cluster.lock",
        "requirements-mutants.lock",
    ),
    *("lock/audit.txt", "lock/docs.txt", "lock/exact.txt", "lock/explore.txt", "lock/venv.txt"),
)
TOOL = Path("lock", "audit.txt")


def pins(locks: Sequence[Path]) -> list[dict[str, str]]:
    """Name → version of all locks together; a second list holds what other locks pin otherwise, and so on."""
    found: list[dict[str, str]] = []
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, flags=re.MULTILINE):
            if any(known.get(name) == version for known in found):
                continue
            free = next((known for known in found if name not in known), None)
            if free is None:
                found.append(free := {})
            free[name] = version
    return found


def audit(python: Path, pinned: Mapping[str, str]) -> tuple[Any, str]:
    """What pip-audit found, or nothing and the last line of what it said."""
    options = [
        "--disable-pip",
        "--no-deps",
        "--progress-spinner",
        "off",
        "--timeout",
        "20",
        "--format",
        "json",
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(f"{name}=={version}\n" for name, version in pinned.items()))
        file.flush()
        done = subprocess.run(
            [python, "-m", "pip_audit", *options, "-r", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        return json.loads(done.stdout), ""
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["no answer"])[-1][:300]


def report(packages: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line an advisory, or one that there is none; packages that were skipped are named."""
    lines = [
        f"{entry['name']} {entry['version']}: {fault['id']}, "
        f"mended in {', '.join(fault['fix_versions']) or 'no release'}"
        for entry in packages
        for fault in entry.get("vulns", ())
    ]
    skipped = [
        f"{entry['name']}: not looked up ({entry['skip_reason']})"
        for entry in packages
        if "skip_reason" in entry
    ]
    return [*lines, *skipped] or [f"No advisory on any of the {len(packages)} packages that the locks pin."]


def prepare(folder: Path) -> Path:
    """The environment of the tool, made anew when its lock changed; its interpreter."""
    python, stamp = folder / "bin" / "python", folder / "audit.lock"
    if not stamp.exists() or stamp.read_bytes() != TOOL.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run(
            [python, "-m", "pip", "install", *quiet, "-r", str(TOOL)], check=True, capture_output=True
        )
        stamp.write_bytes(TOOL.read_bytes())
    return python


def main(arguments: Sequence[str]) -> int:
    packages: list[Mapping[str, Any]] = []
    try:
        python = prepare(Path(arguments[0]))
    except (OSError, subprocess.CalledProcessError):
        print("No database of advisories was asked: pip-audit could not be installed", file=sys.stderr)
        return 2
    for pinned in pins([Path(lock) for lock in LOCKS]):
        found, why = audit(python, pinned)
        if found is None:
            print(f"No database of advisories was asked: {why}", file=sys.stderr)
            return 2
        packages += found["dependencies"]
    if all("skip_reason" in entry for entry in packages):
        print(f"No database of advisories was asked: {packages[0]['skip_reason']}", file=sys.stderr)
        return 2
    print("\n".join(report(packages)))
    return 1 if any(entry.get("vulns") for entry in packages) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
