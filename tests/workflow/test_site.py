"""The documentation as a site: every page and public name is in its tree; built, it needs nothing from elsewhere."""

import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
import yaml

import qte
from tests.workflow.html_pages import broken_links, pages_of
from tests.workflow.projects import PROJECT

SITE = PROJECT / "docs/site"
TREE = (SITE / "toc.yml").read_text(encoding="utf-8")
API = "".join(file.read_text(encoding="utf-8") for file in (SITE / "api").glob("*.md"))
DOCUMENTED = dict(re.findall(r"automodule:: (\S+)\n((?:   :[\w-]+:.*\n)*)", API))
OFFERING = [
    name
    for name in ["qte", *(found.name for found in pkgutil.walk_packages(qte.__path__, "qte."))]
    if not name.startswith("qte.papers.") and hasattr(importlib.import_module(name), "__all__")
]


def is_documented(module: ModuleType, name: str) -> bool:
    """Whether autodoc meets a name: in this module, or where it is made."""
    if ":members:" in DOCUMENTED.get(module.__name__, "") and name in dir(module):
        return True
    home = getattr(getattr(module, name), "__module__", "")
    return ":members:" in DOCUMENTED.get(home, "")


@pytest.mark.parametrize("name", OFFERING)
def test_every_public_name_is_in_the_api(name: str) -> None:
    module = importlib.import_module(name)
    things = [
        member for member in module.__all__ if callable(thing := getattr(module, member)) and thing.__doc__
    ]
    assert [member for member in things if not is_documented(module, member)] == []


def test_what_the_api_names_is_there_and_stands_on_one_page() -> None:
    names = re.findall(r"automodule:: (\S+)", API)
    assert len(set(names)) == len(names)
    assert [name for name in names if importlib.util.find_spec(name) is None] == []


def listed(entries: list[dict]) -> list[str]:
    """Files of a part of the tree, with those that a pattern finds."""
    found: list[str] = []
    for entry in entries:
        pattern = entry.get("file") or entry["glob"]
        found += [str(file.relative_to(PROJECT).with_suffix("")) for file in PROJECT.glob(f"{pattern}.*")]
        found += listed(entry.get("entries", []))
    return found


def test_every_page_of_the_documentation_is_in_the_tree() -> None:
    tree = yaml.safe_load(TREE)
    pages = {tree["root"], *(page for part in tree["subtrees"] for page in listed(part["entries"]))}
    docs = [*(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.ipynb")]
    # what the pages copy is no page
    docs = [file for file in docs if "examples" not in file.parts]
    assert {str(file.relative_to(PROJECT).with_suffix("")) for file in docs} <= pages


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("sphinx") is None:
        pytest.skip("the site was not tested: needs what `make site` installs")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-M", "html", str(PROJECT), str(target), "-c", str(SITE)]
    done = subprocess.run([*command, "-q", "-W", "--keep-going"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target / "html"


@pytest.mark.slow
def test_the_site_is_whole_and_fetches_nothing(site: Path) -> None:
    assert broken_links(site) == []
    for file, page in pages_of(site).items():
        foreign = [source for source in page.sources if urlsplit(source).scheme not in {"", "data"}]
        assert foreign == [], file.relative_to(site)
    tutorial = (site / "docs/tutorial.html").read_text(encoding="utf-8")
    assert "must be a real number, &gt;= 0 and finite (a temperature), but got -1.0" in tutorial
    assert "data:image/png" in tutorial or "_images/" in tutorial
    assert "<math" in tutorial


@pytest.mark.slow
def test_the_api_has_types_and_leads_from_name_to_name(site: Path) -> None:
    use = (site / "docs/site/api/use.html").read_text(encoding="utf-8")
    assert 'id="qte.machines.TwoQubitEngine"' in use
    assert 'href="extend.html#qte.machines.base.Machine"' in use
    assert "ArrayLike" in use
    assert "twoqubitengine" in (site / "searchindex.js").read_text(encoding="utf-8")
