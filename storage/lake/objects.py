"""The object store: bytes under names, in a folder or in memory.

The one promise that everything above rests on: :meth:`ObjectStore.put_new` creates an object
whole or not at all, and of two writers of one path exactly one succeeds. :meth:`ObjectStore.put`
replaces an object whole or not at all. A process that is killed leaves no half object.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, MemoryStore

from configs.errors import BadInput, Failed, Refused, Unreachable
from configs.faults import fault_in
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ObjectStore as Driver

    from configs.remedies import Remedy

MOST_BYTES = 256 * 2**20
"""What is read of an object at once, unless its reader knows how long it is."""

_SEGMENT = re.compile(r"[A-Za-z0-9._=+@^-]+")


class AlreadyExists(Failed):
    """Another writer created this object first."""


class TooLong(Failed):
    """An object is longer than what is asked for can be."""


class NotFound(Failed):
    """There is no object of this name."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    path: str
    bytes: int


class ObjectStore(Protocol):
    """Objects under relative paths such as ``ledger/000000000001.json``.

    A segment of a path consists of letters, digits and ``._=+@^-``; ``.`` and ``..`` are no
    segments. Every method raises :class:`~configs.errors.BadInput` for another path,
    :class:`~configs.errors.Unreachable` where the store does not answer, and
    :class:`~configs.errors.Failed` where it refuses.
    """

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        """Return an object's bytes, or raise :class:`NotFound`.

        What is longer than `most` bytes raises :class:`TooLong` before it is read.
        """

    def head(self, path: str) -> ObjectInfo:
        """Return an object's name and size, or raise :class:`NotFound`."""

    def list(self, prefix: str = "", *, after: str = "") -> tuple[ObjectInfo, ...]:
        """Return all objects under a folder (``ledger`` is not ``ledger2``), sorted by path.

        With `after`, only those whose path comes after it.
        """

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object atomically, or raise :class:`AlreadyExists` and change nothing."""

    def put(self, path: str, data: bytes | Path) -> None:
        """Create or replace an object atomically, from bytes or from a local file."""

    def delete(self, path: str) -> None:
        """Remove an object; one that is not there is removed already."""

    def url(self, path: str) -> str:
        """Return where an object is, for a person to open or to know; it carries no secret."""

    def link(self, path: str) -> str:
        """Return an address that a browser opens, where there is one; else where the object is.

        Whoever has it may read the object, for some days.
        """

    def removal(self, path: str) -> Remedy:
        """Return the deed that removes what is below a path, from any folder."""


def check_path(path: str) -> str:
    """Return a path that names one object below the store's root.

    Raises
    ------
    BadInput
        If it is empty, absolute, climbs by ``..``, or has a character that some store or file
        system would read as something else.

    Examples
    --------
    >>> check_path("report/equity/0a1b/equity.parquet")
    'report/equity/0a1b/equity.parquet'
    """
    for segment in path.split("/"):
        if segment in {".", ".."} or not _SEGMENT.fullmatch(segment):
            raise BadInput(
                f"`{path}` cannot be the name of a stored object",
                hint=f"segment `{segment}`: letters, digits and ._=+@^- are allowed; no `..`",
            )
    return path


class DriverObjects:
    """Objects of any store that obstore can drive.

    Parameters
    ----------
    driver
        The store, with its root already set.
    name
        What people call it, as its URL.
    """

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self._name = name

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        """Return an object's bytes, or raise :class:`NotFound` or :class:`TooLong`."""
        with self._speaking_of(path):
            found = obstore.get(self._driver, self._checked(path))
            self._refuse_long(path, found.meta["size"], most)
            return bytes(found.bytes())

    def head(self, path: str) -> ObjectInfo:
        """Return an object's name and size, or raise :class:`NotFound`."""
        with self._speaking_of(path):
            return _info(obstore.head(self._driver, self._checked(path)))

    def list(self, prefix: str = "", *, after: str = "") -> tuple[ObjectInfo, ...]:
        """Return all objects under a folder, sorted by path."""
        folder = self._checked(prefix) if prefix else None
        with self._speaking_of(prefix or "everything"):
            batches = obstore.list(self._driver, prefix=folder, offset=after or None)
            infos = (_info(meta) for batch in batches for meta in batch)
            return tuple(sorted(infos, key=lambda info: info.path))

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object atomically, or raise :class:`AlreadyExists` and change nothing."""
        with self._speaking_of(path):
            obstore.put(
                self._driver, self._checked(path), data, mode="create",
                attributes=self._attributes(path),
            )  # fmt: skip

    def put(self, path: str, data: bytes | Path) -> None:
        """Create or replace an object atomically, from bytes or from a local file."""
        with self._speaking_of(path):
            obstore.put(self._driver, self._checked(path), data, attributes=self._attributes(path))

    def delete(self, path: str) -> None:
        """Remove an object; one that is not there is removed already."""
        try:
            with self._speaking_of(path):
                obstore.delete(self._driver, self._checked(path))
        except NotFound:
            return

    def url(self, path: str) -> str:
        """Return where an object is, for a person to open or to know; it carries no secret."""
        return f"{self._name}:{self._checked(path)}"

    def link(self, path: str) -> str:
        """Return an address that a browser opens, where there is one; else where the object is."""
        return self.url(path)

    def removal(self, path: str) -> Remedy:
        """Return the deed that removes what is below a path."""
        return Mend.REMOVE_OBJECTS(url=self.url(path))

    def _checked(self, path: str) -> str:
        return check_path(path)

    def _refuse_long(self, path: str, size: int, most: int) -> None:
        if size > most:
            raise TooLong(f"`{path}` of {self._name} has {size} bytes; at most {most} are read")

    def _attributes(self, _path: str) -> dict[str, str] | None:
        """Return what a store keeps beside the bytes."""
        return None

    @contextmanager
    def _speaking_of(self, path: str) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except AlreadyExistsError as error:
            raise AlreadyExists(f"{self._name} has `{path}` already") from error
        except FileNotFoundError as error:
            raise NotFound(f"{self._name} has no `{path}`") from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise self._refused(path, error) or Refused(
                f"{self._name} does not let us use `{path}`", hint="check who owns it"
            ) from error
        except (BaseError, OSError) as error:
            raise self._refused(path, error) or Unreachable(
                f"{self._name} failed on `{path}`", hint=str(error).partition("\n")[0]
            ) from error

    def _refused(self, _path: str, _error: Exception) -> Failed | None:
        """Return the error of a system that refuses, where the store is this machine's own."""
        return None


class FolderObjects(DriverObjects):
    """Objects as files of a local folder, which is made when the first object is.

    No symbolic link leads out of the folder: a path through one is refused.

    Parameters
    ----------
    root
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._root = str(self.root)
        self._name = f"the folder {self.root}"

    @cached_property
    def _driver(self) -> Driver:  # type: ignore[override]
        return LocalStore(self.root, mkdir=True)

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        """Return an object's bytes, or raise :class:`NotFound` or :class:`TooLong`.

        The file is read here: the driver's way round takes ten times as long, and a ledger has a
        hundred thousand of them.
        """
        with self._speaking_of(path):
            try:
                with open(self._place(path), "rb") as file:  # noqa: PTH123 - half the time of a Path
                    size = os.fstat(file.fileno()).st_size
                    raw = file.read(size) if size <= most else b""
            except (IsADirectoryError, NotADirectoryError) as error:
                raise FileNotFoundError(path) from error
        self._refuse_long(path, size, most)
        return raw

    def head(self, path: str) -> ObjectInfo:
        """Return an object's name and size, or raise :class:`NotFound`."""
        self._need_folder(path)
        return super().head(path)

    def list(self, prefix: str = "", *, after: str = "") -> tuple[ObjectInfo, ...]:
        """Return all objects under a folder, sorted by path."""
        if prefix:
            check_path(prefix)
        return super().list(prefix, after=after) if self.root.is_dir() else ()

    def local_path(self, path: str) -> Path:
        """Return where the object's file is or would be, for readers that take files.

        Raises
        ------
        BadInput
            If the path is not allowed or a symbolic link leads it out of the folder.
        """
        return Path(self._place(path))

    def _place(self, path: str) -> str:
        """Follow links only where there are some: of an entry of the ledger there are none."""
        whole = place = f"{self._root}/{check_path(path)}"
        while len(place) > len(self._root):
            if os.path.islink(place):  # noqa: PTH114 - as above
                whole = os.path.realpath(whole)
                break
            place = place[: place.rindex("/")]
        if not whole.startswith(f"{self._root}/"):
            raise BadInput(f"`{path}` leads out of {self.root} through a symbolic link")
        return whole

    def url(self, path: str) -> str:
        """Return the object's file as a URL."""
        return self.local_path(path).as_uri()

    def removal(self, path: str) -> Remedy:
        """Return the deed that removes what is below a path, from any folder."""
        return Mend.REMOVE_RESULT(path=self.local_path(path))

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object atomically, or raise :class:`AlreadyExists` and change nothing.

        What is created once and for all is on the disk, not in a cache, when this returns.
        """
        super().put_new(path, data)
        created = self.local_path(path)
        for place in (created, created.parent):
            _flush(place)

    def _checked(self, path: str) -> str:
        self.local_path(path)
        return path

    def _refused(self, path: str, error: Exception) -> Failed | None:
        return fault_in(str(error), self.root / path)

    def _need_folder(self, path: str) -> None:
        """Reading makes no folder."""
        if not self.root.is_dir():
            raise NotFound(f"{self._name} has no `{check_path(path)}`")


class MemoryObjects(DriverObjects):
    """Objects that live as long as the process."""

    def __init__(self) -> None:
        super().__init__(MemoryStore(), "memory")


def _flush(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(meta: obstore.ObjectMeta) -> ObjectInfo:
    return ObjectInfo(path=meta["path"], bytes=meta["size"])
