"""The lake: results as files with a manifest, in a folder or an object store.

A result is committed in two steps, files first and the manifest last, each atomic. Files are named
by their content, so two writers of one result cannot disturb each other, and whatever a killed
process leaves behind is never read.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from configs.errors import Damaged, Failed, Forbidden
from configs.remedies import Mend
from storage.lake.guard import Guard
from storage.lake.manifest import DatasetId, Manifest, StoredFile, read_manifest
from storage.lake.objects import AlreadyExists, FolderObjects, NotFound, TooLong
from storage.lake.stream import ROW_GROUP, FrameStream, digest_file, write_stream
from taskspecs.identity import SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    import polars as pl

    from configs.remedies import Remedy
    from storage.lake.guard import Opening
    from storage.lake.objects import ObjectStore
    from storage.ledger import Ledger

    Content = pl.DataFrame | FrameStream | bytes

Read = TypeVar("Read")

RAW = "raw"
RECORDINGS = "streams"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9T:.+-]{19,32}")
TOLD = frozenset({"summary.json"})
"""Files that say which days and symbols there are, and no price: sealed or not, they may be read.
"""


class Lake:
    """Results by their address.

    Parameters
    ----------
    store
        Where the bytes are.
    ledger
        Where it is written what is sealed; without one, nothing is.
    """

    def __init__(
        self, store: ObjectStore, ledger: Ledger | None = None, *, opening: Opening | None = None
    ) -> None:
        self.store = store
        self._ledger = ledger
        self._guard = ledger and Guard(
            ledger, read=self._unguarded, manifest=self.manifest, opening=opening
        )

    def opened(self, opening: Opening) -> Lake:
        """Return this lake as the gate may read it: past one seal, once.

        Parameters
        ----------
        opening
            What only `gate.deciding` hands out; it is looked up on the ledger.
        """
        return Lake(self.store, self._ledger, opening=opening)

    def exists(self, dataset: DatasetId) -> bool:
        """Whether a result was committed: its manifest is there."""
        try:
            self.store.head(dataset.manifest_path)
        except NotFound:
            return False
        return True

    def manifest(self, dataset: DatasetId) -> Manifest:
        """Return the manifest of a committed result.

        Raises
        ------
        Failed
            If there is no such result.
        Damaged
            If the manifest cannot be read.
        """
        try:
            raw = self.store.get(dataset.manifest_path)
        except NotFound as error:
            raise Failed(f"there is no result {dataset.prefix} in the lake") from error
        return self._understand(raw, dataset.manifest_path)

    def _understand(self, raw: bytes, path: str) -> Manifest:
        try:
            return read_manifest(raw, path)
        except Damaged as error:
            raise Damaged(error.what, remedy=remedy(self.store, _dataset_at(path))) from error

    def commit(
        self,
        dataset: DatasetId,
        contents: Mapping[str, Content],
        *,
        inputs: Mapping[str, str],
        section: Mapping[str, Any],
        code: str,
    ) -> Manifest:
        """Store a result, all of it or nothing.

        Parameters
        ----------
        contents
            File name to content; a frame is stored as Parquet, a stream of frames while it is
            made.
        inputs, section, code
            What the result was made from: the lineage.

        Returns
        -------
        Manifest
            What was stored, or what another process stored first under the same key.
        """
        files = tuple(
            self._put(dataset, name, content) for name, content in sorted(contents.items())
        )
        manifest = Manifest(dataset, files, inputs, section, code)
        try:
            self.store.put_new(dataset.manifest_path, manifest.to_json())
        except AlreadyExists:
            return self.manifest(dataset)
        return manifest

    def read(self, manifest: Manifest, name: str) -> bytes:
        """Return the bytes of a file, after comparing them with the manifest.

        Raises
        ------
        Forbidden
            If it holds, or was made from, what is sealed.
        Damaged
            If the file is missing or differs from what was committed; it is not used.
        """
        if name not in TOLD:
            self.permit(manifest)
        return self._unguarded(manifest, name)

    def refine(
        self, raw: Manifest, name: str, reader: Callable[[Path], Read], *, up_to: date | None
    ) -> Read:
        """Let a reader make bars of a file as received; what is sealed is not handed on.

        Parameters
        ----------
        reader
            Makes bars of a path; it is to leave out what is sealed.
        up_to
            The first sealed day that the reader knows of.

        Raises
        ------
        Forbidden
            If the source is sealed from an earlier day on.
        Damaged
            As :meth:`read`.
        """
        if self._guard:
            self._guard.check_refined(raw, up_to)
        with self._copy(raw, name) as path:
            return reader(path)

    def mark(
        self, raw: Manifest, name: str, marks: Callable[[Path], Mapping[str, str]]
    ) -> Mapping[str, str]:
        """Take digests of a file as received, sealed or not: they hand on none of its rows.

        Parameters
        ----------
        marks
            Makes of a path sha256 digests, each under a time.

        Raises
        ------
        Forbidden
            If it makes anything else.
        Damaged
            As :meth:`read`.
        """
        with self._copy(raw, name) as path:
            made = marks(path)
        if not all(_TIME.fullmatch(time) and _SHA256.fullmatch(made[time]) for time in made):
            raise Forbidden(f"of {raw.dataset.prefix} only digests are handed on")
        return made

    def _unguarded(self, manifest: Manifest, name: str) -> bytes:
        stored = manifest.file(name)
        try:
            raw = self.store.get(stored.path, most=stored.bytes)
        except NotFound as error:
            raise _gone(self.store, manifest, stored) from error
        except TooLong as error:
            raise _differs(self.store, manifest, stored) from error
        if hashlib.sha256(raw).hexdigest() != stored.sha256:
            raise _differs(self.store, manifest, stored)
        return raw

    def frame(self, manifest: Manifest, name: str) -> pl.DataFrame:
        """Read a Parquet file of a result; see :meth:`read`."""
        import polars as pl

        return pl.read_parquet(io.BytesIO(self.read(manifest, name)))

    @contextmanager
    def open_file(self, manifest: Manifest, name: str) -> Iterator[Path]:
        """Give a path to a file's verified bytes, to readers that take them bit by bit.

        In a folder it is the file itself, which nobody changes; elsewhere it is a copy.

        Raises
        ------
        Damaged
            As :meth:`read` does.
        """
        if not isinstance(self.store, FolderObjects):
            with self.as_file(manifest, name) as copy:
                yield copy
            return
        self.permit(manifest)
        stored = manifest.file(name)
        path = self.store.local_path(stored.path)
        if not path.is_file():
            raise _gone(self.store, manifest, stored)
        if digest_file(path) != stored.sha256:
            raise _differs(self.store, manifest, stored)
        yield path

    def manifests(self, zone: str) -> Iterator[Manifest]:
        """Iterate over the manifests of a zone, by path."""
        for info in self.store.list(zone):
            if info.path.endswith("/manifest.json"):
                yield self._understand(self.store.get(info.path), info.path)

    @contextmanager
    def as_file(self, manifest: Manifest, name: str) -> Iterator[Path]:
        """Give a verified copy of a file on this machine, to readers that need a path."""
        self.permit(manifest)
        with self._copy(manifest, name) as path:
            yield path

    def local_path(self, stored: StoredFile) -> Path:
        """Return where a file is on this machine, for a person to open.

        Raises
        ------
        Failed
            If the lake is not a folder of this machine.
        Forbidden
            As :meth:`read`.
        """
        self.permit(self.manifest(_dataset_at(stored.path)))
        if not isinstance(self.store, FolderObjects):
            raise Failed(f"{stored.path} is not on this machine")
        return self.store.local_path(stored.path)

    def permit(self, manifest: Manifest) -> None:
        """Let every reader pass here: what is sealed is handed to none.

        Raises
        ------
        Forbidden
            As :meth:`read`.
        """
        if self._guard:
            self._guard.check(manifest)

    @contextmanager
    def _copy(self, manifest: Manifest, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="qraft-") as folder:
            path = Path(folder) / name
            path.write_bytes(self._unguarded(manifest, name))
            yield path

    def _put(self, dataset: DatasetId, name: str, content: Content) -> StoredFile:
        if isinstance(content, FrameStream):
            return self._put_stream(dataset, name, content)
        if isinstance(content, bytes):
            raw, rows, schema = content, None, None
        else:
            raw, rows = _to_parquet(content), content.height
            schema = {column: str(kind) for column, kind in content.schema.items()}
        sha256 = hashlib.sha256(raw).hexdigest()
        path = f"{dataset.prefix}/{sha256[:SHORT]}-{name}"
        self.store.put(path, raw)
        return StoredFile(name, path, len(raw), sha256, rows, schema)

    def _put_stream(self, dataset: DatasetId, name: str, content: FrameStream) -> StoredFile:
        with tempfile.TemporaryDirectory(prefix="qraft-") as folder:
            file = Path(folder) / name
            rows, schema, sha256 = write_stream(content, file)
            path = f"{dataset.prefix}/{sha256[:SHORT]}-{name}"
            self.store.put(path, file)
            return StoredFile(name, path, file.stat().st_size, sha256, rows, schema)


def _dataset_at(path: str) -> DatasetId:
    """Return the result that a file belongs to, by where it is; a key may have several parts."""
    zone, stage, key, *_ = [*path.rpartition("/")[0].split("/", 2), "", ""]
    return DatasetId(zone, stage, key)


def _gone(store: ObjectStore, manifest: Manifest, stored: StoredFile) -> Damaged:
    return Damaged(
        f"the file {store.url(stored.path)} is gone", remedy=remedy(store, manifest.dataset)
    )


def _differs(store: ObjectStore, manifest: Manifest, stored: StoredFile) -> Damaged:
    return Damaged(
        f"the file {store.url(stored.path)} differs from its manifest and is not used",
        remedy=remedy(store, manifest.dataset),
    )


def remedy(store: ObjectStore, dataset: DatasetId) -> Remedy:
    """Return the deed after which the next run makes a result, or copies a source, again; a
    recording comes never again, so it is looked at.
    """
    if (dataset.zone, dataset.stage) == (RAW, RECORDINGS):
        return Mend.CHECK_STREAM(source=dataset.key.partition("/")[0])
    return store.removal(dataset.prefix)


def _to_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", row_group_size=ROW_GROUP)
    return buffer.getvalue()
