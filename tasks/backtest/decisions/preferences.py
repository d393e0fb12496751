"""Scores as an order of preference: what a ranking strategy acts on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from configs.errors import BadInput
from tasks.backtest.market.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from taskspecs.frequencies import Frequency


class Ranked(NamedTuple):
    """Symbols of one decision, the best first: their columns of the market, and their scores."""

    columns: NDArray[np.int64]
    scores: NDArray[np.float64]


def rank_scores(
    scores: pl.DataFrame,
    steps: pl.DataFrame,
    symbols: Sequence[str],
    frequency: Frequency,
    zone: str,
) -> Mapping[int, Ranked]:
    """Order the symbols of each decision, the best first.

    Equal scores are ordered by symbol. A library's sort would order them by chance: by the
    instructions that a processor offers.

    Parameters
    ----------
    scores
        ``symbol``, ``ts``, ``score`` (Float64, no nulls); only times at which one decides.
    steps
        ``row`` and ``step`` of the market; see :func:`tasks.backtest.market.steps.list_steps`.
    symbols
        All symbols of the market, in the order of its columns.
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.

    Returns
    -------
    Mapping[int, Ranked]
        By the row of a step. Steps without scores are absent.

    Raises
    ------
    BadInput
        When scores stand at a time of which there is no bar, or a symbol has two at one step.

    Notes
    -----
    Look-ahead: the order at a step depends on the scores of that step only.
    """
    columns = pl.DataFrame({"symbol": symbols}).with_columns(
        column=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    placed = (
        scores.with_columns(step_of(frequency, zone))
        .join(steps.select("step", "row"), on="step", how="left", maintain_order="left")
        .join(columns, on="symbol", how="left", maintain_order="left")
        .sort("row", "score", "symbol", descending=[False, True, False])
    )
    _refuse_strays(placed)
    ordered = placed.group_by("row", maintain_order=True).agg("column", "score")
    return {
        row: Ranked(columns.to_numpy(), scored.cast(pl.Float64).to_numpy())
        for row, columns, scored in zip(
            ordered["row"].to_list(), ordered["column"], ordered["score"], strict=True
        )
    }


def _refuse_strays(placed: pl.DataFrame) -> None:
    stray = placed.filter(pl.col("row").is_null()).head(1)
    if not stray.is_empty():
        raise BadInput(
            f"the score of {stray['symbol'][0]} at {stray['ts'][0]} stands at a time of no bar",
            hint="scores stand at the ends of bars, or of the last bar of a longer period",
        )
    twice = placed.filter(pl.struct("row", "symbol").is_duplicated()).head(1)
    if not twice.is_empty():
        raise BadInput(f"{twice['symbol'][0]} has two scores for the bar at {twice['ts'][0]}")
