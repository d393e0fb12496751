"""Columns of text: they name groups, and nothing else can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from taskspecs.expressions.nodes import Call, Field, walk
from taskspecs.expressions.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from taskspecs.expressions import Node


def is_text(dtype: pl.DataType) -> bool:
    """Whether a column of this type names groups."""
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def refuse_text(text: str, tree: Node, textual: Collection[str]) -> None:
    """Refuse columns of text anywhere but as the group of `CSNeutralise`.

    Parameters
    ----------
    text
        The expression, for the error's place.
    tree
        The same, parsed.
    textual
        Names of the columns of text.

    Raises
    ------
    BadInput
        At the first such column.
    """
    groups = {
        id(part.arguments[1])
        for part in walk(tree)
        if isinstance(part, Call) and part.operator == "CSNeutralise"
    }
    for part in walk(tree):
        if isinstance(part, Field) and part.name in textual and id(part) not in groups:
            raise Source(text).error(
                part.at, f"${part.name} is text", f"as CSNeutralise($close, ${part.name})"
            )


def encode_groups(bars: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """Number the values of columns of text, in their order.

    Parameters
    ----------
    bars
        All bars: batches of them must agree on the numbers.
    names
        Columns, of any type.

    Returns
    -------
    LazyFrame
        The same with Float32 in place of text.

    Notes
    -----
    Look-ahead: numbers depend on all names that occur; all that is used of them is which are equal.
    """
    schema = bars.collect_schema()
    for name in names:
        if is_text(schema[name]):
            column = pl.col(name).cast(pl.String)
            values = bars.select(column.unique()).collect(engine="streaming")[name].drop_nulls()
            numbers = np.arange(values.len(), dtype=np.float32)
            coded = column.replace_strict(values.sort(), numbers, return_dtype=pl.Float32)
            bars = bars.with_columns(coded)
    return bars
