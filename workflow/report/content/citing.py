"""How to cite: the project and its papers as BibTeX, from CITATION.cff."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path("CITATION.cff")
_KINDS = {"article": "article", "software": "software"}


@dataclass(frozen=True)
class Citation:
    """One work.

    Attributes
    ----------
    key, bibtex : str
    link : str
        By its DOI, or else its address; empty if the file names neither.
    names : list of str
        Family names of its authors.
    """

    key: str
    bibtex: str
    link: str
    names: Sequence[str] = ()


@cache
def citations(file: Path = FILE) -> Mapping[str, Citation]:
    """Key → work: "qte" is the project, a paper goes by its first author and year, as in `config.yaml`."""
    if not file.is_file():
        return {}
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    works = [_citation("qte", content)]
    works += [_citation(_key(work), work) for work in content.get("references", ())]
    return {work.key: work for work in works}


def _key(work: Mapping[str, Any]) -> str:
    name = unicodedata.normalize("NFKD", work["authors"][0]["family-names"]).lower()
    return re.sub(r"[^a-z]", "", name) + str(work["year"])


def _citation(key: str, work: Mapping[str, Any]) -> Citation:
    doi, url = work.get("doi", ""), work.get("url", "")
    released = str(work.get("date-released", ""))
    fields = {
        "author": " and ".join(map(_author, work["authors"])),
        "title": f"{{{work['title']}}}",
        "journal": work.get("journal"),
        "volume": work.get("volume"),
        "pages": work.get("start"),
        "year": work.get("year") or released[:4],
        "version": work.get("version"),
        "doi": doi,
        "url": url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    head = f"@{_KINDS.get(work['type'], 'misc')}{{{key},"
    names = [person["family-names"] for person in work["authors"] if "family-names" in person]
    return Citation(key, "\n".join([head, *lines, "}"]), f"https://doi.org/{doi}" if doi else url, names)


def _author(person: Mapping[str, str]) -> str:
    if "name" in person:
        return f"{{{person['name']}}}"
    return ", ".join(filter(None, [person["family-names"], person.get("given-names", "")]))
