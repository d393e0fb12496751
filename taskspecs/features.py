"""The expressions of a study: its named sets and its own definitions together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskspecs.expressions import sets

if TYPE_CHECKING:
    from taskspecs.schema import FeaturesSpec


def all_expressions(spec: FeaturesSpec) -> dict[str, str]:
    """Return name to expression; a spec's own definition outranks a set's of the same name."""
    expressions: dict[str, str] = {}
    for name in spec.sets:
        expressions |= sets.expand(name)
    return expressions | spec.define
