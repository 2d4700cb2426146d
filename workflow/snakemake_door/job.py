"""What a rule hands over to be done, and how it fails. Imports nothing of Snakemake: the job server stays light."""

from typing import Protocol


class Job(Protocol):
    """Something to do, as plain data that travels to the process that does it."""

    def run(self) -> None: ...


class JobFailed(RuntimeError):
    """A job could not be done; the message is one clear line."""
