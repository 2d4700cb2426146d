"""What Snakemake could not know to say: why a file that is there is made again, and which target was meant."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence

from snakemake_interface_logger_plugins.common import LogEvent

from qte.common.parameters import did_you_mean

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


class NearestTarget(logging.Filter):
    """Adds the nearest name to the refusal of a target that no rule makes, whoever speaks for the run.

    Parameters
    ----------
    names : function
        All that may be asked for; called when somebody has asked for something else.
    """

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._names = names

    def filter(self, record: logging.LogRecord) -> bool:
        text = str(record.msg)
        if found := re.search(r"No rule to produce (\S+)(?= \()", text):
            record.msg = text.replace(found[0], found[0] + did_you_mean(found[1], self._names()))
        return True
