"""A person's files on their way into the workspace: whole or not at all, never over another."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, Failed, did_you_mean
from configs.numbers import file_size
from configs.remedies import Mend

if TYPE_CHECKING:
    from configs.workspace import Workspace

SUFFIXES = (".csv.gz", ".txt.gz", ".csv.zst", ".csv.bz2", ".csv.xz", ".csv", ".parquet")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,127}")


def existing_file(written: str, *, folder_too: bool = False) -> Path:
    """Return the file, or where that will do the folder, that a person names.

    Raises
    ------
    BadInput
        If it is not there, or is a folder where a file is wanted, with near matches.
    """
    path = Path(written).expanduser()
    if path.is_file() or (folder_too and path.is_dir()):
        return path.resolve()
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name one file")
    near = [other.name for other in _entries(path.parent)]
    hint = did_you_mean(path.name, near) if near else f"there is nothing in {path.parent}"
    raise BadInput(f"there is no file {path}", hint=hint)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file or a folder, in hex.

    Raises
    ------
    Failed
        If it cannot be read.
    """
    from tasks.ingest.origin.sources import digest_of as of_bytes

    try:
        return of_bytes(path)
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror or error}"
        raise Failed(what, remedy=Mend.INSPECT_FILE(path=path)) from error


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
    """Return what is in the folder of data: name, size, and what was found when it was loaded."""
    rows = []
    for path in _entries(workspace.data):
        if path.name.startswith("."):
            continue
        size = sum(each.stat().st_size for each in ([path] if path.is_file() else path.rglob("*")))
        known = _remembered(workspace, path)
        about = f"{file_size(size)}" + ("" if known else "; not looked at yet")
        name = path.relative_to(workspace.root).as_posix()
        rows.append({"kind": "file", "name": name, "bytes": size, "about": about, **known})
    return rows


def remember(workspace: Workspace, path: Path, told: dict[str, Any]) -> None:
    """Keep what was found in a file of the workspace, for as long as the file stays the same."""
    kept = {key: told[key] for key in ("rows", "symbols", "start", "end")}
    note = _note(workspace, path)
    note.parent.mkdir(parents=True, exist_ok=True)
    part = note.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps({"stamp": _stamp(path), **kept}, default=datetime.isoformat))
    part.replace(note)


def _remembered(workspace: Workspace, path: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(_note(workspace, path).read_text())
    except (OSError, ValueError):
        return {}
    return kept if kept.pop("stamp", None) == _stamp(path) else {}


def _note(workspace: Workspace, path: Path) -> Path:
    relative = path.relative_to(workspace.root).as_posix()
    return workspace.home / "files" / f"{hashlib.sha256(relative.encode()).hexdigest()[:24]}.json"


def _stamp(path: Path) -> str:
    """Return what changes when a file, or one of a folder, does."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    said = [(each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in files]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _copy(source: Path, target: Path, expected: str, *, may_replace: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if source.is_dir():
            _copy_folder(source, target, part, expected, may_replace=may_replace)
            return
        shutil.copyfile(source, part)
        if digest_of(part) != expected:
            raise Failed(f"{source} changed while it was read", remedy=Mend.TRY_AGAIN())
        if may_replace:
            part.replace(target)
        else:
            os.link(part, target)  # creates, and never replaces what another command put there
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError as error:
        raise Failed(f"{source} cannot be copied to {target}: {error.strerror}") from error
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def _copy_folder(
    source: Path, target: Path, part: Path, expected: str, *, may_replace: bool
) -> None:
    shutil.copytree(source, part, ignore=shutil.ignore_patterns(".*"))
    if digest_of(part) != expected:
        raise Failed(f"{source} changed while it was read", remedy=Mend.TRY_AGAIN())
    if target.exists() and may_replace:
        old = target.with_name(f".{target.name}.{os.getpid()}.old")
        target.rename(old)
        part.rename(target)
        shutil.rmtree(old)
    else:
        part.rename(target)


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
