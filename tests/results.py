"""Digests of what a run left in the lake, by which two runs are compared byte for byte."""

from __future__ import annotations

import hashlib
import json

ARRIVED = "received_at"
"""When a source came in: of what a run leaves, the one thing that a clock says."""


def digest(path: str, raw: bytes) -> str:
    """Digest an object; of a landed source's manifest, all but when it came in."""
    if path.startswith("raw/") and path.endswith("/manifest.json"):
        manifest = json.loads(raw)
        manifest["section"].pop(ARRIVED)
        manifest.pop("digest")  # of itself, that time included
        raw = json.dumps(manifest, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()
