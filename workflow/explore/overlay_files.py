"""Overlays that a page saves: new files of one folder, whole or not at all, never over another."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from workflow.config.overlays import NAME
from workflow.explore.figures import Refused

FOLDER = Path("overlays")


def save(name: str, overlay: Mapping[str, Any], link: str, folder: Path = FOLDER) -> Path:
    """Write an overlay as ``<folder>/<name>.yaml``.

    Parameters
    ----------
    name : str
        Of the variant and of the file.
    overlay : mapping
        The changed keys.
    link : str
        What brings the page back, ``paper/figure?…``: a comment in the file.

    Raises
    ------
    Refused
        The name is none, it is taken, or the file cannot be written; nothing was changed.
    """
    if not NAME.fullmatch(name):
        raise Refused(
            f"{name!r} is not an overlay's name: letters, digits, _ and -, at most 64, such as {suggested('warm')}"
        )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Refused(f"{folder} is no folder; move it away")
    file = folder / f"{name}.yaml"
    said = yaml.safe_dump({"variant": name, **overlay}, sort_keys=False, allow_unicode=True)
    content = f"# make variant OVERLAY={file.as_posix()}\n# make explore FIGURE='{link}'\n{said}"
    temporary = folder / f".{name}.{secrets.token_hex(6)}.tmp"
    try:
        folder.mkdir(exist_ok=True)
        try:
            temporary.write_text(content, encoding="utf-8")
            # a link takes no name that is taken, unlike a rename
            os.link(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise Refused(
            f"{file} exists and stays as it is; choose another name, such as {free(name, folder)}"
        ) from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
    return file


def suggested(figure: str) -> str:
    """A name for the first overlay of a figure."""
    return re.sub(r"[^A-Za-z0-9]+", "_", figure).strip("_") + "_1"


def free(name: str, folder: Path = FOLDER) -> str:
    """The next name of a numbered row that no file has."""
    stem = re.sub(r"_\d+$", "", name)
    count = 1
    while (folder / f"{stem}_{count}.yaml").exists():
        count += 1
    return f"{stem}_{count}"
