"""A root folder of an aarch64 machine: Debian's Python and the locked packages, for an emulator of user programs.

python -m workflow.commands.setup.aarch64 FOLDER

Needs Debian with apt-get, dpkg and the arm64 architecture (`dpkg --add-architecture arm64`, `apt-get update`), and
qemu-user-static to run what comes out of it. Packages without a wheel for aarch64 are pure Python and built here.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from workflow.plan.plan import LOCK

PYTHON = "3.11"
DEBIAN = (
    *(
        f"python{PYTHON}",
        f"python{PYTHON}-minimal",
        f"libpython{PYTHON}-minimal",
        f"libpython{PYTHON}-stdlib",
    ),
    *(
        "libc6",
        "libgcc-s1",
        "libstdc++6",
        "libgfortran5",
        "libgomp1",
        "zlib1g",
        "libexpat1",
        "libssl3",
        "libffi8",
    ),
    *("libbz2-1.0", "liblzma5", "libsqlite3-0", "libuuid1", "libncursesw6", "libtinfo6", "libreadline8"),
    *("libdb5.3", "libcrypt1", "libnsl2", "libtirpc3"),
)
WHEELS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17", "manylinux2014")


def requirements(lock: Path = LOCK) -> list[str]:
    """``name==version`` of every locked package that this Python needs on that machine."""
    lines = (line.rstrip(" \\") for line in lock.read_text(encoding="utf-8").splitlines())
    wanted = [Requirement(line) for line in lines if line[:1].isalnum()]
    there = {"platform_machine": "aarch64", "python_version": PYTHON, "python_full_version": f"{PYTHON}.2"}
    return [f"{one.name}{one.specifier}" for one in wanted if not one.marker or one.marker.evaluate(there)]


def prepare(folder: Path) -> None:
    """Download and unpack; a folder that was finished stays as it is."""
    done = folder / "done"
    if done.exists():
        return
    debs, wheels, site = (folder / name for name in ("debs", "wheels", "site"))
    for made in (debs, wheels, site):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
    subprocess.run(
        ["apt-get", "download", "-qq", *(f"{name}:arm64" for name in DEBIAN)], cwd=debs, check=True
    )
    for file in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg", "-x", file, folder / "root"], check=True)
    for one in requirements():
        _fetch(one, wheels)
    for file in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(file) as wheel:
            wheel.extractall(site)
    done.touch()


def _fetch(requirement: str, wheels: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    platforms = [f"--platform={name}_aarch64" for name in WHEELS]
    kind = ["--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp", "--platform=any"]
    abis = [f"--abi={name}" for name in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    found = subprocess.run(
        [*pip, "download", "--no-deps", *kind, *platforms, *abis, "-d", wheels, requirement],
        capture_output=True,
        check=False,
    )
    if found.returncode:
        subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, requirement], check=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
