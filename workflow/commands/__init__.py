"""What the targets of the Makefile call."""

import sys
from pathlib import Path
from types import TracebackType

from qte.common.errors import QteError
from qte.common.text import error_with_place


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The hook of a command that ends with an error that it did not expect: one line for what files caused."""
    match error:
        case SyntaxError() | ImportError():
            print(error_with_place(error), file=sys.stderr)
        case OSError(filename=str() | Path() as file, strerror=str() as what):
            print(f"{file}: {what}", file=sys.stderr)
        case QteError():
            print(error, file=sys.stderr)
        case _:
            sys.__excepthook__(kind, error, trace)


# While Python looks for the module of `python -m`, this is the first argument.
if sys.argv[:1] == ["-m"]:
    sys.excepthook = _say
