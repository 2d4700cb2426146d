"""What is computed is what the source says, also when its time and size say nothing."""

import os
import subprocess
import sys
from pathlib import Path

from workflow.identity import byte_code


def value(project: Path) -> str:
    command = [sys.executable, "-c", "from qte import number; print(number.VALUE)"]
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=project, env=kept, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_source_of_the_same_time_and_size_is_compiled_anew(tmp_path: Path) -> None:
    source = tmp_path / "qte/number.py"
    source.parent.mkdir()
    (source.parent / "__init__.py").touch()
    for content, expected in (("VALUE = 1\n", "1"), ("VALUE = 2\n", "2"), ("VALUE = 3\n", "3")):
        source.write_text(content)
        os.utime(source, (315532800, 315532800))
        byte_code.keep_by_content(tmp_path)
        assert value(tmp_path) == expected
    assert byte_code.keep_by_content(tmp_path) == []


def test_a_source_that_does_not_compile_is_left_to_its_import(tmp_path: Path) -> None:
    source = tmp_path / "qte/number.py"
    source.parent.mkdir()
    (source.parent / "__init__.py").touch()
    source.write_text("VALUE = 1\n")
    assert value(tmp_path) == "1"
    source.write_text("VALUE = (\n")
    assert byte_code.keep_by_content(tmp_path) == [source.parent / "__init__.py"]
