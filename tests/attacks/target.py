"""What is attacked, and how: kinds of damage, kinds of file, and a project that can be put right again."""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from qte.data import tables
from tests.workflow.projects import Project
from workflow.config import config_text
from workflow.jobs import ledger, report, results
from workflow.plan import checksums, code_records, integrity, manifests, plan
from workflow.plan.plan import Plan

PAPER, PART = "khandelwal2025", "checks_equations"
KEY = ("khandelwal2020", "fig2")
FIGURE = "/".join(KEY)
TABLE = "results/tables/khandelwal2020/fig2.csv"
# Looked after: everything that a case may change.
KEPT = ("results", "figures", "reference", "notebooks", "config.yaml", "requirements.lock", "pyproject.toml")


@dataclass
class Target:
    """A built project whose files are remembered."""

    project: Project
    # File → content, and what the file system said of it when it was right.
    _kept: dict[str, tuple[bytes, tuple[int, ...]]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.project.root

    def remember(self) -> None:
        self._kept = {str(file): (file.read_bytes(), _seen(file)) for file in self._files()}

    def restore(self) -> None:
        """Put back what is not as it was, and take away what was not there."""
        for path in sorted(self._paths(), reverse=True):
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                path.unlink()
            elif path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif str(path) not in self._kept:
                path.unlink()
        for name, (content, seen) in self._kept.items():
            file = Path(name)
            if file.is_dir():
                shutil.rmtree(file)
            if not file.exists() or _seen(file) != seen:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                self._kept[name] = content, _seen(file)

    def path(self, name: str) -> Path:
        return self.project.path(name)

    def plan(self) -> Plan:
        return Plan(config_text.read(Path("config.yaml")).data)

    def findings(self) -> list[str]:
        """What a run would say of its results before it begins, one line each."""
        the_plan = self.plan()
        found = [item for key in the_plan.tables for item in integrity.of_table(the_plan, *key)]
        found += [item for key in the_plan.figures for item in integrity.of_figure(the_plan, *key)]
        found += [*integrity.of_sums(the_plan), *integrity.of_code_memory(), *report.of_report()]
        found += [*ledger.of_part(the_plan, PAPER, PART), *ledger.of_pages(PAPER), *ledger.of_pages("errata")]
        return [f"{item.file} ({item.why})" for item in found]

    def forge(self, form: str) -> str:
        """Replace one drawing (or the executed notebook) and make manifest and sums fit; returns the file."""
        the_plan = self.plan()
        file = the_plan.places.drawn(*KEY)[form]
        Path(file).write_bytes(FORGERIES[form](Path(file).read_bytes()))
        used = the_plan.tables_of(*KEY)
        made = manifests.manifest(the_plan.figure_spec(*KEY), used)
        Path(plan.manifest_file(*KEY)).write_bytes(made)
        Path(plan.SUMS).write_bytes(checksums.sums_of(the_plan.summed()))
        return file

    def forge_table(self) -> str:
        """Change one number of the table, and make all that speaks of it fit; returns the table's file."""
        the_plan = self.plan()
        table = tables.read(TABLE)
        column = table.columns[-1].symbol
        table.frame.loc[table.frame.index[3], column] *= 1 + 1e-3
        tables.write(table, TABLE, the_plan.provenance(*KEY))
        code_records.write(TABLE, the_plan.table_code(*KEY))
        self.draw()
        return TABLE

    def draw(self) -> None:
        """Draw the figure as nobody observes it, with its manifest, and make the sums fit."""
        the_plan = self.plan()
        # a job leaves its stamp to its process, which ends with it, and this one does not
        with mock.patch.dict(os.environ):
            results.DrawFigure(the_plan.figure_spec(*KEY), the_plan.tables_of(*KEY)).run()
        Path(plan.SUMS).write_bytes(checksums.sums_of(the_plan.summed()))

    def _files(self) -> list[Path]:
        return [path for path in self._paths() if path.is_file() and not path.is_symlink()]

    def _paths(self) -> list[Path]:
        tops = [self.root / name for name in KEPT]
        return [path for top in tops if top.exists() or top.is_symlink() for path in (top, *top.rglob("*"))]


def _seen(file: Path) -> tuple[int, ...]:
    found = file.lstat()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _other_picture(old: bytes) -> bytes:
    import io

    from PIL import Image, PngImagePlugin

    with Image.open(io.BytesIO(old)) as image:
        image.load()
        stamp, picture = image.text["Source"], image.convert("RGB")
    picture.putpixel((5, 5), (254, 254, 254))
    told = PngImagePlugin.PngInfo()
    told.add_text("Source", stamp)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    # A curve is moved where nobody looks at pixels; the mark stays.
    "pdf": lambda old: old.replace(b"\n%%EOF", b"\n% moved\n%%EOF"),
    "svg": lambda old: old.replace(b"</svg>", b'<circle r="9"/></svg>'),
    "png": _other_picture,
    "notebook": lambda old: old.replace(b'"cells": [', b'"cells":  [', 1),
}


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def edited(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def appended(file: Path) -> None:
    with file.open("ab") as out:
        out.write(b"\n")


def replaced(file: Path) -> None:
    file.write_bytes(hashlib.sha512(b"noise").digest() * 4)


def of_another(file: Path) -> None:
    file.write_bytes(json.dumps({"a": 1}).encode())


DAMAGES = (truncated, emptied, edited, appended, replaced, of_another)


def pipe(file: Path) -> None:
    os.mkfifo(file)


def unix_socket(file: Path) -> None:
    # The name of a socket is short; its folder's is not.
    here = Path.cwd()
    os.chdir(file.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(file.name)
    finally:
        os.chdir(here)


def folder(file: Path) -> None:
    file.mkdir()


def dangling(file: Path) -> None:
    file.symlink_to("nowhere")


def device(file: Path) -> None:
    file.symlink_to("/dev/zero")


NO_FILES = {
    pipe: "a named pipe",
    unix_socket: "a socket",
    folder: "a folder",
    dangling: "a link that leads nowhere",
    device: "a device",
}


def in_place_of(file: Path, kind: Callable[[Path], None]) -> None:
    """Put something that is no file where a file is."""
    file.unlink()
    kind(file)
