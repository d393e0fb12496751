"""What the operating system refuses, told as errors of ours: what, on what, and what helps."""

from __future__ import annotations

import errno
import os
import re
import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from configs.errors import Failed, Unreachable
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fault(NamedTuple):
    """How one kind of fault is told; `{path}` and `{obstacle}` stand for absolute, quoted paths."""

    what: str
    mend: Mend
    about: tuple[str, ...] = ()
    """What the remedy is told: ``folder``, ``path`` or ``obstacle``."""
    kind: type[Failed] = Failed


_DENIED = Fault("{path} may not be used: {reason}", Mend.INSPECT_PLACES, ("folder", "path"))
_FULL = Fault("{path} cannot be written: {reason}", Mend.FREE_SPACE, ("folder",))
_FILES = Fault("{path} cannot be opened: {reason}", Mend.RAISE_LIMIT_OF_FILES)
_AWAY = Fault("{path} does not answer: {reason}", Mend.MOUNT_AGAIN, kind=Unreachable)
_SHAPE = Fault("{path} cannot be used: {reason}", Mend.INSPECT_FOLDER, ("folder",))
_OBSTACLE = Fault(
    "{path} cannot be made: {obstacle} is not a folder", Mend.MOVE_AWAY, ("obstacle",)
)

FAULTS: dict[int, Fault] = {
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: Fault("{path} cannot be written: {reason}", Mend.RAISE_LIMIT_OF_SIZE),
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: Fault("{path} cannot be used: {reason}", Mend.FREE_MEMORY),
    errno.ENOENT: Fault(
        "there is no {path}, and it cannot be made", Mend.INSPECT_FOLDER, ("folder",)
    ),
    errno.ENOTDIR: _OBSTACLE,
    errno.EEXIST: _OBSTACLE,
    errno.EISDIR: _SHAPE,
    errno.ELOOP: _SHAPE,
    errno.ENAMETOOLONG: _SHAPE,
    errno.EINVAL: _SHAPE,
    errno.EIO: _AWAY,
    errno.ESTALE: _AWAY,
    errno.ETIMEDOUT: _AWAY,
    errno.EHOSTDOWN: _AWAY,
    errno.ENOTCONN: _AWAY,
    errno.EREMOTEIO: _AWAY,
    errno.ENODEV: _AWAY,
    errno.ENXIO: _AWAY,
}
"""By the number that the system gives; others are told as they are."""

_NUMBER = re.compile(r"\(os error (\d+)\)|\[Errno (\d+)\]")


def error_of(error: OSError, path: str | Path | None = None) -> Failed:
    """Return an error of ours for one of the system's.

    Parameters
    ----------
    path
        What was used, where the system's error does not name it.
    """
    named = error.filename2 or error.filename
    where = Path(os.fsdecode(named)) if isinstance(named, str | bytes) else path and Path(path)
    return _told(error.errno or 0, error.strerror or str(error), where or None)


def fault_in(text: str, path: Path) -> Failed | None:
    """Return an error for a driver's sentence that carries the system's number, if it does."""
    found = _NUMBER.search(text)
    if not found:
        return None
    number = int(found[1] or found[2])
    return _told(number, os.strerror(number), path)


@contextmanager
def as_errors() -> Iterator[None]:
    """Let what the system refuses inside leave as an error of ours."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output has left
    except OSError as error:
        raise error_of(error) from error


def _told(number: int, reason: str, path: Path | None) -> Failed:
    fault = FAULTS.get(number, _SHAPE)
    reason = reason[:1].lower() + reason[1:]
    if path is None:
        return fault.kind(
            f"the system refused: {reason}",
            remedy=Mend.TRY_AGAIN() if fault.about else fault.mend(),
        )
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are named
    obstacle = _obstacle(path)
    if number in {errno.ENOTDIR, errno.EEXIST} and obstacle is None:
        fault = _SHAPE
    places = {"path": path, "folder": _nearest(path), "obstacle": obstacle}
    quoted = {name: shlex.quote(str(place)) for name, place in places.items()}
    return fault.kind(
        fault.what.format(**quoted, reason=reason),
        remedy=fault.mend(**{name: places[name] for name in fault.about}),
    )


def _obstacle(path: Path) -> Path | None:
    """Return the file that stands where a folder would have to be."""
    for place in (path, *path.parents):
        try:
            if place.exists():
                return None if place.is_dir() else place
        except OSError:
            continue
    return None


def _nearest(path: Path) -> Path:
    """Return the nearest folder above a path that is there."""
    for place in path.parents:
        try:
            if place.is_dir():
                return place
        except OSError:
            continue
    return Path("/")
