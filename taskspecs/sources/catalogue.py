"""SourceSpecs by name: those that ship, and a workspace's own in its folder `sources`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from configs.workspace import Workspace

SHIPPED: Final = Path(__file__).parent / "shipped"
FOLDER: Final = "sources"
"""Where a workspace keeps its own."""
SUFFIX: Final = ".yaml"


def shipped() -> dict[str, Path]:
    """Return the sources that ship, name to file, sorted by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob(f"*{SUFFIX}"))}


def own(workspace: Workspace) -> dict[str, Path]:
    """Return a workspace's own sources, name to file, sorted by name."""
    folder = workspace.root / FOLDER
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}")) if path.is_file()}


def is_shipped(path: Path) -> bool:
    """Whether a file is one of those that ship."""
    return path.resolve().parent == SHIPPED.resolve()


def find(name_or_path: str, workspace: Workspace) -> Path:
    """Find a SourceSpec by its name, or by a path.

    Raises
    ------
    BadInput
        If there is none, with near matches; or if a source of the workspace has the name of one
        that ships, so that nobody could tell which is meant.
    """
    path = Path(name_or_path).expanduser()
    if path.suffix == SUFFIX and path.is_file():
        return path
    ours, theirs = shipped(), own(workspace)
    if name_or_path in ours and name_or_path in theirs:
        raise BadInput(
            f"there are two sources `{name_or_path}`: one ships, the other is {theirs[path.stem]}",
            hint="rename yours, its file and its `name`",
        )
    found = theirs.get(name_or_path) or ours.get(name_or_path)
    if found is not None:
        return found
    raise BadInput(
        f"there is no source `{name_or_path}`: neither a file nor the name of one",
        hint=did_you_mean(path.stem, [*ours, *theirs]),
        next_command="qraft sources list",
    )
