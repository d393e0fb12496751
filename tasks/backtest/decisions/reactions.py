"""When patterns act, and on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from taskspecs.reactions import Reaction
    from taskspecs.schema import BacktestSpec

    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Acting:
    """Where patterns act on orders; a step a row, a symbol a column; None where none may act."""

    suspended: Flags | None = None
    scaled: Flags | None = None


def react(
    spec: BacktestSpec,
    patterns: pl.DataFrame | None,
    steps: pl.DataFrame,
    symbols: Sequence[str],
) -> Acting:
    """Mark the steps at which patterns act on orders.

    Parameters
    ----------
    spec
        ``suspend_on``, ``scale_on``.
    patterns
        ``type``, ``ts`` (Datetime us UTC), ``symbol`` (null for the market), ``detector``,
        ``confidence``; None only where nothing reacts to them.
    steps
        ``row`` and ``ts`` of the market; see :func:`tasks.backtest.market.steps.list_steps`.
    symbols
        Of the columns.

    Returns
    -------
    Acting
        Which steps and symbols are suspended, and which scaled; shape (steps, symbols) each, or
        None without such a rule.

    Raises
    ------
    Failed
        Patterns are to act and were not given.

    Notes
    -----
    Look-ahead: a mark at step `t` depends on patterns whose bar ended at or before the end of step
    `t - 1`.
    """
    if not spec.reactions:
        return Acting()
    if patterns is None:
        raise Failed("patterns are to act on this backtest, and it was given none")
    suspended, scaled = (
        None if rule is None else mark(rule, patterns, steps["ts"], symbols)
        for rule in (spec.suspend_on, spec.scale_on)
    )
    return Acting(suspended, scaled)


def mark(rule: Reaction, patterns: pl.DataFrame, ts: pl.Series, symbols: Sequence[str]) -> Flags:
    """Mark the steps and symbols on which the patterns of one rule act.

    Parameters
    ----------
    rule
        Which patterns, for how many bars.
    patterns
        ``type``, ``ts`` (Datetime us UTC), ``symbol`` (null for the market), ``detector``,
        ``confidence``.
    ts
        Datetime us UTC, the ends of steps, rising.
    symbols
        Of the columns.

    Returns
    -------
    numpy.ndarray
        Boolean, shape (steps, symbols).

    Notes
    -----
    Look-ahead: a mark at step `t` depends on patterns at or before the end of step `t - 1`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from taskspecs.reactions import Suspension
    >>> days = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 6)]
    >>> found = pl.DataFrame(
    ...     {"type": ["drift"], "ts": [days[1]], "detector": ["adwin"], "confidence": [0.95]}
    ... ).with_columns(symbol=pl.lit(None, pl.String))
    >>> mark(Suspension(bars=2), found, pl.Series(days), ["A"]).ravel().tolist()
    [False, False, True, True, False]
    """
    acting = _select(rule, patterns)
    # a pattern that stands between two ends is known at the later one
    known = ts.search_sorted(acting["ts"], side="left").to_numpy().astype(np.int64)
    place = {symbol: column for column, symbol in enumerate(symbols)}
    change = np.zeros((len(ts) + 1, len(symbols)), dtype=np.int64)
    for row, symbol in zip(known, acting["symbol"], strict=True):
        columns = slice(None) if symbol is None else place[symbol]
        change[min(row + 1, len(ts)), columns] += 1
        change[min(row + 1 + rule.bars, len(ts)), columns] -= 1
    marked: Flags = np.cumsum(change, axis=0)[:-1] > 0
    return marked


def _select(rule: Reaction, patterns: pl.DataFrame) -> pl.DataFrame:
    of_market = pl.col("symbol").is_null()
    wanted = (
        pl.col("type").is_in(rule.types)
        & (of_market if rule.scope == "market" else ~of_market)
        & (pl.col("confidence").fill_null(0.0) >= rule.min_confidence)
    )
    if rule.detectors:
        wanted &= pl.col("detector").is_in(rule.detectors)
    return patterns.filter(wanted)
