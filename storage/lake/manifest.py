"""A manifest: what a result consists of, and what it was made from.

It is written last and created atomically; a result without a manifest does not exist, and a file
that no manifest names is never read. It holds no wall-clock time: equal work, equal bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from configs.errors import Damaged
from taskspecs.identity import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
WITHOUT_DIGEST = 1
"""The first edition's; no single changed bit makes one of these of one of ours."""
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class DatasetId:
    """The address of a result: ``<zone>/<stage>/<key>``."""

    zone: str
    stage: str
    key: str

    @property
    def prefix(self) -> str:
        """The folder of this result in the lake."""
        return f"{self.zone}/{self.stage}/{self.key}"

    @property
    def manifest_path(self) -> str:
        """Where its manifest is."""
        return f"{self.prefix}/manifest.json"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a result, as it was when it was committed."""

    name: str
    path: str
    bytes: int
    sha256: str
    rows: int | None = None
    schema: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a result, their digests, and the lineage: section, code and inputs."""

    dataset: DatasetId
    files: tuple[StoredFile, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    section: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""

    def file(self, name: str) -> StoredFile:
        """Return the file called `name`.

        Raises
        ------
        Damaged
            If this result has no such file.
        """
        for stored in self.files:
            if stored.name == name:
                return stored
        raise Damaged(f"the result {self.dataset.prefix} has no file `{name}`")

    def has(self, name: str) -> bool:
        """Whether this result has a file called `name`."""
        return any(stored.name == name for stored in self.files)

    def to_json(self) -> bytes:
        """Write the manifest with a digest of its own; equal manifests give equal bytes."""
        value = {"format": FORMAT, **asdict(self)}
        return canonical_json({**value, DIGEST: digest(value)}).encode()


def read_manifest(raw: bytes, path: str) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    path
        Where it was found: that is part of what it says.

    Raises
    ------
    Damaged
        If the bytes are not a manifest of a known format, were changed, or belong elsewhere.
    """
    try:
        value = json.loads(raw)
        if value["format"] != WITHOUT_DIGEST:
            _check_digest(value, raw, path)
        if value.pop("format") not in {FORMAT, WITHOUT_DIGEST}:
            raise Damaged(f"{path} is of another format than {FORMAT}")
        files = tuple(StoredFile(**stored) for stored in value.pop("files"))
        manifest = Manifest(dataset=DatasetId(**value.pop("dataset")), files=files, **value)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"{path} is not a manifest: {error}") from error
    if manifest.dataset.manifest_path != path:
        raise Damaged(f"{path} is the manifest of {manifest.dataset.prefix}, and not of its folder")
    return manifest


def _check_digest(value: dict[str, Any], raw: bytes, path: str) -> None:
    """Refuse a manifest that is not, byte for byte, what was written."""
    kept = value.pop(DIGEST)
    whole = canonical_json({**value, DIGEST: kept}).encode() == raw
    if not whole or kept != digest(value):
        raise Damaged(f"{path} was changed after it was written")
