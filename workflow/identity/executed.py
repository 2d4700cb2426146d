"""Which text of the project's modules this process has executed: the bytes that are compiled are kept here.

Python's own loader looks at a source when it is imported, the plan at another moment; what a label says of the code
is true only if both have seen the same. So each source of a watched package is read once, kept, and compiled, or its
byte code taken if that is of these very bytes. Importing this module begins it: it comes before the first of `qte`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from workflow.identity import byte_code

# Dotted name → the source that was executed.
texts: dict[str, bytes] = {}
# Called with the name of every watched module that is about to be imported.
listeners: list[Callable[[str], None]] = []
_watched = {"qte"}


def watch(packages: Iterable[str]) -> None:
    """Keep the sources of these top-level packages, too, of what is imported from now on."""
    _watched.update(packages)


def is_watched(module: str) -> bool:
    """Whether a module, by its dotted name, belongs to the packages that are watched."""
    return module.partition(".")[0] in _watched


class _Loader(SourceFileLoader):
    """Python's own, which keeps what it reads and believes no byte code but that of these very bytes."""

    _content: bytes | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        byte_code.keep_one_by_content(Path(self.path))
        code = super().get_code(fullname)
        # Tracebacks read a source, too, long after it was executed: they come by another way than this.
        if self._content is not None:
            texts[fullname] = self._content
        return code

    def get_data(self, path: str) -> bytes:
        content = super().get_data(path)
        if path == self.path:
            self._content = content
        return content

    def path_stats(self, path: str) -> dict[str, float]:  # type: ignore[override]
        # Without them, Python compiles what it reads: byte code of a folder that cannot be written is kept by time.
        if not byte_code.is_by_content(Path(path)):
            raise OSError(f"no byte code of {path} by content")
        return dict(super().path_stats(path))


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not is_watched(fullname):
            return None
        for listener in listeners:
            listener(fullname)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


sys.meta_path.insert(0, _Finder())
