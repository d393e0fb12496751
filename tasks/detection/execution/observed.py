"""What the detectors of a study look at: what they watch, evaluated over bars and market."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from tasks.detection.execution.streams import detect, watched
from tasks.features import evaluate

if TYPE_CHECKING:
    from taskspecs.schema import TaskSpec


class Observed(NamedTuple):
    """The series of a study's detectors; see `tasks.detection.execution.streams.detect`."""

    symbols: pl.DataFrame
    market: pl.DataFrame


def observe(
    bars: pl.DataFrame, features: pl.DataFrame, market: pl.DataFrame, spec: TaskSpec
) -> Observed:
    """Evaluate what a study's detectors watch.

    Parameters
    ----------
    bars
        Those that the study works on.
    features
        One row a bar.
    market
        ``ts`` and the series of the whole market.
    spec
        The study.

    Returns
    -------
    Observed
        Series of symbols and of the market.

    Notes
    -----
    Look-ahead: a row at `t` depends on rows up to `t`.
    """
    wanted = watched(spec.detection)
    featured = bars.join(features, on=["symbol", "ts"], how="left", maintain_order="left")
    one_symbol = market.select(pl.lit("").alias("symbol"), pl.all())
    return Observed(evaluate(featured, wanted["symbol"]), evaluate(one_symbol, wanted["market"]))


def alarms_of(
    bars: pl.DataFrame,
    features: pl.DataFrame,
    market: pl.DataFrame,
    spec: TaskSpec,
    *,
    jobs: int | None = None,
) -> pl.DataFrame:
    """Return all that a study's detectors say, in memory; see :func:`observe`.

    Parameters
    ----------
    bars
        Those that the study works on.
    features
        One row a bar.
    market
        ``ts`` and the series of the whole market.
    spec
        The study.
    jobs
        Processes; the result is the same for any number.

    Returns
    -------
    polars.DataFrame
        Columns as in `tasks.detection.patterns.SCHEMA`. Which of them are worth the name of a
        pattern is judged with the future in view, so what acts on a backtest is all of them.

    Notes
    -----
    Look-ahead: an alarm at `t` depends on rows up to `t`.
    """
    seen = observe(bars, features, market, spec)
    return detect(seen.symbols, seen.market, spec.detection, jobs=jobs).patterns
