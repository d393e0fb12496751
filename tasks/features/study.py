"""Expressions checked against bars and made ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.features.compilation.groups import is_text, refuse_text
from tasks.features.compilation.stages import cut_stages
from tasks.features.execution.panel import KEYS
from taskspecs.expressions import analyse, check, fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tasks.features.compilation.stages import Stage
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
    lookbacks
        Feature name to the rows of history it needs; None: all of it.
    """

    trees: Mapping[str, Node]
    fields: tuple[str, ...]
    stages: tuple[Stage, ...]
    lookbacks: Mapping[str, int | None]

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
    """Check expressions against the columns of bars and cut them into stages.

    Parameters
    ----------
    bars
        Only their columns are looked at.
    expressions
        Feature name to expression; or texts, which then name their columns.
    allow_lookahead
        Whether expressions may read the future, as labels do.

    Returns
    -------
    Study
        The stages, the names in order, and the fields that they read.

    Raises
    ------
    BadInput
        An expression that is wrong, with its place, or that looks ahead unasked.

    Notes
    -----
    Look-ahead: none; no row is read.
    """
    known, textual = usable_fields(bars)
    named = tuple(_name(expressions).items())
    return _prepare(named, tuple(known), tuple(textual), allow_lookahead=allow_lookahead)


@lru_cache(maxsize=16)
def _prepare(
    named: tuple[tuple[str, str], ...],
    known: tuple[str, ...],
    textual: tuple[str, ...],
    *,
    allow_lookahead: bool,
) -> Study:
    """Do it once for equal expressions: bars come day by day, and leak checks cut by cut."""
    return plan_study(
        {
            name: _check(name, text, known, textual, allow_lookahead=allow_lookahead)
            for name, text in named
        }
    )


def plan_study(trees: Mapping[str, Node]) -> Study:
    """Cut checked expressions into stages."""
    read = sorted(frozenset[str]().union(*(fields(tree) for tree in trees.values())))
    lookbacks = {name: analyse(tree).lookback_rows for name, tree in trees.items()}
    return Study(trees, tuple(read), cut_stages(trees), lookbacks)


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


def usable_fields(bars: pl.DataFrame | pl.LazyFrame) -> tuple[list[str], list[str]]:
    """Name the columns that expressions may read, and those of them that are text.

    Parameters
    ----------
    bars
        Only their columns are looked at.

    Returns
    -------
    tuple
        Names of numbers, Booleans and texts; and of the texts alone.

    Raises
    ------
    BadInput
        `symbol` or `ts` is missing, or `ts` is no time.

    Notes
    -----
    Look-ahead: none; no row is read.
    """
    schema = bars.lazy().collect_schema()
    missing = [key for key in KEYS if key not in schema]
    if missing:
        raise BadInput(f"bars have no column '{missing[0]}'", hint=f"they have {list(schema)}")
    if not schema["ts"].is_temporal():
        raise BadInput(f"`ts` must be Datetime or Date, not {schema['ts']}")
    fields_of = {name: dtype for name, dtype in schema.items() if name not in KEYS}
    textual = [name for name, dtype in fields_of.items() if is_text(dtype)]
    numeric = [n for n, dtype in fields_of.items() if dtype.is_numeric() or dtype == pl.Boolean]
    return [*numeric, *textual], textual


def _check(
    name: str,
    text: str,
    known: Collection[str],
    textual: Collection[str],
    *,
    allow_lookahead: bool,
) -> Node:
    """Check an expression, naming the feature in an error."""
    try:
        tree = check(text, known_fields=known, allow_lookahead=allow_lookahead)
        refuse_text(text, tree, textual)
    except BadInput as error:
        what = error.what if name == text else f"{name}: {error.what}"
        raise BadInput(what, hint=error.hint) from error
    return tree
