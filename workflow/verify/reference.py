"""The folder `reference/`: what every table and figure was when somebody last said that it is right.

It is tracked by git and never a rule's output. What is accepted comes in through one door that asks for a reason
(`Reference.accepting`); `verify`, `explain` and `identify` read it. Tables are kept whole, as xz; pictures small;
everything else by checksum.
"""

import datetime
import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qte.common.files import write_atomically
from qte.data.table_files import DamagedTable, Header, Source
from workflow import project
from workflow.plan import checksums, plan
from workflow.plan.changes import Definitions
from workflow.verify import chain
from workflow.verify.differences import small_picture

if TYPE_CHECKING:
    from qte.data import tables

FOLDER = Path("reference")


class NoReference(RuntimeError):
    """There is nothing to compare with."""


class NotAccepted(RuntimeError):
    """The folder is not as the last acceptance left it."""


@dataclass(frozen=True)
class Reference:
    """A reference folder; the project's own, or one of an earlier commit."""

    folder: Path = field(default_factory=lambda: project.own(FOLDER.name))

    def figures(self) -> list[tuple[str, str]]:
        files = sorted((self.folder / "manifests").glob("*/*.json"))
        return [(file.parent.name, file.stem) for file in files]

    def files(self) -> list[str]:
        """Everything that a comparison depends on."""
        return sorted(str(file) for file in self.folder.rglob("*") if file.is_file() and file.suffix != ".md")

    def has_figure(self, paper: str, figure: str) -> bool:
        """Whether a figure was ever accepted."""
        return self._manifest_file(paper, figure).is_file()

    def manifest(self, paper: str, figure: str) -> dict[str, Any]:
        content = self._manifest_file(paper, figure).read_text(encoding="utf-8")
        return dict(json.loads(content))

    def picture(self, paper: str, figure: str) -> bytes:
        return self._picture_file(paper, figure).read_bytes()

    def table(self, paper: str, table: str) -> "tables.Table":
        """The accepted table; `qte.data.tables.DamagedTable` if its file is not what was accepted."""
        # Here, not above: the main process asks for the names of files, and reads no table.
        from qte.data import tables

        file = self._table_file(paper, table)
        try:
            content = lzma.decompress(file.read_bytes())
        except lzma.LZMAError as error:
            raise DamagedTable(file, f"it cannot be unpacked ({error})") from None
        return tables.from_bytes(content, file.with_suffix(""))

    def header(self, paper: str, table: str) -> Header:
        """What stands above the rows of the accepted table."""
        file = self._table_file(paper, table)
        head = []
        with lzma.open(file) as lines:
            for line in lines:
                head.append(line)
                # no need to unpack the rows
                if not line.startswith(b"#"):
                    break
        return Source(file.with_suffix(""), b"".join(head)).header()

    def has_table(self, paper: str, table: str) -> bool:
        return self._table_file(paper, table).is_file()

    def definitions(self) -> Definitions:
        return dict(self._read_json("code.json"))

    def machine(self, paper: str, figure: str) -> dict[str, str]:
        return dict(self._read_json("machines.json").get(f"{paper}/{figure}", {}))

    def tolerances(self, paper: str, table: str) -> dict[str, dict[str, float]]:
        """Column → largest accepted differences, as `make measure-determinism` measured them."""
        return dict(self._read_json("tolerances.json").get(f"{paper}/{table}", {}))

    def checksums(self) -> dict[str, str]:
        """File → checksum of every accepted result."""
        file = self.folder / "SHA256SUMS"
        return checksums.read(file) if file.exists() else {}

    def accept(self, paper: str, figure: str, used: dict[str, str], machine: dict[str, str]) -> None:
        """Take a figure as it is now, with its tables, given as name → file."""
        for file in used.values():
            self._take_table(*plan.key_of_file(file), Path(file).read_bytes())
        drawn = plan.drawn_files(paper, figure)
        write_atomically(self._picture_file(paper, figure), small_picture(Path(drawn["png"]).read_bytes()))
        manifest = Path(plan.manifest_file(paper, figure))
        write_atomically(self.folder / "manifests" / paper / f"{figure}.json", manifest.read_bytes())
        files = [*used.values(), *map(plan.record_file, used.values()), *drawn.values(), str(manifest)]
        sums = self.checksums() | {file: plan.sha256(Path(file)) for file in files}
        self._write_sums(sums)
        self.write_json(
            "machines.json", dict(self._read_json("machines.json")) | {f"{paper}/{figure}": machine}
        )

    def forget(self, paper: str, figure: str) -> None:
        """Drop a figure that the config no longer has; its tables go with `drop_unused_tables`."""
        (self.folder / "manifests" / paper / f"{figure}.json").unlink()
        self._picture_file(paper, figure).unlink(missing_ok=True)
        gone = {*plan.drawn_files(paper, figure).values(), plan.manifest_file(paper, figure)}
        self._write_sums({file: digest for file, digest in self.checksums().items() if file not in gone})
        machines = dict(self._read_json("machines.json"))
        machines.pop(f"{paper}/{figure}", None)
        self.write_json("machines.json", machines)

    def drop_unused_tables(self) -> None:
        used = {file for key in self.figures() for file in self.manifest(*key)["tables"]}
        for file in list((self.folder / "tables").glob("*/*.csv.xz")):
            if plan.table_file(file.parent.name, file.name.removesuffix(".csv.xz")) not in used:
                file.unlink()
        kept = used | set(map(plan.record_file, used))
        sums = self.checksums()
        self._write_sums({f: d for f, d in sums.items() if not f.startswith("results/tables/") or f in kept})

    def write_json(self, name: str, content: object) -> None:
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        write_atomically(self.folder / name, f"{text}\n".encode())

    @contextmanager
    def accepting(self, what: str, reason: str) -> Iterator[None]:
        """The one door: whatever is written inside becomes an entry of the log and of the chain.

        Raises
        ------
        ValueError
            Without a reason.
        NotAccepted
            If the folder is not as the last acceptance left it: what came in by another way would come along.
        """
        said = " ".join(reason.split())
        if not said:
            raise ValueError("a reason is needed")
        if found := chain.faults(self.folder):
            raise NotAccepted(
                f"{found[0]}{f' (and {len(found) - 1} more)' if len(found) > 1 else ''}; put it back first: "
                f"git checkout {self.folder}"
            )
        yield
        day = datetime.datetime.now(datetime.UTC).date().isoformat()
        self.log(f"- {day}, {what}: {said}")
        chain.append(self.folder, f"{what}: {said}")

    def log(self, line: str) -> None:
        file = self.folder / "LOG.md"
        begin = "# What was accepted, and why\n\n" if not file.exists() else file.read_text(encoding="utf-8")
        write_atomically(file, f"{begin}{line}\n".encode())

    def _take_table(self, paper: str, table: str, content: bytes) -> None:
        file = self._table_file(paper, table)
        # The same content packed by another version of xz is other bytes: leave what says the same.
        if not file.exists() or lzma.decompress(file.read_bytes()) != content:
            write_atomically(file, lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))

    def _write_sums(self, sums: dict[str, str]) -> None:
        write_atomically(self.folder / "SHA256SUMS", checksums.to_bytes(sums))

    def _manifest_file(self, paper: str, figure: str) -> Path:
        return self.folder / "manifests" / paper / f"{figure}.json"

    def _table_file(self, paper: str, table: str) -> Path:
        return self.folder / "tables" / paper / f"{table}.csv.xz"

    def _picture_file(self, paper: str, figure: str) -> Path:
        return self.folder / "pictures" / paper / f"{figure}.png"

    def _read_json(self, name: str) -> dict[str, Any]:
        file = self.folder / name
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
