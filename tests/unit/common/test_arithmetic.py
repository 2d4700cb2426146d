"""Processes whose basic operations are not those of IEEE 754 are named and refused."""

import pickle
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qte.common import elementary as el
from qte.common.errors import QteError, UnsoundArithmetic

SPOILED = """
import ctypes
{before}
from qte.common import elementary as el
{after}
print(el.fault_of_arithmetic())
el.require_arithmetic()
"""
ROUND_UP = "ctypes.CDLL(None).fesetround(0x800)"


def said(before: str = "", after: str = "") -> tuple[str, str]:
    """What is found, and the error's last line."""
    code = SPOILED.format(before=before, after=after)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3]
    )
    return done.stdout.strip(), (done.stderr.splitlines() or [""])[-1]


def test_a_sound_process_is_not_troubled():
    assert said() == ("", "")


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the number of a rounding mode is the processor's own"
)
def test_another_rounding_is_refused_from_the_import_on():
    what = "sums are not rounded to the nearest double"
    found, error = said(after=ROUND_UP)
    assert found == what
    assert error.startswith("qte.common.errors.UnsoundArithmetic: The basic operations")
    assert what in error
    assert what in said(before=ROUND_UP)[1]


@pytest.mark.skipif(not shutil.which("gcc") or platform.machine() != "x86_64", reason="needs gcc on x86-64")
def test_a_library_that_flushes_to_zero_is_noticed(tmp_path):
    # what -ffast-math adds to a library where the compiler still does
    (tmp_path / "fast.c").write_text(
        "#include <xmmintrin.h>\n"
        "__attribute__((constructor)) static void fast(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }\n"
    )
    built = ["gcc", "-shared", "-fPIC", "-o", "fast.so", "fast.c"]
    subprocess.run(built, cwd=tmp_path, check=True)
    loaded = f"ctypes.CDLL({str(tmp_path / 'fast.so')!r})"
    found, error = said(after=loaded)
    assert "2.2e-308" in found
    assert "-ffast-math" in error
    assert "2.2e-308" in said(before=loaded)[1]


def rounded_twice(a, b):
    """A sum as x87 registers make it: to 64 digits first."""
    return float(np.longdouble(a) + np.longdouble(b))


def flushed(a, b):
    product = a * b
    return product if abs(product) >= 2.0**-1022 else 0.0


@pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="long doubles are not those of x87")
def test_registers_of_more_digits_are_noticed(monkeypatch):
    monkeypatch.setattr(el.np, "add", rounded_twice)
    assert el.fault_of_arithmetic() == "sums are rounded twice (x87)"


def test_results_that_are_flushed_are_told_from_numbers_that_are(monkeypatch):
    monkeypatch.setattr(el.np, "multiply", flushed)
    assert el.fault_of_arithmetic() == "results below 2.2e-308 are flushed to zero"


def test_another_order_of_bytes_is_named(monkeypatch):
    monkeypatch.setattr(sys, "byteorder", "big")
    with pytest.raises(UnsoundArithmetic, match="last byte last"):
        el.require_arithmetic()


def test_the_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(UnsoundArithmetic("sums are odd")))
    assert isinstance(error, QteError)
    assert error.fault == "sums are odd"
