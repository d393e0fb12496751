"""Where the numbers of the page came from: the stage, its key, the file and its digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.numbers import NONE, file_size, whole
from tasks.dag.outputs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHORT = 12


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One file of a stage, as the table of lineage shows it."""

    anchor: str
    name: str
    rows: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StageRows:
    """One stage, as the table of lineage shows it."""

    anchor: str
    name: str
    key: str
    code: str
    inputs: tuple[str, ...]
    files: tuple[StoredRow, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a number or a plot came from, and where the page tells more of it."""

    anchor: str
    stage: str
    file: str
    digest: str


def stage_rows(lineage: Sequence[Mapping[str, Any]]) -> tuple[StageRows, ...]:
    """Lay the lineage out for the page, in the order given."""
    return tuple(_stage(number, stage) for number, stage in enumerate(lineage))


def sources(stages: Sequence[StageRows]) -> dict[str, Source]:
    """Find the file of everything the report reads; what no stage names is left out."""
    files = {
        (stage.name, stored.name): (stage, stored) for stage in stages for stored in stage.files
    }
    found = {}
    for output in OUTPUTS:
        if output.shown and (output.stage, output.file) in files:
            stage, stored = files[output.stage, output.file]
            digest = stored.sha256[:SHORT]
            found[output.shown] = Source(stored.anchor, stage.name, stored.name, digest)
    return found


def _stage(number: int, stage: Mapping[str, Any]) -> StageRows:
    anchor = f"stage-{number}-{_slug(stage['stage'])}"
    return StageRows(
        anchor=anchor,
        name=str(stage["stage"]),
        key=str(stage.get("key", "")),
        code=str(stage.get("code") or stage.get("code_digest") or ""),
        inputs=tuple(str(name) for name in stage.get("inputs", ())),
        files=tuple(_file(anchor, n, f) for n, f in enumerate(stage.get("files", ()))),
    )


def _file(stage_anchor: str, number: int, stored: Mapping[str, Any]) -> StoredRow:
    name = str(stored.get("name") or stored.get("path") or "")
    rows = stored.get("rows")
    return StoredRow(
        anchor=f"{stage_anchor}-file-{number}",
        name=name.rpartition("/")[2],
        rows=NONE if rows is None else whole(rows),
        size=file_size(stored.get("bytes")),
        sha256=str(stored.get("sha256", "")),
    )


def _slug(text: object) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "unnamed"
