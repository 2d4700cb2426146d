"""Why a file that is there will be made again: what was found, in the place of Snakemake's "Forced execution"."""

import logging
from collections.abc import Mapping

from snakemake_interface_logger_plugins.common import LogEvent

FORCED = "Forced execution"


class TrueReasons(logging.Filter):
    """Puts what was found into the announcement of a job, whoever speaks for the run.

    Parameters
    ----------
    found : mapping
        File that will be made again → why.
    """

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__()
        self._found = found

    def filter(self, record: logging.LogRecord) -> bool:
        reason = getattr(record, "reason", None)
        if getattr(record, "event", None) is LogEvent.JOB_INFO and reason:
            outputs = map(str, getattr(record, "output", None) or ())
            why = [f"{file}: {self._found[file]}" for file in outputs if file in self._found]
            if why:
                record.reason = str(reason).replace(FORCED, "; ".join(why))
        return True
