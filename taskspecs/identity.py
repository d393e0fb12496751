"""Identity: equal content, equal name, on any machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from configs.section import Section
    from taskspecs.schema import TaskSpec

SHORT = 12
"""Hex digits of a digest that are shown to people and used in names."""


_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical_json(value: Any) -> str:
    """Write JSON in the one way that is hashed: sorted keys, no spaces, UTF-8.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1.0}'
    """
    return _encode(value)


def digest(value: Any) -> str:
    """Return the sha256 of a value's canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def resolved(spec: Section) -> dict[str, Any]:
    """Return the spec with every default written out, as plain JSON values."""
    return spec.model_dump(mode="json")


def spec_hash(spec: TaskSpec) -> str:
    """Return the sha256 of the canonical, fully resolved spec."""
    return digest(resolved(spec))


def run_id(
    spec: TaskSpec, as_of: datetime | None, data_digest: str, *, sealed_from: date | None = None
) -> str:
    """Name a run: the same spec on the same data, as known and open at one time, is one run."""
    when = as_of.isoformat() if as_of else None
    what: dict[str, Any] = {"spec": spec_hash(spec), "as_of": when, "data": data_digest}
    if sealed_from:
        what["sealed_from"] = sealed_from.isoformat()
    return digest(what)[:SHORT]
