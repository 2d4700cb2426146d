"""Which source a result depends on, as one hash: the static import graph of ``qte``.

A table depends on the module of its study and on every module of ``qte`` that this one imports, directly or not,
package ``__init__`` files included; modules of collections from elsewhere count in the same way. They are compared
as syntax without comments, docstrings, layout and line numbers, so rewording a comment recomputes nothing. The walk is
our own: ``ast.dump`` changes between Python versions, and a hash must not.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeGuard

from qte.data import collections

PACKAGE = "qte"
# Fields that hold no meaning of the program (`type_comment`, `kind`) or repeat what the place already says (`ctx`).
_IGNORED = frozenset({"type_comment", "kind", "ctx", "type_ignores"})


def canonical(node: ast.AST) -> bytes:
    """The meaning of a syntax tree as bytes (JSON in ASCII), the same on every Python version."""
    return _text(node, {}).encode()


def _text(value: object, known: Mapping[ast.AST, str]) -> str:
    """A tree as nested lists, written out on the way; `known` holds parts of it that are at hand."""
    if isinstance(value, ast.AST):
        if value in known:
            return known[value]
        # Empty fields are left out: newer versions add some (`type_params`), which old code leaves empty.
        named = []
        for name in _fields(type(value)):
            item = getattr(value, name, None)
            if item is not None and (text := _text(item, known)) != "[]":
                named.append(f'["{name}",{text}]')
        return f'["{type(value).__name__}",[{",".join(named)}]]'
    if isinstance(value, list):
        return f"[{','.join([_text(item, known) for item in value if not _is_bare_string(item)])}]"
    return "null" if value is None else f'["{type(value).__name__}",{json.dumps(repr(value))}]'


@cache
def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(sorted(set(kind._fields) - _IGNORED))


def _is_bare_string(node: object) -> bool:
    """Docstrings of modules, classes, functions and attributes."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@dataclass(frozen=True)
class Facts:
    """All that is asked of a module's text; nothing in it depends on where the module lies or on other modules.

    Attributes
    ----------
    digest : str
        Hash of its meaning.
    definitions : dict
        Short hash of every function, method and class, and of what stands outside them.
    imports : list
        What its running statements import: a dotted name, with dots in front if it is relative, and the names taken
        from there (None for a plain ``import``).
    lazy : list or None
        The names it defines, if it resolves others when asked (PEP 562).
    """

    digest: str
    definitions: dict[str, str]
    imports: list[tuple[str, list[str] | None]]
    lazy: list[str] | None


def facts_of(source: bytes, file: str = "<source>") -> Facts:
    """Parse a module's text; what does not parse is its bytes and nothing else."""
    try:
        tree = ast.parse(source, filename=file)
    except (SyntaxError, ValueError):
        return Facts(hashlib.sha256(source).hexdigest(), {}, [], None)
    found: dict[str, list[bytes]] = {}
    parts: dict[ast.AST, str] = {}
    for name, node in _definitions(tree.body, ""):
        parts[node] = _text(node, parts)
        found.setdefault(name, []).append(parts[node].encode())
    names = _top_level_names(tree)
    return Facts(
        hashlib.sha256(_text(tree, parts).encode()).hexdigest(),
        {name: hashlib.sha256(b"".join(texts)).hexdigest()[:16] for name, texts in found.items()},
        list(_import_statements(tree)),
        sorted(names) if "__getattr__" in names else None,
    )


def _import_statements(tree: ast.AST) -> Iterator[tuple[str, list[str] | None]]:
    for node in running_statements(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), [alias.name for alias in node.names]


class SourceTree:
    """The modules of ``qte`` in one project folder, each parsed once.

    Parameters
    ----------
    project : Path
    known : mapping, optional
        Hash of a file's bytes → its facts, from an earlier run (`code_memory.read`).
    """

    def __init__(self, project: Path, known: Mapping[str, Facts] | None = None) -> None:
        self.project = project
        self._known = known or {}
        self._imports: dict[str, frozenset[str]] = {}
        self._facts: dict[str, tuple[str, Facts]] = {}

    @cached_property
    def roots(self) -> dict[str, Path]:
        """The packages whose source counts, and their folders: `qte` and collections from elsewhere."""
        return {PACKAGE: self.project / PACKAGE} | collections.roots()

    @cached_property
    def files(self) -> dict[str, Path]:
        """Dotted name → file, for every module of the packages."""
        found = {}
        for folder in self.roots.values():
            for file in sorted(folder.rglob("*.py")):
                parts = file.relative_to(folder.parent).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
        return found

    def closure(self, modules: Iterable[str]) -> frozenset[str]:
        """The modules, all that they import, and the packages around them."""
        found: set[str] = set()
        todo = list(modules)
        while todo:
            module = todo.pop()
            if module not in found:
                # What has no file, or no syntax, ends the job that imports it and no other.
                if module not in self.files:
                    continue
                found.add(module)
                todo.extend(_parents(module))
                todo.extend(self.imports(module))
        return frozenset(found)

    def hash(self, modules: Iterable[str]) -> str:
        """One hash of the closure of `modules`."""
        lines = [f"{module} {self.digest(module)}" for module in sorted(self.closure(modules))]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def digest(self, module: str) -> str:
        """Hash of the meaning of one module."""
        return self._read(module)[1].digest

    def content(self, module: str) -> str:
        """Hash of the text of one module, as the digest was made from it."""
        return self._read(module)[0]

    def definitions(self, module: str) -> dict[str, str]:
        """Short hash of every function, method and class of a module, and of what stands outside them."""
        return self._read(module)[1].definitions

    def imports(self, module: str) -> frozenset[str]:
        """Modules of the package that `module` imports, wherever in its text."""
        if module not in self._imports:
            is_package = self.files[module].name == "__init__.py"
            package = module if is_package else module.rpartition(".")[0]
            self._imports[module] = frozenset(self._imported(self._read(module)[1].imports, package))
        return self._imports[module]

    def imports_of(self, tree: ast.Module) -> frozenset[str]:
        """Modules of the package that a piece of source (a notebook's cell) imports."""
        return frozenset(self._imported(_import_statements(tree), ""))

    def facts(self) -> dict[str, Facts]:
        """Hash of a file's bytes → its facts, for every module of the packages."""
        return dict(self._read(module) for module in self.files)

    def _read(self, module: str) -> tuple[str, Facts]:
        if module not in self._facts:
            file = self.files[module]
            source = file.read_bytes()
            content = hashlib.sha256(source).hexdigest()
            self._facts[module] = content, self._known.get(content) or facts_of(source, str(file))
        return self._facts[module]

    def _imported(self, statements: Iterable[tuple[str, list[str] | None]], package: str) -> Iterator[str]:
        for name, taken in statements:
            if taken is not None:
                yield from self._imported_from(name, taken, package)
            elif self._is_ours(name):
                yield name

    def _imported_from(self, name: str, taken: list[str], package: str) -> Iterator[str]:
        base = name.lstrip(".")
        if level := len(name) - len(base):
            above = package.split(".")[: len(package.split(".")) - level + 1]
            base = ".".join([*above, base] if base else above)
        if not self._is_ours(base):
            return
        yield base
        for item in taken:
            member = f"{base}.{item}"
            if member in self.files:
                yield member
            elif self._is_lazy(base, item):
                # The package resolves the name when asked (PEP 562), from some module that only a run would
                # tell: all of them count.
                yield from (module for module in self.files if module.startswith(f"{base}."))

    def _is_ours(self, module: str) -> bool:
        return module.partition(".")[0] in self.roots

    def _is_lazy(self, module: str, name: str) -> bool:
        if module not in self.files or self.files[module].name != "__init__.py":
            return False
        lazy = self._read(module)[1].lazy
        return lazy is not None and name not in lazy


def _definitions(body: list[ast.stmt], inside: str) -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield f"{inside}{name}()", node
            case ast.ClassDef(name=name, bases=bases, keywords=keywords, decorator_list=decorators):
                head = [*bases, *(keyword.value for keyword in keywords), *decorators]
                yield f"{inside}{name}", ast.Tuple(head, ast.Load())
                yield from _definitions(node.body, f"{inside}{name}.")
            case _ if not _is_bare_string(node):
                yield inside.rstrip(".") or "module level", node


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def running_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements but those that only a type checker reads."""
    todo = list(_blocks(tree))[::-1]
    while todo:
        node = todo.pop()
        if _only_for_checkers(node):
            todo += reversed(node.orelse)
            continue
        yield node
        todo += list(_blocks(node))[::-1]


def _blocks(node: ast.AST) -> Iterator[Any]:
    """The statements right below a node; expressions hold none."""
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        inside = getattr(node, name, None)
        if isinstance(inside, list):
            yield from inside


def _only_for_checkers(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in {
        getattr(node.test, "id", None),
        getattr(node.test, "attr", None),
    }


def _top_level_names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
    return names
