"""Tables: exact round trips, refusal of damaged files, tidy grids and their inverse."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.files import write_atomically
from qte.data import table_files, tables
from qte.data.tables import Column, DamagedTable, Provenance, Table

ROOT = Path(__file__).parents[3]


def column(symbol: str, **more: bool) -> Column:
    return Column(symbol, "1", f"meaning of {symbol}", rf"${symbol}$", **more)


def provenance(**changes: object) -> Provenance:
    params = {"T_h": [0.3, 0.7], "U": math.inf, "delta": {"start": 0.0, "stop": 0.06, "num": 3}, "n": 2}
    given = {"paper": "demo", "table": "fig2", "study": "demo.curves", "params": params, "ours": ("T_h",)}
    return Provenance(**given | changes)


def example() -> Table:
    T_h, delta = np.array([0.3, 0.7]), np.array([0.0, 0.03, 0.06])
    return Table.from_grid(
        axes={"T_h": T_h, "delta": delta},
        values={"J": T_h[:, None] * (1 + delta), "J_c": T_h[:, None]},
        columns=[column("T_h"), column("delta"), column("J"), column("J_c")],
        facts={"root": 0.1 + 0.2, "method": "GTH", "bounds": [1e-12, math.inf], "unique": True},
    )


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "tables" / "demo" / "fig2.csv"
    tables.write(example(), path, provenance())
    return path


# --- round trips -------------------------------------------------------------------------------------

floats = st.floats(allow_nan=False, width=64)
texts = st.text(st.characters(codec="utf-8"), max_size=8).filter(str.isprintable)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            floats, st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.text(max_size=6) | texts
        ),
        max_size=12,
    )
)
def test_any_table_comes_back_bit_for_bit(rows, tmp_path_factory):
    columns = (column("x"), column("gap", may_be_nan=True), column("k"), column("on"), column("kind"))
    frame = pd.DataFrame(rows, columns=["x", "gap", "k", "on", "kind"])
    frame = frame.astype({"x": float, "gap": float, "k": "int64", "on": bool, "kind": "str"})
    path = tmp_path_factory.mktemp("round") / "fig2.csv"
    if not all(text.isprintable() for text in frame["kind"]):
        with pytest.raises(ValueError, match="printable"):
            Table(frame, columns)
        return
    tables.write(Table(frame, columns), path, provenance())
    back = tables.read(path)
    assert back.columns == columns
    pd.testing.assert_frame_equal(back.frame, frame, check_exact=True)
    np.testing.assert_array_equal(np.signbit(back["x"]), np.signbit(frame["x"].to_numpy()))  # -0.0 is not 0.0
    again = path.with_name("again") / "fig2.csv"
    tables.write(back, again, back.provenance)
    assert again.read_bytes() == path.read_bytes()


def test_every_float_survives():
    """Random bit patterns: subnormal, huge, tiny and halfway decimals included."""
    bits = np.random.default_rng(7).integers(0, 2**64, 50_000, dtype=np.uint64).view(np.float64)
    values = np.concatenate(
        [bits[np.isfinite(bits)], [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]]
    )
    table = Table(pd.DataFrame({"x": values}), (column("x"),))
    back = table_files.to_frame(table_files.to_rows(table.frame), [{"symbol": "x", "type": "float"}])[
        "x"
    ].to_numpy()
    np.testing.assert_array_equal(back.view(np.uint64), values.view(np.uint64))


def test_what_belongs_to_the_table_comes_back(written):
    table = tables.read(written)
    assert table.provenance == provenance()
    assert table.params["U"] == math.inf
    assert table.ours == ("T_h",)
    assert table.name == "fig2"
    assert table.facts == example().facts
    assert table.label("J") == "$J$"


def test_a_table_says_nothing_of_the_code_and_one_that_did_can_be_read(written, tmp_path):
    assert b'"code"' not in written.read_bytes()
    older = tmp_path / "older" / "fig2.csv"
    tables.write(example(), older, provenance(code="abc"))
    assert older.read_bytes() != written.read_bytes()
    assert tables.read(older).provenance == provenance(code="abc")


def test_same_bytes_in_another_process(written, tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.unit.data.test_tables import example, provenance\n"
        "from qte.data import tables\n"
        "tables.write(example(), sys.argv[2], provenance())\n"
    )
    other = tmp_path / "elsewhere" / "fig2.csv"
    env = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", script, str(ROOT), str(other)], env=env, cwd=tmp_path, check=True)
    assert other.read_bytes() == written.read_bytes()


def test_the_header_is_checked_by_a_plain_checksum(written):
    first, rest = written.read_bytes().split(b"\n", 1)
    assert first.decode() == f"# qte table 1 sha256={hashlib.sha256(rest).hexdigest()}"


# --- damage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 10, 200, -40, -1])
def test_a_truncated_file_is_refused(written, keep):
    written.write_bytes(written.read_bytes()[:keep])
    with pytest.raises(DamagedTable, match="Remove this file and run again") as caught:
        tables.read(written)
    assert str(written) in str(caught.value)
    assert not tables.is_intact(written)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"0.3,0.03", b"0.3,0.04"), (b'"T_h": [0.3', b'"T_h": [0.4'), (b"meaning of J", b"mEaning of J")],
)
def test_an_edited_file_is_refused(written, old, new):
    content = written.read_bytes()
    assert old in content
    written.write_bytes(content.replace(old, new))
    with pytest.raises(DamagedTable, match="checksum"):
        tables.read(written)


def test_windows_line_ends_are_damage(written):
    written.write_bytes(written.read_bytes().replace(b"\n", b"\r\n"))
    assert not tables.is_intact(written)


def test_swapped_rows_are_refused(written):
    lines = written.read_bytes().split(b"\n")
    lines[-3], lines[-2] = lines[-2], lines[-3]
    written.write_bytes(b"\n".join(lines))
    assert not tables.is_intact(written)


def test_swapped_files_are_refused(written):
    other = written.with_name("fig3.csv")
    written.rename(other)
    with pytest.raises(DamagedTable, match=r"it holds the table demo/fig2"):
        tables.read(other)
    elsewhere = written.parent.with_name("man2019") / "fig2.csv"
    elsewhere.parent.mkdir()
    other.rename(elsewhere)
    with pytest.raises(DamagedTable, match=r"it holds the table demo/fig2"):
        tables.read(elsewhere)


def test_a_sound_checksum_over_nonsense_is_refused(tmp_path):
    rest = b'# {"paper": "demo"}\nx\n1.0\n'
    path = tmp_path / "fig2.csv"
    path.write_bytes(f"# qte table 1 sha256={hashlib.sha256(rest).hexdigest()}\n".encode() + rest)
    with pytest.raises(DamagedTable, match="header"):
        tables.read(path)


def test_intact(written):
    assert tables.is_intact(written)
    assert not tables.is_intact(written.with_name("none.csv"))
    assert not tables.is_intact(written.parent)


# --- writing -----------------------------------------------------------------------------------------


def test_a_failing_disk_leaves_the_old_table_and_nothing_else(written, monkeypatch):
    before = written.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot write: No space left on device.*fig2\.csv"):
        tables.write(example(), written, provenance(study="demo.other"))
    assert written.read_bytes() == before
    assert list(written.parent.iterdir()) == [written]


def test_a_file_that_outgrows_the_disk_is_not_left_half(tmp_path):
    """The kernel itself refuses the write in the middle of it."""
    script = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from qte.common.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_atomically(sys.argv[2], b'x' * 100_000)\n"
    )
    path = tmp_path / "out" / "fig2.csv"
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert str(path) in done.stderr
    assert "cannot write" in done.stderr
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_takes_no_files_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"file/fig2\.csv"):
        write_atomically(tmp_path / "file" / "fig2.csv", b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"fig2\.csv"):
        write_atomically(tmp_path / "fig2.csv", b"")


def test_a_table_goes_into_a_file_of_its_name(tmp_path):
    with pytest.raises(ValueError, match="fig2"):
        tables.write(example(), tmp_path / "fig3.csv", provenance())


def test_new_files_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


# --- finding -----------------------------------------------------------------------------------------


def test_relative_paths_are_found_from_any_folder_inside(written, monkeypatch):
    root = written.parents[2]
    (root / "notebooks" / "demo").mkdir(parents=True)
    for folder in (root, root / "notebooks" / "demo"):
        monkeypatch.chdir(folder)
        assert len(tables.read("tables/demo/fig2.csv")) == 6
    with pytest.raises(FileNotFoundError, match=r"tables/demo/fig9\.csv"):
        tables.read("tables/demo/fig9.csv")


# --- frames ------------------------------------------------------------------------------------------


def test_grid_rows_run_in_c_order_and_broadcast():
    table = example()
    assert list(table.frame.columns) == ["T_h", "delta", "J", "J_c"]
    np.testing.assert_array_equal(table["T_h"], [0.3, 0.3, 0.3, 0.7, 0.7, 0.7])
    np.testing.assert_array_equal(table["delta"], [0.0, 0.03, 0.06] * 2)
    np.testing.assert_array_equal(table["J_c"], table["T_h"])


def test_pivot_undoes_the_grid():
    x, y, z = example().pivot("delta", "T_h", "J")
    np.testing.assert_array_equal(x, [0.0, 0.03, 0.06])
    np.testing.assert_array_equal(y, [0.3, 0.7])
    np.testing.assert_array_equal(z, y[:, None] * (1 + x))


def test_curves_come_in_the_order_of_the_table():
    curves = list(example().curves("delta", "J", by="T_h"))
    assert [value for value, _, _ in curves] == [0.3, 0.7]
    np.testing.assert_array_equal(curves[1][2], 0.7 * (1 + curves[1][1]))
    assert [value for value, _, _ in example().curves("delta", "J", by=["T_h", "J_c"])] == [
        (0.3, 0.3),
        (0.7, 0.7),
    ]


def test_where_selects_and_says_what_there_is():
    assert len(example().where(T_h=0.1 + 0.2)) == 3  # 0.30000000000000004
    assert len(example().where(T_h=0.7, delta=0.03)) == 1
    with pytest.raises(ValueError, match=r"No row has T_h = 0\.5; there are 0\.3, 0\.7"):
        example().where(T_h=0.5)


@pytest.mark.parametrize("value", ["0.3", None, b"x", 1j, object()])
def test_where_says_what_there_is_whatever_it_is_asked_for(value):
    with pytest.raises(ValueError, match=r"^No row has T_h = .*; there are 0\.3, 0\.7"):
        example().where(T_h=value)


def test_pivot_refuses_holes_and_doubles():
    table = example()
    with pytest.raises(ValueError, match="do not fill"):
        Table(table.frame[1:], table.columns).pivot("delta", "T_h", "J")
    with pytest.raises(ValueError, match="share a point"):
        table.pivot("J_c", "T_h", "J")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(J=np.nan), "`J` is NaN in row 0"),
        (lambda f: f.assign(J=1j), "must hold floats"),
        (lambda f: f.assign(J=["a\nb"] * 6), "printable"),
        (lambda f: f.assign(J=[object()] * 6), "must hold"),
        (lambda f: f.drop(columns="J"), "described as"),
        (lambda f: f[["J", "T_h", "delta", "J_c"]], "described as"),
    ],
)
def test_unfit_frames_are_refused(change, message):
    table = example()
    with pytest.raises(ValueError, match=message):
        Table(change(table.frame), table.columns)


def test_missing_values_must_be_declared():
    frame = pd.DataFrame({"T": [1.0, 2.0], "root": [0.5, np.nan]})
    with pytest.raises(ValueError, match=r"`root` is NaN in row 1.*may_be_nan"):
        Table(frame, (column("T"), column("root")))
    assert np.isnan(Table(frame, (column("T"), column("root", may_be_nan=True)))["root"][1])


@pytest.mark.parametrize("fact", [math.nan, {"a": 1}, [[1.0]], np.array([1.0]), object()])
def test_unfit_facts_are_refused(fact):
    table = example()
    with pytest.raises(ValueError, match="Fact `root`"):
        Table(table.frame, table.columns, {"root": fact})


@pytest.mark.parametrize(
    ("axes", "values", "message"),
    [
        ({"x": [[1.0]]}, {"y": 1.0}, "one-dimensional"),
        ({"x": [1.0, 2.0]}, {"y": [1.0, 2.0, 3.0]}, "does not broadcast"),
        ({"x": [1.0, 2.0]}, {"z": 1.0}, "neither an axis nor a value"),
        ({"x": [1.0, 2.0]}, {"y": 1.0, "z": 1.0}, "No column describes"),
    ],
)
def test_unfit_grids_are_refused(axes, values, message):
    with pytest.raises(ValueError, match=message):
        Table.from_grid(axes=axes, values=values, columns=[column("x"), column("y")])


def test_unknown_columns_are_named():
    with pytest.raises(KeyError, match="there are T_h, delta, J, J_c"):
        example()["Q"]
    with pytest.raises(ValueError, match="letters"):
        Column("J/J_c", "1", "", "")


# --- describing --------------------------------------------------------------------------------------


def test_describe_marks_our_choices(written):
    text = tables.describe(tables.read(written))._repr_markdown_()
    assert "| $T_{h}$ | 0.3, 0.7 | our choice: the paper leaves it open |" in text
    assert "| $U$ | ∞ |  |" in text
    assert "| $\\delta$ | 0 … 0.06, 3 points |  |" in text
    assert "| root | 0.30000000000000004 |" in text


def test_describe_lists_shared_parameters_once(written):
    other = written.with_name("fig3.csv")
    tables.write(example(), other, provenance(table="fig3", params=dict(provenance().params) | {"n": 5}))
    text = tables.describe(tables.read(written), tables.read(other)).text
    assert text.count("$T_{h}$") == 1
    assert "| $n$ (fig2) | 2 |" in text
    assert "| $n$ (fig3) | 5 |" in text


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("eps_h", r"$\varepsilon_{h}$"),
        ("gamma_1", r"$\gamma_{1}$"),
        ("g13", "$g_{13}$"),
        ("Gamma_CA", r"$\Gamma_{CA}$"),
        ("T", "$T$"),
        ("spacing", "`spacing`"),
        ("T_points", "`T_points`"),
    ],
)
def test_symbols(name, symbol):
    from qte.data.markdown import math_symbol

    assert math_symbol(name) == symbol
