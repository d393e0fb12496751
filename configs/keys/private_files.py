"""A person's own files outside every workspace: where they are, and whether they are theirs.

Whoever may write to a workspace decides what is in it. What Qraft must be able to trust is kept in
the person's own folders (XDG base directories) and believed only while nobody else could have
written it.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from configs.errors import Forbidden
from configs.remedies import Mend

NAME: Final = "qraft"
OTHERS: Final = 0o077
OTHERS_WRITE: Final = 0o022
LARGEST: Final = 1 << 20
"""Bytes; a private file is small."""


def config_folder() -> Path:
    """Return where a person's own settings are: ``$XDG_CONFIG_HOME/qraft``."""
    return _folder("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Return where keys of this installation are: ``$XDG_STATE_HOME/qraft``."""
    return _folder("XDG_STATE_HOME", ".local/state")


def cache_folder() -> Path:
    """Return where what can be made again is kept: ``$XDG_CACHE_HOME/qraft``."""
    return _folder("XDG_CACHE_HOME", ".cache")


def read_private(path: Path, *, secret: bool = True) -> bytes | None:
    """Read a file that only its owner could have written; None where there is none.

    Parameters
    ----------
    secret
        Whether others must not be able to read it either.

    Raises
    ------
    Forbidden
        If the file or its folder is another's, can be written by others, or is a link.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _distrusted(path, error.strerror or "it cannot be read") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        _check(path, found, OTHERS if secret else OTHERS_WRITE)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise _distrusted(path, "it is no file of a likely size")
        _check(path.parent, path.parent.stat(), OTHERS_WRITE)
        return file.read()


def create_private(path: Path, content: bytes) -> bool:
    """Create a file that its owner alone may read, whole; false where one is there already."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def replace_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, in place of what was there."""
    _draft(path, content).replace(path)


def _draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check(path.parent, path.parent.stat(), OTHERS_WRITE)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _folder(variable: str, usual: str) -> Path:
    named = os.environ.get(variable) or ""
    base = Path(named) if Path(named).is_absolute() else Path.home() / usual
    return base / NAME


def _check(path: Path, found: os.stat_result, forbidden: int) -> None:
    if found.st_uid != os.geteuid():
        raise _distrusted(path, f"it belongs to the user {found.st_uid}, not to you")
    if found.st_mode & forbidden:
        raise _distrusted(path, f"others may use it (mode {stat.S_IMODE(found.st_mode):04o})")


def _distrusted(path: Path, why: str) -> Forbidden:
    return Forbidden(
        f"{path} is not trusted: {why}",
        hint="it must be yours alone",
        remedy=Mend.RESTRICT_PLACES(folder=path.parent, path=path),
    )
