"""A person's own sets of features: files of the workspace that a TaskSpec names."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from configs.errors import BadInput, did_you_mean
from taskspecs.expressions.sets import SETS
from taskspecs.expressions.sets.files import load
from taskspecs.fields import BAR_FIELDS

if TYPE_CHECKING:
    from pathlib import Path

    from configs.document import Document

SUFFIXES: Final = (".yaml", ".yml")


def take_in(document: Document, root: Path) -> Document:
    """Write the content of the files that `features.sets` names into the document.

    From then on the TaskSpec holds all that it means: its identity is made from the content, and a
    file that changes later changes no run that was made before.

    Parameters
    ----------
    document
        As a person wrote it.
    root
        The workspace, which the files are relative to and must be in.

    Raises
    ------
    BadInput
        Located in the spec, if a file is not there or not in the workspace; located in the file, if
        it is no set.
    """
    section = document.value.get("features")
    if not isinstance(section, dict):
        return document
    if "files" in section:
        raise BadInput(
            "`files` is filled in when the spec is read",
            place=document.place(("features", "files"), of_key=True),
            hint="name the file in `features.sets`, as mine.yaml",
        )
    named = section.get("sets")
    files = {}
    for number, name in enumerate(named if isinstance(named, list) else []):
        if isinstance(name, str) and name.endswith(SUFFIXES):
            try:
                path = _find(name, root.resolve())
            except BadInput as error:
                raise error.at(document.place(("features", "sets", number))) from None
            files[name] = _read(path)
    if not files:
        return document
    value: dict[str, Any] = copy.deepcopy(document.value)
    value["features"]["files"] = files
    return replace(document, value=value)


def _find(name: str, root: Path) -> Path:
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise BadInput(
            f"{name!r} leaves the workspace {root}", hint="copy the file into the workspace"
        )
    if not path.is_file():
        near = [each.relative_to(root).as_posix() for each in root.glob("*.y*ml")]
        raise BadInput(
            f"there is no file {name!r} in the workspace {root}",
            hint=did_you_mean(name, [*near, *SETS]),
        )
    return path


def _read(path: Path) -> dict[str, str]:
    features = load(path, known_fields=BAR_FIELDS)
    clash = sorted(set(features) & BAR_FIELDS)
    if clash:
        raise BadInput(
            f"{path.name}: a feature cannot be called `{clash[0]}`: bars have a field of that name"
        )
    return features
