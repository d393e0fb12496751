"""Evidence kept beside the ledger: what its entries name by digest, for as long as they stand.

Results are let go after a while, for a run makes them again; what people decided on must be there
when they are asked for it. A file is kept under its digest, once, with the manifest of the result
that it was of, so that whoever reads it is held to the same seals.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from storage.lake.manifest import read_manifest
from storage.lake.objects import AlreadyExists, NotFound

if TYPE_CHECKING:
    from storage.lake.manifest import DatasetId, Manifest
    from storage.lake.objects import ObjectStore

FOLDER: Final = "evidence"


def path_of(sha256: str) -> str:
    """Return where a file of evidence is kept."""
    return f"{FOLDER}/{sha256}"


class KeptEvidence:
    """The files below ``evidence/`` of the ledger's store.

    Parameters
    ----------
    store
        The ledger's: what is kept there is kept as long as the ledger.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keep(self, manifest: Manifest, name: str, content: bytes) -> None:
        """Keep a file of a result; what is kept already is not written again.

        Parameters
        ----------
        content
            Its bytes, as they were read and compared with the manifest.
        """
        with suppress(AlreadyExists):
            self._store.put_new(path_of(manifest.file(name).sha256), content)
        kept = replace(
            manifest, files=tuple(replace(one, path=path_of(one.sha256)) for one in manifest.files)
        )
        with suppress(AlreadyExists):
            self._store.put_new(f"{FOLDER}/{manifest.dataset.manifest_path}", kept.to_json())

    def holds(self, sha256: str) -> bool:
        """Whether a file of this digest is kept."""
        try:
            self._store.head(path_of(sha256))
        except NotFound:
            return False
        return True

    def manifest(self, dataset: DatasetId) -> Manifest | None:
        """Return the manifest of a result of which something is kept; its files are named here.

        Raises
        ------
        Damaged
            If it was changed.
        """
        try:
            raw = self._store.get(f"{FOLDER}/{dataset.manifest_path}")
        except NotFound:
            return None
        return read_manifest(raw, dataset.manifest_path)

    def read(self, sha256: str) -> bytes | None:
        """Return a file by its digest; None where it is not kept, or is another by now."""
        try:
            raw = self._store.get(path_of(sha256))
        except NotFound:
            return None
        return raw if hashlib.sha256(raw).hexdigest() == sha256 else None
