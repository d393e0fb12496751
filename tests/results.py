"""Digests of what a run left in the lake, by which two runs are compared byte for byte."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from storage.lake.manifest import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

ARRIVED = "received_at"
"""When a source came in: of what a run leaves, the one thing that a clock says."""
KEPT = "evidence/"
"""Where evidence is kept as long as the ledger."""


def digest(path: str, raw: bytes) -> str:
    """Digest an object; of a landed source's manifest, all but when it came in."""
    if path.startswith("raw/") and path.endswith("/manifest.json"):
        manifest = json.loads(raw)
        manifest["section"].pop(ARRIVED)
        manifest.pop("digest")  # of itself, that time included
        raw = json.dumps(manifest, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()


def results(workspace: Path) -> dict[str, str]:
    """Digest all that manifests name; read with plain file calls, not through the lake.

    Evidence that is kept beside the ledger is a copy, and digested as bytes.
    """
    lake = workspace / ".qraft/lake"
    found = {}
    for path in sorted(lake.rglob("manifest.json")):
        raw = path.read_bytes()
        name = path.relative_to(lake).as_posix()
        if name.startswith(KEPT):
            found[name] = digest(name, raw)
            continue
        manifest = read_manifest(raw, name)
        found[name] = digest(name, raw)
        for file in manifest.files:
            found[file.path] = digest(file.path, (lake / file.path).read_bytes())
    return found
