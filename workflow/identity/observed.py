"""What a job does besides computing: the files that it reads, the processes, connections and listings it asks for.

Python tells of all these itself (`sys.addaudithook`, PEP 578), whoever asks: a cell, a study or a package on behalf of
one. What belongs to the environment, what the job has written itself, and what a package of the lock does while it is
imported is no ingredient; all else is noted, with who asked.
"""

import os
import sys
import sysconfig
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from workflow.identity import executed, packages

# What is asked of the machine by libraries: how many cores there are. Memory under a name is no machine's.
_MACHINE = ("/dev/", "/proc/", "/sys/")
_MEMORY = "/dev/shm/"
# Event → what it means, for messages; what is started there is seen by nobody.
_ELSEWHERE = {
    "subprocess.Popen": "starts another process",
    "os.system": "starts another process",
    "os.exec": "starts another process",
    "os.posix_spawn": "starts another process",
    "os.fork": "starts another process",
    "os.forkpty": "starts another process",
    "socket.connect": "opens a connection",
    "socket.bind": "opens a connection",
    "socket.getaddrinfo": "opens a connection",
    "socket.gethostbyname": "opens a connection",
    "socket.sendto": "opens a connection",
    "ctypes.dlopen": "calls a library of C",
    "ctypes.dlsym": "calls a library of C",
}
# Modules that do the same without an event; they are loaded when they are needed first.
_ELSEWHERE_BY_IMPORT = {
    "multiprocessing.popen_spawn_posix": "starts another process",
}
_LISTINGS = {"os.listdir", "os.scandir"}
_MOVES = {"os.rename", "os.link", "os.symlink"}
_MADE_NEW = os.O_EXCL | os.O_TRUNC


@dataclass(frozen=True)
class Reader:
    """Who asked for something.

    Attributes
    ----------
    place : str
        "qte/papers/man2019/studies.py, line 12"; empty for a cell of a notebook, or where it cannot be told.
    module : str
        Dotted name of what asked; empty like `place`.
    """

    place: str = ""
    module: str = ""


@dataclass
class Observed:
    """What was seen since `begin`.

    Attributes
    ----------
    reads : dict
        Absolute path → who read it first.
    elsewhere : dict
        What was done out of sight → who did it first.
    listings : dict
        Folder → who listed it first.
    imports : dict
        Watched module that was loaded meanwhile → who asked for it.
    variables : dict
        Variable of the environment that a cell or the project's own code asked for → who did first.
    """

    reads: dict[str, Reader] = field(default_factory=dict)
    elsewhere: dict[str, Reader] = field(default_factory=dict)
    listings: dict[str, Reader] = field(default_factory=dict)
    imports: dict[str, Reader] = field(default_factory=dict)
    variables: dict[str, Reader] = field(default_factory=dict)
    _written: set[str] = field(default_factory=set)

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Take note of an audit event."""
        if event == "open":
            self._opened(*args)
        elif event == "import":
            # An extension names its file; a source is opened.
            if args[1]:
                self._read(args[1])
            elif args[0] in _ELSEWHERE_BY_IMPORT:
                self._noted(self.elsewhere, _ELSEWHERE_BY_IMPORT[args[0]])
        elif event in _MOVES:
            self._moved(event, *args[:2])
        elif event == "os.mkdir":
            self._written.add(_absolute(args[0]) or "")
        elif event in _LISTINGS:
            self._listed(args[0])
        elif event == "sqlite3.connect":
            # Even of one's own: a database takes in other ones (ATTACH) without a word.
            self._noted(self.reads, _absolute(args[0]) or "")
        else:
            self._noted(self.elsewhere, _ELSEWHERE[event])

    def hear_of_module(self, name: str) -> None:
        """Take note that a watched module is about to be loaded."""
        self._noted(self.imports, name)

    def hear_of_variable(self, name: str) -> None:
        """Take note that somebody asks for a variable of the environment."""
        if name not in self.variables and (reader := _asker()):
            self.variables[name] = reader

    def _opened(self, path: Any, mode: str | None, flags: int | None) -> None:
        if (name := _absolute(path)) is None:
            return
        flags = flags or 0
        writes = mode.strip("bt")[:1] in "wxa" if mode else flags & os.O_ACCMODE == os.O_WRONLY
        made_new = flags & _MADE_NEW or (mode or "").strip("bt")[:1] in ("w", "x")
        if not (writes or made_new):
            self._read(name)
            return
        if not made_new:
            # What is appended to keeps what it was.
            self._read(name, exists=True)
        self._written.add(name)

    def _read(self, path: Any, exists: bool = False) -> None:
        name = _absolute(path)
        if name and name.startswith(_MACHINE):
            # /proc/self/cwd leads anywhere.
            name = os.path.realpath(name)
        if not name or name in self._written or _is_given(name) or Path(name).is_dir():
            return
        if not exists or Path(name).exists():
            self._noted(self.reads, name)

    def _moved(self, event: str, source: Any, target: Any) -> None:
        if (name := _absolute(target)) is None:
            return
        if event != "os.symlink" and _absolute(source) in self._written:
            self._written.add(name)
        else:
            self._written.discard(name)

    def _listed(self, folder: Any) -> None:
        if isinstance(folder, int):
            folder = os.path.realpath(f"/dev/fd/{folder}")
        name = _absolute("." if folder is None else folder)
        if name and name not in self._written and not _is_given(f"{name}/"):
            self._noted(self.listings, name)

    def _noted(self, where: dict[str, Reader], what: str) -> None:
        if what not in where:
            reader = _reader(importing=where is self.imports, listing=where is self.listings)
            if reader is not None:
                where[what] = reader


_current: Observed | None = None
_EVENTS = {"open", "import", "os.mkdir", "sqlite3.connect", *_MOVES, *_LISTINGS, *_ELSEWHERE}
_hooked = False


def begin() -> Observed:
    """Observe this process from now on; a process does one job and ends."""
    global _current, _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        executed.listeners.append(lambda name: _current.hear_of_module(name) if _current else None)
        os.environ.__class__ = _Environment
        _hooked = True
    _current = Observed()
    return _current


def end() -> None:
    """Observe nothing more."""
    global _current
    _current = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in _EVENTS and _current is not None:
        _current.hear(event, args)


class _Environment(type(os.environ)):  # type: ignore[misc]
    """The environment, which has no audit event; what a job has set itself is its own."""

    _set: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> str:
        if _current is not None and name not in self._set:
            _current.hear_of_variable(name)
        return str(super().__getitem__(name))

    def __setitem__(self, name: str, value: str) -> None:
        super().__setitem__(name, value)
        self._set.add(name)


def _absolute(path: Any) -> str | None:
    """A path in full; None for what is open already."""
    return None if isinstance(path, int) else os.path.abspath(os.fsdecode(path))  # noqa: PTH100


_prefixes: tuple[str, ...] = ()


def _given() -> tuple[str, ...]:
    """Beginnings of the paths that belong to the environment or the machine."""
    global _prefixes
    if not _prefixes:
        places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        places |= {sys.prefix, sys.base_prefix, sys.exec_prefix, *map(str, packages.folders())} - {
            "/usr",
            "/",
        }
        places |= {os.path.realpath(place) for place in places}
        _prefixes = (*_MACHINE, *sorted(f"{place}/" for place in places))
    return _prefixes


def _is_given(name: str) -> bool:
    return name.startswith(_given()) and not name.startswith(_MEMORY)


def _is_machinery(name: str, file: str) -> bool:
    """Whether a frame only looks for a module or loads it; `importlib.resources` reads for others."""
    if name.startswith(("importlib.resources", "importlib.readers", "importlib.simple")):
        return False
    return (
        name.startswith("importlib")
        or name == executed.__name__
        or file.startswith(("<frozen importlib", "<frozen zipimport"))
    )


def _asker() -> Reader | None:
    """Who asks the environment: a cell, or code of the project; packages ask for themselves."""
    for frame in _frames():
        name, file = frame.f_globals.get("__name__") or "", frame.f_code.co_filename
        if name in ("os", "collections.abc", "_collections_abc"):
            continue
        if _is_cell(frame):
            return Reader()
        if not name.startswith("workflow.") and (
            executed.is_watched(name) or not file.startswith((*_given(), "<"))
        ):
            return Reader(f"{_short(file)}, line {frame.f_lineno}", name)
        return None
    return None


def _is_cell(frame: FrameType) -> bool:
    of_shell = "get_ipython" in frame.f_globals or frame.f_code.co_filename.startswith("<ipython-input")
    return of_shell and frame.f_globals.get("__name__") == "__main__"


def _reader(importing: bool = False, listing: bool = False) -> Reader | None:
    """Who asks; None when it is the pipeline itself, the environment, or a package that is being imported."""
    of_library = False
    found: Reader | None = None
    of_paper = False
    for frame in _frames():
        name, file = frame.f_globals.get("__name__") or "", frame.f_code.co_filename
        if importing and found:
            return found
        if _is_cell(frame):
            return Reader()
        if _is_machinery(name, file):
            if (of_library or listing) and not found:
                return None
        elif name.startswith("workflow."):
            return found
        elif executed.is_watched(name) or not file.startswith((*_given(), "<")):
            # A package that resolves names when asked (PEP 562) asks for somebody else.
            # A reader of tables is asked by a study, and that is what one wants to know.
            better = not found or (not of_paper and ".papers." in name)
            if better and frame.f_code.co_name != "__getattr__":
                found = Reader(f"{_short(file)}, line {frame.f_lineno}", name)
                of_paper = ".papers." in name
        elif not found:
            of_library = True
    # Nobody but packages: the kernel's own loop, or a thread that works for some cell.
    in_main = threading.current_thread() is threading.main_thread()
    return found or (None if in_main else Reader())


def _frames() -> Iterator[FrameType]:
    """The calling frames from the innermost, without those of this module."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is not globals():
            yield frame
        frame = frame.f_back


def _short(file: str) -> str:
    """A path below this folder without it."""
    return file.removeprefix(f"{Path.cwd()}/")
