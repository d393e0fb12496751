"""What callers from elsewhere may name, and what they are told of files: no more than they said.

An assistant, or whoever comes by a network, may name TaskSpecs and data of the workspace: files
that are not hidden, not in a hidden folder, of a kind that TaskSpecs and data have, and no way
around by a link. What is wrong inside a file is told by its place alone, for the words of an error
quote what was read.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.service.specs import Spec, Written
from configs.document import parse_document
from configs.errors import SPEC, BadInput, Forbidden, Place, QraftError, did_you_mean
from configs.output import talk
from configs.remedies import Mend
from taskspecs.catalogue import shipped
from taskspecs.load import load, understand
from taskspecs.set_files import take_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from configs.document import Document
    from configs.remedies import Remedy
    from configs.workspace import Workspace
    from taskspecs.schema import TaskSpec

SUFFIXES: Final = (".yaml", ".yml")
DATA_SUFFIXES: Final = (
    ".csv", ".csv.gz", ".csv.zst", ".tsv", ".tsv.gz", ".txt", ".parquet", ".pq", ".feather",
    ".arrow", ".ipc", ".zip",
)  # fmt: skip
"""Kinds of files that `data.path` and `aggregation.groups.path` may name."""
WRITTEN: Final = "taskspec"
"""What errors call a TaskSpec that an assistant wrote."""
OF_FILES: Final = ("data", "aggregation.groups", "features")
"""Sections of a TaskSpec whose errors may quote a file that they name."""
MOST_LEVELS: Final = 40
"""Of an object in an object."""


def read_named(workspace: Workspace, wanted: str) -> Written:
    """Read a TaskSpec by the name of a shipped one, or by its path in the workspace.

    Raises
    ------
    BadInput
        If there is none, if the path leaves the workspace or leads to what Qraft keeps in it, or if
        the file is no valid TaskSpec; of its content nothing is told.
    """
    if wanted in shipped():
        return Written(*load(shipped()[wanted], workspace.root))
    path = _allowed(workspace, wanted, SUFFIXES)
    if path is None:
        raise BadInput(
            f"there is no TaskSpec {wanted!r}: neither the name of a shipped one nor a YAML file "
            "of the workspace",
            hint=did_you_mean(wanted, shipped()),
        )
    with silent_about(wanted, Mend.PLAN_SPEC(spec=wanted)):
        spec, document = load(path, workspace.root)
        _refuse_paths(workspace, document)
    return Written(spec, document)


def read_written(workspace: Workspace, written: Mapping[str, Any]) -> Written:
    """Read a TaskSpec that came as a JSON object; it is bound as a file is.

    Raises
    ------
    BadInput
        If it is no valid TaskSpec, located in the object, written with an indent of one.
    """
    if _levels(written) > MOST_LEVELS:
        raise BadInput(f"the TaskSpec is nested deeper than {MOST_LEVELS} levels")
    try:
        raw = json.dumps(written, ensure_ascii=False, indent=1).encode()
    except (UnicodeEncodeError, ValueError, TypeError) as error:
        raise BadInput("the TaskSpec holds what is no text, as half of a character") from error
    document = parse_document(raw, file=WRITTEN)
    _refuse_paths(workspace, document)
    with _quoting_no_file():
        return Written(*understand(take_in(document, workspace.root)))


@contextmanager
def silent_about(name: str, remedy: Remedy) -> Iterator[None]:
    """Tell of what is wrong in a file only where; the words go to whoever started the server."""
    try:
        yield
    except Forbidden:
        raise
    except QraftError as error:
        talk(str(error))
        place = error.place
        where = Place(name, place.line if place else None, place.column if place else None)
        raise type(error)(
            f"{name!r} cannot be used as it stands",
            place=where,
            hint="what is wrong in it is told to the person alone",
            remedy=remedy,
        ) from None


@contextmanager
def running(spec: Spec) -> Iterator[None]:
    """Let errors of a run through that are about what the assistant wrote, and reduce the others.

    An error about files, in one of them, or that does not say what it is about, may quote what was
    read of them.
    """
    files = ", ".join(_files_of(spec.taskspec))
    own = {SPEC, WRITTEN, *([spec.document.file] if spec.document else [])}
    if not files:
        yield
        return
    try:
        yield
    except Forbidden:
        raise
    except QraftError as error:
        key = error.place.key if error.place else None
        inside = error.place is None or error.place.file not in own
        if key and not inside and not key.startswith(OF_FILES):
            raise
        talk(str(error))
        raise type(error)(
            f"the run stopped at what the TaskSpec's files hold ({files})",
            place=Place(error.place.file, error.place.line, error.place.column, key)
            if error.place
            else None,
            hint="what was read is told to the person alone",
            remedy=Mend.CHECK_DATA(),
        ) from None


@contextmanager
def _quoting_no_file() -> Iterator[None]:
    """Reduce errors that are located in a file, or in what came out of one."""
    try:
        yield
    except QraftError as error:
        place = error.place
        if place and place.file in {WRITTEN, SPEC} and ".files" not in f".{place.key or ''}":
            raise
        talk(str(error))
        raise type(error)(
            "a file of features that the TaskSpec names cannot be used as it stands",
            place=Place(WRITTEN, key="features.sets"),
            hint="what is wrong in it is told to the person alone",
            remedy=Mend.PLAN_SPEC(),
        ) from None


def _refuse_paths(workspace: Workspace, document: Document) -> None:
    """Refuse a document that names a file which an assistant may not name."""
    for key, wanted, suffixes in _named(document.value):
        if _allowed(workspace, wanted, suffixes) is None:
            raise BadInput(
                f"`{key}` names no file that may be named here",
                place=document.place(tuple(key.split("."))),
                hint="a file of the workspace that is there, is not hidden and not a link, and "
                f"ends in {', '.join(suffixes)}",
            )


def _named(value: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """List the files that a TaskSpec names: by which key, which, and of what kinds."""
    data, features = value.get("data"), value.get("features")
    where = data if isinstance(data, dict) and data.get("source") not in {"lake", "stream"} else {}
    if isinstance(where.get("path"), str):
        yield "data.path", where["path"], DATA_SUFFIXES
    aggregation = value.get("aggregation")
    groups = aggregation.get("groups") if isinstance(aggregation, dict) else None
    if isinstance(groups, dict) and isinstance(groups.get("path"), str):
        yield "aggregation.groups.path", groups["path"], DATA_SUFFIXES
    sets = features.get("sets") if isinstance(features, dict) else None
    for name in sets if isinstance(sets, list) else []:
        if isinstance(name, str) and (name.endswith(SUFFIXES) or "/" in name):
            yield "features.sets", name, SUFFIXES


def _allowed(workspace: Workspace, wanted: str, suffixes: tuple[str, ...]) -> Path | None:
    """Return the file that may be meant; None where there is none, whatever is there instead."""
    parts = Path(wanted).parts
    hidden = any(part.startswith((".", "~")) for part in parts)
    if not wanted.isprintable() or not parts or hidden or Path(wanted).is_absolute():
        return None
    path = workspace.root.joinpath(*parts)
    try:
        straight = path.resolve(strict=True) == path and path.is_file()
    except (OSError, ValueError):
        return None
    return path if straight and wanted.lower().endswith(suffixes) else None


def _files_of(spec: TaskSpec) -> list[str]:
    groups = spec.aggregation.groups
    named = [spec.data.path, groups.path if groups else None, *spec.features.files]
    return [name for name in named if name]


def _levels(value: Any) -> int:
    """Return how deep a value is nested, without recursion, and no deeper than is asked for."""
    depth, level = 0, [value]
    while level and depth <= MOST_LEVELS:
        depth += 1
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return depth
