"""The kinds of job, as plain data that travels to the process that does it."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qte.common.files import write_atomically
from qte.common.outside import Noted, Outside, note, noted
from qte.data.provenance import Provenance
from workflow import project
from workflow.jobs import observation
from workflow.plan import code_records, manifests, plan, wording
from workflow.plan.checksums import sums_of
from workflow.plan.plan import STANDARD, Places
from workflow.snakemake_door import made_files
from workflow.snakemake_door.job import JobFailed

if TYPE_CHECKING:
    from qte.data import studies


@dataclass(frozen=True)
class BuildTable:
    """Compute one table from its provenance (as text, see `Plan.table_spec`), or put its shards together."""

    spec: str
    output: str
    shards: tuple[str, ...] = ()

    def run(self) -> None:
        made_of = json.loads(self.spec)
        with noted() as outside:
            self._write(made_of)
        observation.hold()
        record(self.output, made_of["code"], outside)

    def _write(self, made_of: dict[str, Any]) -> None:
        # Here, not above, and so below: the main process plans jobs and does none.
        from qte.data import shards, studies, tables
        from qte.data.partitioned import PartitionedStudy

        study = studies.build(made_of["study"], made_of["params"])
        if isinstance(study, PartitionedStudy):
            study.check()
            whole = provenance_of(made_of, study)
            if self.shards:
                shards.gather(self.shards, self.output, whole, study.points())
                for shard in self.shards:
                    for one in code_records.told_of(shard).get("outside", ()):
                        note(Outside(**one))
            else:
                shards.write(study, self.output, replace(whole, code=""), 0, study.points())
        else:
            table, provenance = studies.run(
                made_of["study"], made_of["params"], made_of["ours"], table=made_of["table"]
            )
            tables.write(table, self.output, provenance)


@dataclass(frozen=True)
class ImportData:
    """Take a data file in as a table: its units are checked, its content gets a checksum and a provenance."""

    spec: str
    output: str
    file: str

    def run(self) -> None:
        # Here, not above: the main process plans tables and reads none.
        from qte.data import data_files, tables

        made_of = json.loads(self.spec)
        made = Provenance(**made_of | {"ours": (), "code": ""})
        content = Path(self.file).read_bytes()
        if made.params.get("sha256", sha256 := hashlib.sha256(content).hexdigest()) != sha256:
            raise JobFailed(f"{self.file} was edited during the run")
        try:
            table = data_files.read(content, made.params["file"])
        except data_files.DataFileError as error:
            raise JobFailed(str(error)) from None
        tables.write(table, self.output, made)
        observation.hold()
        code_records.write(self.output, made_of["code"])


@dataclass(frozen=True)
class BuildShard:
    """Compute the rows of some points of a table."""

    spec: str
    output: str
    start: int
    stop: int

    def run(self) -> None:
        from qte.data import shards, studies
        from qte.data.partitioned import PartitionedStudy

        made_of = json.loads(self.spec)
        study = studies.build(made_of["study"], made_of["params"])
        assert isinstance(study, PartitionedStudy)
        study.check()
        its_provenance = shards.shard_of(provenance_of(made_of, study), self.start, self.stop)
        with noted() as outside:
            shards.write(study, self.output, its_provenance, self.start, self.stop)
        record(self.output, made_of["code"], outside)


def record(file: str, code: str, outside: Noted) -> None:
    """Say which code made a table or a part of it, and where its machines leave the domain of their equations.

    Last of all: a record names its file's checksum, and until now it is that of another one, if there is any.
    """
    # Three digits: what decides is a size.
    told = [asdict(one) | {"worst": float(f"{one.worst:.3g}")} for one in outside]
    code_records.write(file, code, **({"outside": told} if told else {}))


def provenance_of(made_of: dict[str, Any], study: "studies.Study") -> Provenance:
    """The provenance that `Plan.table_spec` wrote as text, its params in the order of the study's fields."""
    from qte.data import studies

    return Provenance(**made_of | {"ours": tuple(made_of["ours"]), "params": studies.params_of(study)})


@dataclass(frozen=True)
class DrawFigure:
    """Execute one notebook and write its drawings, its executed form and its manifest."""

    spec: str
    tables: dict[str, str]
    engine: str = "in-process"
    places: Places = STANDARD

    def run(self) -> None:
        from qte.plotting.output import STAMP
        from workflow.jobs import notebooks

        made_of = json.loads(self.spec)
        paper, figure = made_of["paper"], made_of["figure"]
        try:
            entry = manifests.ingredients(self.spec, self.tables)
        except wording.BadPlaceholder as error:
            raise JobFailed(f"title or caption of {paper}/{figure}, {error}") from None
        those = wording.numbers(entry["params"], wording.headers(self.tables))
        source = plan.notebook_file(paper, figure)
        files = self.places.drawn(paper, figure)
        for file in files.values():
            made_files.note(file)  # a kernel that draws keeps no record
            Path(file).unlink(missing_ok=True)
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        parameters = {
            "tables": self.tables,
            "output": self.places.stem(paper, figure),
            "params": entry["params"],
            "title": entry["title"],
            "caption": entry["caption"],
        }
        # For `plotting.save`, in this process or in a notebook's kernel; a process draws one figure and ends.
        os.environ[STAMP] = manifests.stamp(entry)
        try:
            executed = notebooks.execute(project.written(source), parameters, self.engine, those)
        except notebooks.NotebookError as error:
            raise JobFailed(f"notebook {source}, {error}") from None
        write_atomically(files["notebook"], executed)
        missing = [file for file in files.values() if not Path(file).is_file()]
        if missing:
            raise JobFailed(
                f"notebook {source} drew no {', '.join(missing)}; its last step must be plotting.save(fig, output)"
            )
        made = manifests.manifest(self.spec, self.tables, self.places)
        observation.hold()
        write_atomically(self.places.manifest(paper, figure), made)


@dataclass(frozen=True)
class SumChecksums:
    """Write the checksums of all results."""

    files: tuple[str, ...]
    output: str
    folder: str = ""

    def run(self) -> None:
        write_atomically(self.output, sums_of(self.files, self.folder))
