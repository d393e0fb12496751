"""Expressions checked against bars and made ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.features.panel import KEYS
from tasks.features.stages import cut_stages
from taskspecs.expressions import check, fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tasks.features.stages import Stage
    from taskspecs.expressions import Node


@dataclass(frozen=True, slots=True)
class Study:
    """Checked expressions, ready to run.

    Attributes
    ----------
    trees
        Feature name to tree.
    fields
        Columns of the bars that they read.
    stages
        What to compute.
    """

    trees: Mapping[str, Node]
    fields: tuple[str, ...]
    stages: tuple[Stage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order asked for."""
        return tuple(self.trees)


def prepare(
    bars: pl.DataFrame | pl.LazyFrame,
    expressions: Mapping[str, str] | Sequence[str],
    *,
    allow_lookahead: bool,
) -> Study:
    """Check expressions against the columns of bars and cut them into stages."""
    known = usable_fields(bars)
    return plan_study(check_all(_name(expressions), known, allow_lookahead=allow_lookahead))


def plan_study(trees: Mapping[str, Node]) -> Study:
    """Cut checked expressions into stages."""
    read = sorted(frozenset[str]().union(*(fields(tree) for tree in trees.values())))
    return Study(trees, tuple(read), cut_stages(trees))


def _name(expressions: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    if isinstance(expressions, str):
        raise BadInput("expressions must be a mapping or a list, not one text")
    named = (
        dict(expressions.items())
        if hasattr(expressions, "items")
        else {text: text for text in expressions}
    )
    taken = [name for name in named if name in KEYS]
    if taken:
        raise BadInput(f"a feature cannot be named '{taken[0]}': the keys are {', '.join(KEYS)}")
    return named


def usable_fields(bars: pl.DataFrame | pl.LazyFrame) -> list[str]:
    """Name the columns that expressions may read: the numeric and Boolean ones."""
    schema = bars.lazy().collect_schema()
    missing = [key for key in KEYS if key not in schema]
    if missing:
        raise BadInput(f"bars have no column '{missing[0]}'", hint=f"they have {list(schema)}")
    if not schema["ts"].is_temporal():
        raise BadInput(f"`ts` must be Datetime or Date, not {schema['ts']}")
    return [
        name
        for name, dtype in schema.items()
        if name not in KEYS and (dtype.is_numeric() or dtype == pl.Boolean)
    ]


def check_all(
    named: Mapping[str, str], known: Collection[str], *, allow_lookahead: bool
) -> dict[str, Node]:
    """Check every expression, naming the feature in an error."""
    trees = {}
    for name, text in named.items():
        try:
            trees[name] = check(text, known_fields=known, allow_lookahead=allow_lookahead)
        except BadInput as error:
            what = error.what if name == text else f"{name}: {error.what}"
            raise BadInput(what, hint=error.hint) from error
    return trees
