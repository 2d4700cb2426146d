"""Pictures know where they come from."""

import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from tests.workflow.projects import Project
from tests.workflow.test_verify import accept, script
from workflow.commands.identify import stamp_of

STEM = "figures/khandelwal2020/fig2"
FORMATS = ["pdf", "svg", "png"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_current_picture(built: Project, form: str) -> None:
    done = script(built, "identify", f"{STEM}.{form}")
    assert done.returncode == 0, done.stdout
    assert f"{STEM}.{form}: khandelwal2020/fig2, made of sha256:" in done.stdout
    assert "the current one" in done.stdout
    assert "T_h = [0.3, 0.4, 0.5, 0.7, 1.0]" in done.stdout
    assert "study khandelwal2020.detuning_curves, code " in done.stdout


def test_all_forms_of_a_figure_carry_one_mark_in_their_own_metadata(built: Project) -> None:
    marks = {stamp_of(built.path(f"{STEM}.{form}").read_bytes()) for form in FORMATS}
    assert len(marks) == 1
    with Image.open(built.path(f"{STEM}.png")) as picture:
        assert picture.text["Source"].startswith("qte:khandelwal2020/fig2:sha256:")
    ElementTree.parse(built.path(f"{STEM}.svg"))


@pytest.mark.slow
def test_an_old_picture_is_known_from_the_reference_and_its_history(copy: Project) -> None:
    old = copy.path("old.png")
    old.write_bytes(copy.path(f"{STEM}.png").read_bytes())
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "--quiet"], cwd=copy.root, check=True)

    def commit() -> None:
        subprocess.run([*git, "add", "reference"], cwd=copy.root, check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", "accepted"], cwd=copy.root, check=True)

    accept(copy)
    commit()
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    copy.write_config(config)
    assert "drawn last, but out of date now" in script(copy, "identify", "old.png").stdout
    copy.build()
    done = script(copy, "identify", "old.png")
    assert done.returncode == 1
    assert "known from reference/; not the current one" in done.stdout
    assert "T_c = 0.1\n" in done.stdout
    accept(copy)
    commit()
    done = script(copy, "identify", "old.png")
    assert done.returncode == 1
    assert "known from reference/ of commit " in done.stdout
    assert "T_c = 0.1\n" in done.stdout


def test_edited_foreign_and_missing_pictures(copy: Project) -> None:
    copy.append(f"{STEM}.svg", "<!-- mine -->")
    done = script(copy, "identify", f"{STEM}.svg")
    assert done.returncode == 1
    assert "edited after it was drawn" in done.stdout
    Image.new("RGB", (8, 8)).save(copy.path("foreign.png"))
    done = script(copy, "identify", "foreign.png", "gone.png")
    assert done.returncode == 1
    assert "carries no mark of this project" in done.stdout
    assert "gone.png: no such file" in done.stdout
