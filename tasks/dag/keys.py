"""Content-addressed keys: equal key, equal bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.dag.stages import StageKind


def stage_key(
    kind: StageKind, section: Mapping[str, Any], inputs: Mapping[str, str], *, code: str
) -> str:
    """Return the key of a stage's result, a sha256 in hex.

    Parameters
    ----------
    section
        Its part of the spec, with every default written out.
    inputs
        The keys of the results that it reads; in the beginning, the digest of the data.
    code
        The digest of all code that it can reach; see `tasks.dag.code`.
    """
    return digest({"stage": kind.name, "section": section, "code": code, "inputs": inputs})
