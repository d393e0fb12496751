"""The ledger in a bucket: what was created first under a name is what counts, whatever came after.

A bucket that keeps versions lets whoever holds its keys put another version over an object, or mark
it as deleted; what is locked is the version, not the name. So the oldest version is the entry: it
cannot be removed for ten years, and what was put over it is told and read by nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore

from storage.buckets.setup import minio_client, speaking_of
from storage.buckets.store import BucketObjects
from storage.lake.objects import MOST_BYTES, AlreadyExists, NotFound, ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.buckets.store import Bucket

YEARS = 10
FIRST = "ledger"
"""The folder in which the first version counts; what is beside it, as the brake, is replaced."""
_PAGE = 1_000

Versions = dict[str, list[Any]]
"""Path of an entry to its versions, as MinIO's client tells of them, the newest first."""


class RetainedObjects(BucketObjects):
    """Objects that, once created, cannot be replaced or removed for ten years: the ledger's.

    Parameters
    ----------
    bucket
        The bucket, which exists and can lock objects.
    """

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket)
        self._oldest: dict[str, str] = {}

    @property
    def flagged(self) -> Mapping[str, str]:
        """What was done to entries after they were created: path, and what in a sentence."""
        flags = {}
        for path, versions in self._versions("").items():
            count = len(_created(versions))
            if count > 1:
                flags[path] = f"{path} has {count} versions: the oldest is the entry"
            elif 0 < count < len(versions):
                flags[path] = f"{path} was marked as deleted: the entry is still there"
        return flags

    def get(self, path: str, *, most: int = MOST_BYTES) -> bytes:
        """Return an object's bytes, of its oldest version; see `ObjectStore.get`."""
        if not _is_kept(path):
            return super().get(path, most=most)
        version = self._first(path)
        try:
            return self._get(path, version, most)
        except NotFound:  # it was never locked, and somebody removed it for good
            del self._oldest[path]
            return self._get(path, self._first(path), most)

    def list(self, prefix: str = "", *, after: str = "") -> tuple[ObjectInfo, ...]:
        """Return all objects under a folder, sorted by path, also those marked as deleted."""
        if not _is_kept(f"{prefix}/"):
            return super().list(prefix, after=after)
        created = {path: _created(versions) for path, versions in self._versions(after).items()}
        return tuple(
            ObjectInfo(path, versions[-1].size or 0)
            for path, versions in sorted(created.items())
            if versions and path > after
        )

    def put_new(self, path: str, data: bytes) -> None:
        """Create an object and lock it; one that was created and not locked is locked now.

        Where it is marked as deleted, a store creates a second one: that is none.
        """
        from minio.commonconfig import COMPLIANCE
        from minio.retention import Retention

        super().put_new(path, data)
        until = datetime.now(UTC) + timedelta(days=365 * YEARS)
        version = self._first(path) if _is_kept(path) else None

        def lock() -> None:
            with speaking_of(self.bucket):
                minio_client(self.bucket).set_object_retention(
                    self.bucket.name, self.bucket.below(path), Retention(COMPLIANCE, until),
                    version_id=version,
                )  # fmt: skip

        self.patience(lock)
        if self.get(path) != data:
            raise AlreadyExists(f"{self._name} has `{path}` already, marked as deleted")

    def _first(self, path: str) -> str:
        """Return the version that was created first; many are looked up at once."""
        if path not in self._oldest:
            before = path[:-1]  # sorts after all names before it
            for name, versions in self._versions(before, enough=_PAGE).items():
                if there := _created(versions):
                    self._oldest[name] = there[-1].version_id
        if path not in self._oldest:
            raise NotFound(f"{self._name} has no `{path}`")
        return self._oldest[path]

    def _get(self, path: str, version: str, most: int) -> bytes:
        def get() -> bytes:
            with self._speaking_of(path):
                found = obstore.get(self._s3, self._checked(path), options={"version": version})
                self._refuse_long(path, found.meta["size"], most)
                return bytes(found.bytes())

        return self.patience(get)

    def _versions(self, after: str, enough: int | None = None) -> Versions:
        """Return the versions of each entry after a path, the newest first.

        Parameters
        ----------
        enough
            Stop after so many versions; the entries that are returned have all of theirs.
        """
        return self.patience(lambda: self._listed(after, enough))

    def _listed(self, after: str, enough: int | None) -> Versions:
        below = len(self.bucket.below(""))
        found: Versions = {}
        with speaking_of(self.bucket):
            listed = minio_client(self.bucket).list_objects(
                self.bucket.name, prefix=self.bucket.below(f"{FIRST}/"), recursive=True,
                include_version=True, start_after=self.bucket.below(after) if after else None,
            )  # fmt: skip
            for count, version in enumerate(listed, 1):
                found.setdefault(str(version.object_name)[below:], []).append(version)
                if enough and count >= enough and len(found) > 1:
                    del found[max(found)]  # some of its versions may be on the next page
                    break
        return found


def _created(versions: list[Any]) -> list[Any]:
    """Return the versions that have content, the newest first."""
    return [version for version in versions if not version.is_delete_marker]


def _is_kept(path: str) -> bool:
    return path.startswith(f"{FIRST}/")
