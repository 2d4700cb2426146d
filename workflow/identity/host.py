"""The machine and interpreter of a run: recorded with the reference, never in a result."""

import platform
from pathlib import Path

import numpy as np


def describe() -> dict[str, str]:
    """What of this machine could matter for the last bits of a number."""
    libraries = np.show_config(mode="dicts")["Build Dependencies"]
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "C library": " ".join(platform.libc_ver()).strip() or "unknown",
        "CPU": _cpu(),
        "Python": platform.python_version(),
        "BLAS": f"{libraries['blas']['name']} {libraries['blas']['version']}",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    values = {name.strip(): value.strip() for name, value in found.items()}
    flags = set(values.get("flags", "").split())
    vectors = next((name for name in ("avx512f", "avx2", "avx", "sse2") if name in flags), "no vectors known")
    return f"{values.get('model name', platform.processor())} ({vectors})"
