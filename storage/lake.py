"""The lake: results as files with a manifest, in a folder or an object store.

A result is committed in two steps, files first and the manifest last, each atomic. Files are named
by their content, so two writers of one result cannot disturb each other, and whatever a killed
process leaves behind is never read.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import Damaged, Failed
from storage.manifest import DatasetId, Manifest, StoredFile, read_manifest
from storage.objects import AlreadyExists, FolderObjects, NotFound
from storage.stream import ROW_GROUP, FrameStream, digest_file, write_stream
from taskspecs.identity import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from storage.objects import ObjectStore

    Content = pl.DataFrame | FrameStream | bytes


class Lake:
    """Results by their address.

    Parameters
    ----------
    store
        Where the bytes are.
    """

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

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
        return read_manifest(raw, dataset.manifest_path)

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
        Damaged
            If the file is missing or differs from what was committed; it is not used.
        """
        stored = manifest.file(name)
        try:
            raw = self.store.get(stored.path)
        except NotFound as error:
            raise _gone(manifest, stored) from error
        if hashlib.sha256(raw).hexdigest() != stored.sha256:
            raise _differs(manifest, stored)
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
        stored = manifest.file(name)
        path = self.store.local_path(stored.path)
        if not path.is_file():
            raise _gone(manifest, stored)
        if digest_file(path) != stored.sha256:
            raise _differs(manifest, stored)
        yield path

    def manifests(self, zone: str) -> Iterator[Manifest]:
        """Iterate over the manifests of a zone, by path."""
        for info in self.store.list(zone):
            if info.path.endswith("/manifest.json"):
                yield read_manifest(self.store.get(info.path), info.path)

    @contextmanager
    def as_file(self, manifest: Manifest, name: str) -> Iterator[Path]:
        """Give a verified copy of a file on this machine, to readers that need a path."""
        with tempfile.TemporaryDirectory(prefix="qraft-") as folder:
            path = Path(folder) / name
            path.write_bytes(self.read(manifest, name))
            yield path

    def local_path(self, stored: StoredFile) -> Path:
        """Return where a file is on this machine, for a person to open.

        Raises
        ------
        Failed
            If the lake is not a folder of this machine.
        """
        if not isinstance(self.store, FolderObjects):
            raise Failed(f"{stored.path} is not on this machine")
        return self.store.local_path(stored.path)

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
            rows, schema = write_stream(content, file)
            sha256 = digest_file(file)
            path = f"{dataset.prefix}/{sha256[:SHORT]}-{name}"
            self.store.put(path, file)
            return StoredFile(name, path, file.stat().st_size, sha256, rows, schema)


def _gone(manifest: Manifest, stored: StoredFile) -> Damaged:
    return Damaged(f"the file {stored.path} is gone", next_command=_remedy(manifest))


def _differs(manifest: Manifest, stored: StoredFile) -> Damaged:
    return Damaged(
        f"the file {stored.path} differs from its manifest and is not used",
        next_command=_remedy(manifest),
    )


def _remedy(manifest: Manifest) -> str:
    return f"rm -r .qraft/lake/{manifest.dataset.prefix}   (the next run makes it again)"


def _to_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", row_group_size=ROW_GROUP)
    return buffer.getvalue()
