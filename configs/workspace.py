"""A workspace: the folder in which a person works, and what Qraft owns of it.

All that Qraft owns is in ``.qraft/``. Deleting it loses nothing that a run cannot make again,
except the ledger and the raw data.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from configs.errors import BadInput
from configs.remedies import Mend

HOME = ".qraft"
SETTINGS_FILE = "qraft.yaml"
VARIABLE = "QRAFT_WORKSPACE"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder ``root``, absolute and without symbolic links."""

    root: Path

    @property
    def home(self) -> Path:
        """The folder that Qraft owns."""
        return self.root / HOME

    @property
    def reports(self) -> Path:
        """The reports again, under names that a person can say."""
        return self.home / "reports"

    @property
    def locks(self) -> Path:
        """Where processes of this workspace take turns."""
        return self.home / "locks"

    @property
    def telemetry(self) -> Path:
        """One JSON object a line: what ran, how long, on how many rows."""
        return self.home / "telemetry.jsonl"

    @property
    def telemetry_before(self) -> Path:
        """What was put aside when the other had grown large."""
        return self.home / "telemetry.before.jsonl"

    @property
    def data(self) -> Path:
        """Where ``qraft data load`` puts a person's files."""
        return self.root / "data"

    def inside(self, relative: str) -> Path:
        """Resolve a path that must stay within the workspace.

        Raises
        ------
        BadInput
            If it leaves the workspace, by ``..``, by being absolute, or through a symbolic link.
        """
        path = (self.root / relative).resolve()
        if not path.is_relative_to(self.root):
            raise BadInput(
                f"`{relative}` is outside the workspace {self.root}",
                hint="paths in a TaskSpec stay within the workspace",
                remedy=Mend.LOAD_DATA(),
            )
        return path


def open_workspace(folder: str | None = None) -> Workspace:
    """Find the workspace: the folder given, else ``QRAFT_WORKSPACE``, else the current folder.

    Raises
    ------
    BadInput
        If it is not a folder.
    """
    chosen = Path(folder or os.environ.get(VARIABLE) or ".").expanduser()
    if not chosen.is_dir():
        chosen = chosen.absolute()
        mend = None if chosen.exists() else Mend.MAKE_FOLDER(path=chosen)
        raise BadInput(f"the workspace {chosen} is not a folder", remedy=mend)
    return Workspace(chosen.resolve())
