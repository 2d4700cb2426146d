"""Pages as a reader of HTML sees them: links, anchors, scripts, words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Page(HTMLParser):
    """One parsed page."""

    file: Path
    links: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "a" and named.get("href"):
            self.links.append(str(named["href"]))
        elif named.get("href") or named.get("src"):
            self.sources.append(str(named.get("href") or named.get("src")))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [named for name, named in self.tags if name == tag]


def pages_of(report: Path) -> dict[Path, Page]:
    """Every page of a report."""
    return {file: Page(file) for file in sorted(report.rglob("*.html"))}


def broken_links(report: Path) -> list[str]:
    """Links, pictures, scripts and anchors that lead nowhere, as "page: target"."""
    pages = pages_of(report)
    found = []
    for file, page in pages.items():
        for target in [*page.links, *page.sources]:
            parts = urlsplit(target)
            if parts.scheme in {"https", "http", "data"}:
                continue
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            inside = there.is_relative_to(report.resolve()) and there.is_file()
            anchored = not parts.fragment or (there in pages and unquote(parts.fragment) in pages[there].ids)
            if parts.scheme or not inside or not anchored:
                found.append(f"{file.relative_to(report)}: {target}")
    return found
