"""The hash of source: what counts, what does not, and which modules belong."""

import ast
from pathlib import Path

import pytest

from workflow.identity.code_hash import SourceTree, canonical


def package(root: Path, **modules: str) -> SourceTree:
    for name, text in modules.items():
        file = root / "qte" / (name.replace("__", "/") + ".py" if name != "init" else "__init__.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "qte" / "__init__.py").touch()
    for folder in (root / "qte").iterdir():
        if folder.is_dir():
            (folder / "__init__.py").touch()
    return SourceTree(root)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1  # comment"),
        ("x = 1", "\n\n'''Docstring.'''\nx = (\n    1\n)"),
        ("def f(a):\n    return a", "def f(a):\n    'Say it.'\n    return a"),
        ("class C:\n    x: int = 1", "class C:\n    'C.'\n    x: int = 1\n    'The x.'"),
        ("s = 'a'", 's = "a"'),
    ],
)
def test_wording_and_layout_do_not_count(one: str, other: str) -> None:
    assert canonical(ast.parse(one)) == canonical(ast.parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("x = 0.1", "x = 0.10000000000000002"),
        ("x = True", "x = 1"),
        ("x = a + b", "x = b + a"),
        ("x = a < b", "x = a <= b"),
        ("f('a')", "f('b')"),
        ("f(None)", "f()"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("def f(*, a=None): pass", "def f(*, a): pass"),
        ("x = {None: 1}", "x = {**1}"),
    ],
)
def test_meaning_counts(one: str, other: str) -> None:
    assert canonical(ast.parse(one)) != canonical(ast.parse(other))


def test_the_closure_follows_every_way_of_importing(tmp_path: Path) -> None:
    tree = package(
        tmp_path,
        a="import qte.b\nfrom qte import c",
        b="def f():\n    from .d import x",
        c="from . import e\nimport numpy",
        d="",
        e="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from qte import unused",
        unused="",
        machines__m="from ..d import x\nfrom .n import y",
        machines__n="",
    )
    assert tree.closure(["qte.a"]) == {"qte", "qte.a", "qte.b", "qte.c", "qte.d", "qte.e"}
    assert tree.closure(["qte.machines.m"]) == {
        "qte",
        "qte.machines",
        "qte.machines.m",
        "qte.machines.n",
        "qte.d",
    }


def test_what_runs_where_no_type_checker_reads_is_an_import(tmp_path: Path) -> None:
    tree = package(
        tmp_path,
        a="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from qte import b\nelse:\n    from qte import c",
        b="",
        c="try:\n    import qte.d\nexcept ImportError:\n    from qte import e\nfrom qte import f",
        d="",
        e="",
        f="match 1:\n    case _:\n        import qte.g",
        g="",
    )
    assert tree.closure(["qte.a"]) == {"qte", "qte.a", *(f"qte.{name}" for name in "cdefg")}


def test_a_lazy_package_counts_as_all_its_modules(tmp_path: Path) -> None:
    tree = package(tmp_path, a="from qte.machines import Engine", machines__m="", machines__n="")
    (tmp_path / "qte/machines/__init__.py").write_text("def __getattr__(name): ...")
    assert tree.closure(["qte.a"]) >= {"qte.machines.m", "qte.machines.n"}


def test_the_hash_changes_with_any_module_of_the_closure_and_no_other(tmp_path: Path) -> None:
    tree = package(tmp_path, a="import qte.b", b="x = 1", c="y = 1")
    before = tree.hash(["qte.a"])
    (tmp_path / "qte/c.py").write_text("y = 2")
    assert SourceTree(tmp_path).hash(["qte.a"]) == before
    (tmp_path / "qte/b.py").write_text("x = 2")
    assert SourceTree(tmp_path).hash(["qte.a"]) != before


def test_what_is_missing_or_does_not_parse_has_a_hash_that_follows_it(tmp_path: Path) -> None:
    tree = package(tmp_path, a="import qte.gone, qte.b", b="def (")
    assert tree.closure(["qte.a"]) == {"qte", "qte.a", "qte.b"}
    assert tree.definitions("qte.b") == {}
    broken = tree.hash(["qte.a"])
    (tmp_path / "qte/b.py").write_text("def (:")
    assert SourceTree(tmp_path).hash(["qte.a"]) != broken
    (tmp_path / "qte/b.py").write_text("def (")
    (tmp_path / "qte/gone.py").write_text("x = 1")
    assert SourceTree(tmp_path).hash(["qte.a"]) != broken


def test_the_hash_does_not_depend_on_the_python_version(tmp_path: Path) -> None:
    """Pinned: any Python must give this value for this source."""
    source = (
        "import math\nfrom typing import Any\n\ndef f(x: float, *a: Any, k=None, **b) -> float:\n"
        "    y = f'{x!r:>{10}} and {k}'\n    match x:\n        case 0 | 1: return -1.5e-300\n"
        "    return [i async for i in a] if x[1:2] else lambda: {**b}\n"
    )
    tree = package(tmp_path, a=source)
    assert tree.digest("qte.a") == "8eaa7e26d24c54b44db8b49e7f2b41b7a87c51b054e19fcd12c5ec8e6256eb9c"
