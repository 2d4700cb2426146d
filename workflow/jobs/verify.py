"""The jobs of workflow/rules/verify.smk, as plain data, and the last word on the terminal."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow.identity import code_memory, host
from workflow.identity.code_hash import Facts
from workflow.plan import changes
from workflow.plan.plan import Plan, canonical_json
from workflow.snakemake_door.job import JobFailed


@dataclass(frozen=True)
class RecordCode:
    """Write which functions of `qte` there are, by hash: `explain` and `verify` name what changed.

    And all else that was found in the sources, for the next run. Both come from the plan, which has parsed them.
    """

    output: str
    memory: str
    definitions: changes.Definitions
    facts: dict[str, Facts]

    def run(self) -> None:
        text = f"{json.dumps(self.definitions, indent=1, sort_keys=True)}\n".encode()
        write_atomically(self.output, text)
        code_memory.write(self.memory, self.facts, text)


@dataclass(frozen=True)
class Compare:
    """Write the verdicts on all figures, and the page that shows them."""

    config: dict[str, Any]
    verdicts: str
    page: str

    def run(self) -> None:
        # Here, not above: the main process compares nothing.
        from workflow.jobs import again
        from workflow.report import site
        from workflow.report.pages import verify_page
        from workflow.verify import chain, reference, verdicts

        the_plan = Plan(self.config)
        try:
            found = verdicts.of_all(the_plan)
        except reference.NoReference as error:
            raise JobFailed(str(error)) from None
        unknown = {verdict.key for verdict in found if verdict.verdict in verdicts.UNKNOWN_BYTES}
        unproven = again.unproven_of(the_plan, unknown)
        found = [verdicts.with_proof(verdict, unproven.get(verdict.key, [])) for verdict in found]
        faults = chain.faults(reference.Reference().folder)
        site.write_static(Path(self.page).parent)
        write_atomically(self.page, verify_page.page(found, reference.Reference()))
        content = {
            "summary": verdicts.summary(found, faults),
            "reference": faults,
            "failed": [verdict.name for verdict in found if verdict.verdict in verdicts.FAILING],
            "figures": [verdict.plain() for verdict in found],
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        write_atomically(self.verdicts, f"{text}\n".encode())


def hash_of(content: object) -> str:
    """For a rule's params, which Snakemake prints."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def this_machine() -> str:
    """For a rule's params: another machine, another comparison."""
    return canonical_json(host.describe())


def announce(verdicts: str, page: str, log: str) -> tuple[str, str]:
    """The verdicts, which go into the log, too, and one line if a figure is not what was accepted."""
    found = json.loads(Path(verdicts).read_text(encoding="utf-8"))
    text = "\n".join(found["summary"])
    write_atomically(log, f"{text}\n".encode())
    if faults := found["reference"]:
        return text, (
            f"Changed without being accepted: {len(faults)} files of reference/ ({faults[0]}). Put them back: "
            "git checkout reference"
        )
    if not found["failed"]:
        return text, ""
    return text, (
        f"Not what was accepted: {', '.join(found['failed'])}. Side by side: {page}. If this is what you "
        "want: make accept FIGURE=<paper>/<figure> REASON='...'"
    )
