"""What is remembered of the sources: lost, damaged, copied or of another version, it changes nothing but time."""

import json
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT, Project
from workflow.identity import code_hash, code_memory
from workflow.identity.code_hash import SourceTree
from workflow.plan import changes


@pytest.fixture(scope="module")
def fresh() -> SourceTree:
    return SourceTree(PROJECT)


@pytest.fixture
def memory(fresh: SourceTree, tmp_path: Path) -> Path:
    file = tmp_path / "facts.json"
    code_memory.write(str(file), fresh.facts())
    return file


def test_with_its_memory_a_tree_parses_nothing_and_says_the_same(
    fresh: SourceTree, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_hash, "facts_of", lambda *_: pytest.fail("a module was parsed"))
    remembering = SourceTree(PROJECT, code_memory.read(memory))
    assert changes.definitions(remembering) == changes.definitions(fresh)
    for module in fresh.files:
        assert remembering.closure([module]) == fresh.closure([module])


def test_an_edited_module_is_parsed_and_its_old_facts_are_not_used(memory: Path, tmp_path: Path) -> None:
    module = tmp_path / "qte" / "physics" / "baths.py"
    module.parent.mkdir(parents=True)
    source = (PROJECT / "qte/physics/baths.py").read_bytes()
    known = code_memory.read(memory)
    for text in (source + b"\n_ADDED = 1\n", source):
        module.write_bytes(text)
        tree = SourceTree(tmp_path, known)
        name = next(name for name in tree.files if name.endswith("baths"))
        assert tree.digest(name) == code_hash.facts_of(text).digest


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def edit(file: Path) -> None:
    digest = next(iter(json.loads(file.read_bytes().split(b"\n", 1)[1])["content"].values()))[0]
    file.write_bytes(file.read_bytes().replace(digest.encode(), b"0" * 64))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def lose(file: Path) -> None:
    file.unlink()


def put_a_folder_there(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [cut_short, edit, empty, lose, put_a_folder_there])
def test_a_damaged_memory_is_none(memory: Path, harm) -> None:
    harm(memory)
    assert code_memory.read(memory) == {}
    assert not code_memory.is_sound(memory)


def test_a_memory_of_another_version_is_none(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_memory, "maker", lambda: "another")
    assert code_memory.read(memory) == {}
    assert code_memory.is_sound(memory)


def test_a_run_writes_a_damaged_memory_again_and_does_nothing_else(built: Project, copy: Project) -> None:
    file = copy.path(code_memory.FILE)
    right = file.read_bytes()
    edit(file)
    assert copy.pending() == []
    copy.append("qte/physics/baths.py", "\n# a comment\n")
    copy.build()
    assert code_memory.is_sound(file)
    assert len(file.read_bytes()) == len(right)
    assert copy.sums == built.sums
    copy.append("qte/physics/baths.py", "\n_ADDED_BY_A_TEST = 1\n")
    assert "table khandelwal2020/fig2" in copy.pending()
