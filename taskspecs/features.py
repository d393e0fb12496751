"""The expressions of a study: its named sets and its own definitions together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskspecs.expressions import sets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskspecs.schema import FeaturesSpec


def all_expressions(spec: FeaturesSpec) -> dict[str, str]:
    """Return name to expression; a spec's own definition outranks a set's of the same name."""
    expressions: dict[str, str] = {}
    for name in spec.sets:
        expressions |= expand(spec, name)
    return expressions | spec.define


def expand(spec: FeaturesSpec, name: str) -> Mapping[str, str]:
    """Write out one of a spec's sets, shipped or read from a file.

    Raises
    ------
    BadInput
        For a name that is not there, with near matches.
    """
    return spec.files[name] if name in spec.files else sets.expand(name)
