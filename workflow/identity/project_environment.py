"""Everything of the machine that could reach a figure's bytes, pinned before NumPy loads.

Additions, products, quotients and square roots are the same bits on every CPU, and tables are made of these alone
(`qte.common.elementary`, `qte.common.matrices`). NumPy's exponentials and BLAS are not, because they pick a kernel for
the CPU they find: for what still uses them, second methods of the ledger above all, one kernel is chosen for all x86
machines and one thread does the arithmetic. Locale, time zone, hash seed, home folder and display are made irrelevant.
"""

import getpass
import os
import platform
import shutil
import sys
from pathlib import Path

# Byte code is the largest single cost of a short job, and some machines switch it off. But on a full disk Python
# writes it cut short and stumbles over it ever after.
ROOM = shutil.disk_usage(Path(__file__).parent).free > 50_000_000
sys.dont_write_bytecode = not ROOM

CACHE = Path("results", ".cache")
# 2020-01-01: a fixed date for whatever insists on writing one.
SOURCE_DATE = "1577836800"


def pinned(project: Path) -> dict[str, str]:
    """Environment variables that a job in the working directory runs with; `project` is the project's folder."""
    cache = Path.cwd() / CACHE
    variables = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "SOURCE_DATE_EPOCH": SOURCE_DATE,
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "IPYTHONDIR": str(cache / "ipython"),
        # A kernel called "python3" in the home folder must not stand in for this environment's.
        "JUPYTER_DATA_DIR": str(cache / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(cache / "jupyter"),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # Child interpreters (the job server, a notebook kernel) import this project's qte and no other copy.
        "PYTHONPATH": str(project),
    }
    if platform.machine().lower() in {"x86_64", "amd64"}:
        variables |= {
            "OPENBLAS_CORETYPE": "Haswell",
            "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        }
    return variables


# What a job must not find: each would change what it computes or shows, or keep it from starting.
REMOVED = (
    "COLUMNS",
    "JUPYTER_CONFIG_PATH",
    "JUPYTER_PATH",
    "LINES",
    "MATPLOTLIBRC",
    "NPY_ENABLE_CPU_FEATURES",
    "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONINSPECT",
    "PYTHONINTMAXSTRDIGITS",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)


def pin(project: Path) -> None:
    """Pin this process and its future children; call before NumPy is imported."""
    os.environ.update(pinned(project))
    for name in REMOVED:
        os.environ.pop(name, None)
    try:
        getpass.getuser()
    except (KeyError, OSError):
        # A user id without a name, as containers have it: Snakemake wants one for its log.
        os.environ["LOGNAME"] = f"user-{os.getuid()}"
    if not ROOM:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def obstacle(folder: Path) -> str:
    """What lies in the working directory and would change every figure, in one line; empty if nothing does."""
    if (folder / "matplotlibrc").exists():
        return (
            "matplotlibrc in this folder is read by matplotlib for every figure, and no label tells of it; nothing was "
            "run. Move it away; the house style is qte/plotting/style.py"
        )
    return ""
