"""Where a live source keeps what is its own, and how files there are written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from configs.faults import as_errors
from storage.journal.folder import JournalFolder, journal_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from configs.workspace import Workspace

LARGEST_BYTES: Final = 1 << 20
"""Of a status, a letter, a place: what is longer is none."""


@dataclass(frozen=True, slots=True)
class SourceHome:
    """The folders of one source in a workspace.

    Parameters
    ----------
    workspace, name
        Whose, and which source.
    """

    workspace: Workspace
    name: str

    @property
    def journal(self) -> JournalFolder:
        """What came."""
        return journal_folder(self.workspace, self.name)

    @property
    def outputs(self) -> JournalFolder:
        """What the flow made of it: one record for each commit."""
        return JournalFolder(self.workspace.home / "outputs" / self.journal.name)

    @property
    def folder(self) -> Path:
        """Checkpoints, statuses and mail."""
        return self.workspace.home / "streams" / self.journal.name

    @property
    def spec(self) -> Path:
        """The document that is in force, in its canonical form."""
        return self.folder / "spec.json"

    @property
    def checkpoint(self) -> Path:
        """The flow's state at a cursor."""
        return self.folder / "checkpoint"

    @property
    def told(self) -> Path:
        """Up to which commit the bus was told."""
        return self.folder / "told.json"

    @property
    def projected(self) -> Path:
        """Up to where the warehouse was loaded."""
        return self.folder / "projected.json"

    @property
    def mail(self) -> Path:
        """What the recorder is asked to write into the journal."""
        return self.folder / "mail"

    def status(self, part: str) -> Path:
        """Where a process says how it is: ``record`` or ``flow``."""
        return self.folder / f"{part}.json"


def sources_here(workspace: Workspace) -> list[str]:
    """Return the names of the sources that a workspace has a journal of."""
    folder = workspace.home / "journal"
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if JournalFolder(each).numbers())


def write_whole(path: Path, content: bytes, *, synced: bool = True) -> None:
    """Write a file in place of what was there, whole or not at all."""
    with as_errors():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        with draft.open("wb") as file:
            file.write(content)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)


def write_json(path: Path, value: Mapping[str, Any], *, synced: bool = True) -> None:
    """Write an object as JSON; see :func:`write_whole`."""
    write_whole(path, json.dumps(value, ensure_ascii=False).encode(), synced=synced)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; an empty one where there is none that can be read."""
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(LARGEST_BYTES))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
