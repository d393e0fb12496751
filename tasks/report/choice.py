"""Which symbols are drawn where there are too many to draw them all."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.report.inputs import ReportInputs

MOST_SYMBOLS = 24


def choose_symbols(inputs: ReportInputs, most: int = MOST_SYMBOLS) -> tuple[str, ...]:
    """Choose the symbols worth drawing: by turns the most held and those with most patterns.

    Returns
    -------
    tuple[str, ...]
        At most `most`; alphabetical when they are all there are, else the most interesting first.
    """
    symbols = inputs.bars["symbol"].unique().sort().to_list()
    if len(symbols) <= most:
        return tuple(symbols)
    turns = zip_longest(_most_held(inputs.positions), _most_patterns(inputs.patterns))
    ranked = [symbol for symbol in chain(*turns) if symbol is not None]
    known = set(symbols)
    return tuple([s for s in dict.fromkeys([*ranked, *symbols]) if s in known][:most])


def _most_held(positions: pl.DataFrame) -> Sequence[str]:
    return _ranked(positions.group_by("symbol").len("times"))


def _most_patterns(patterns: pl.DataFrame) -> Sequence[str]:
    found = patterns.filter(pl.col("symbol").is_not_null())
    return _ranked(found.group_by("symbol").len("times"))


def _ranked(counted: pl.DataFrame) -> Sequence[str]:
    symbols: list[str] = counted.sort("times", "symbol", descending=[True, False])[
        "symbol"
    ].to_list()
    return symbols
