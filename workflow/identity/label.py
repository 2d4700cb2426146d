"""What the plan promises of a result: the code, files and packages that it will have been made of.

A job holds it against what it really used (`workflow.jobs.observation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow.identity.code_hash import facts_of


@dataclass(frozen=True)
class Text:
    """A module's source: the hash of its bytes and that of its meaning, and where it lies."""

    content: str
    meaning: str
    file: str


@dataclass(frozen=True)
class Label:
    """What a result is labelled with, as far as a job can hold it against what happens.

    Attributes
    ----------
    what : str
        The result as messages call it: "figure man2019/fig4".
    reader : str
        What the job runs, as messages call it: "notebook notebooks/man2019/fig4.ipynb".
    code : mapping
        Module → its text, for all that the result depends on.
    files : tuple of str
        Files that its hash covers.
    unlocked : mapping
        Top-level module → its package, for all that is installed and in no lock.
    packages : str
        State of the installed packages (`packages.state`) when the label was made.
    first : tuple of str
        Modules to import before all else.
    """

    what: str
    reader: str
    code: Mapping[str, Text]
    files: tuple[str, ...] = ()
    unlocked: Mapping[str, str] = field(default_factory=dict)
    packages: str = ""
    first: tuple[str, ...] = ()


def means_the_same(text: Text, source: bytes) -> bool:
    """Whether a source has the meaning of a text: comments and layout may differ."""
    try:
        return facts_of(source).digest == text.meaning
    except (SyntaxError, ValueError):
        return False
