"""Which TaskSpecs an assistant may run: shipped ones, the workspace's, or one it wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from configs.document import parse_document
from configs.errors import BadInput, did_you_mean
from taskspecs.catalogue import shipped
from taskspecs.load import load, understand
from taskspecs.set_files import take_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from configs.document import Document
    from configs.workspace import Workspace
    from taskspecs.schema import TaskSpec

SUFFIXES: Final = (".yaml", ".yml")
WRITTEN: Final = "taskspec"
"""What errors call a TaskSpec that an assistant wrote."""


def read_named(workspace: Workspace, wanted: str) -> tuple[TaskSpec, Document]:
    """Read a TaskSpec by the name of a shipped one, or by its path in the workspace.

    Raises
    ------
    BadInput
        If there is none, if the path leaves the workspace or leads to what Qraft keeps in it, or if
        the file is no valid TaskSpec.
    """
    path = shipped().get(wanted)
    return load(path or _inside(workspace, wanted), workspace.root)


def read_written(workspace: Workspace, written: Mapping[str, Any]) -> tuple[TaskSpec, Document]:
    """Read a TaskSpec that came as a JSON object; it is bound as a file is.

    Raises
    ------
    BadInput
        If it is no valid TaskSpec, located in the object, written with an indent of one.
    """
    raw = json.dumps(written, ensure_ascii=False, indent=1).encode()
    return understand(take_in(parse_document(raw, file=WRITTEN), workspace.root))


def _inside(workspace: Workspace, wanted: str) -> Path:
    if "\0" in wanted:
        raise BadInput("a path has no zero bytes")
    path = workspace.inside(wanted)
    # A file that is no TaskSpec would be quoted in the error that says so.
    if path.suffix not in SUFFIXES or path.is_relative_to(workspace.home) or not path.is_file():
        raise BadInput(
            f"there is no TaskSpec {wanted!r}: neither the name of a shipped one nor a YAML file "
            "of the workspace",
            hint=did_you_mean(wanted, shipped()),
        )
    return path
