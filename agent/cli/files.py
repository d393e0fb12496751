"""A person's files on their way into the workspace: whole or not at all, never over another."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, Failed, did_you_mean

if TYPE_CHECKING:
    from configs.workspace import Workspace

SUFFIXES = (".csv", ".csv.gz", ".parquet")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,127}")


def existing_file(written: str) -> Path:
    """Return the file that a person names.

    Raises
    ------
    BadInput
        If it is not there or is a folder, with near matches.
    """
    path = Path(written).expanduser()
    if path.is_file():
        return path.resolve()
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name one file")
    near = [other.name for other in _entries(path.parent)]
    hint = did_you_mean(path.name, near) if near else f"there is nothing in {path.parent}"
    raise BadInput(f"there is no file {path}", hint=hint)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bring_in(
    source: Path, workspace: Workspace, *, name: str | None, expected: str, may_replace: bool
) -> tuple[Path, bool]:
    """Copy a file into the workspace's folder of data.

    Parameters
    ----------
    name
        What to call it there; without a suffix, it keeps its own.
    expected
        The digest of the bytes that were checked; others are not taken.

    Returns
    -------
    tuple[Path, bool]
        Where it is, and whether it was copied: a file of the workspace is left where it is.

    Raises
    ------
    BadInput
        If the name is no plain file name, or is taken by other content.
    Failed
        If the file changed since it was checked.
    """
    if name is None and source.is_relative_to(workspace.root):
        return source, False
    target = workspace.data / _target_name(source, name)
    if target.exists() and digest_of(target) == expected:
        return target, False
    if target.exists() and not may_replace:
        raise _taken(target)
    _copy(source, target, expected, may_replace=may_replace)
    return target, True


def data_files(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what is in the folder of data: name and size."""
    return [
        {
            "kind": "file",
            "name": path.relative_to(workspace.root).as_posix(),
            "bytes": path.stat().st_size,
            "about": f"{path.stat().st_size / 1e6:,.1f} MB",
        }
        for path in _entries(workspace.data)
        if path.is_file() and not path.name.startswith(".")
    ]


def _copy(source: Path, target: Path, expected: str, *, may_replace: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, part)
        if digest_of(part) != expected:
            raise Failed(f"{source} changed while it was read", next_command="the same again")
        if may_replace:
            part.replace(target)
        else:
            os.link(part, target)  # creates, and never replaces what another command put there
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError as error:
        raise Failed(f"{source} cannot be copied to {target}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _target_name(source: Path, name: str | None) -> str:
    suffix = next((s for s in SUFFIXES if source.name.lower().endswith(s)), source.suffix)
    chosen = name or source.name
    if not chosen.lower().endswith(suffix.lower()):
        chosen += suffix
    if not _NAME.fullmatch(chosen):
        raise BadInput(
            f"`{chosen}` cannot be a file's name in the workspace",
            hint="letters, digits, dots, dashes and underscores; --name gives it another",
        )
    return chosen


def _taken(target: Path) -> BadInput:
    return BadInput(
        f"{target} is there already, with other content",
        hint="--name gives the new one another name; --replace replaces the old one",
    )


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
