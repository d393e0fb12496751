"""The stage's pure part: features at decision times, and market series at every bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.aggregation.cross_section import compare_symbols
from tasks.aggregation.decisions import decision_times
from tasks.aggregation.market import market_series

if TYPE_CHECKING:
    import polars as pl

    from taskspecs.schema import AggregationSpec


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What is known of all symbols together.

    Parameters
    ----------
    features
        `symbol, ts` and the features, comparable across symbols, at decision times only; sorted by
        (symbol, ts).
    market
        `ts, equal_weight_return, breadth, dispersion, average_correlation` at every bar.
    """

    features: pl.DataFrame
    market: pl.DataFrame


def aggregate(
    features: pl.DataFrame, bars: pl.DataFrame, spec: AggregationSpec, *, zone: str
) -> Aggregated:
    """Pick decision times, compare symbols at each of them, and sum the market up.

    Parameters
    ----------
    features
        `symbol, ts (UTC)` and one Float32 column for each feature, unique by (symbol, ts).
    bars
        Canonical bars, unique by (symbol, ts); prices adjusted.
    spec
        What to do.
    zone
        IANA name of the zone in which days, weeks and months are counted.

    Returns
    -------
    Aggregated

    Notes
    -----
    Look-ahead: a row at `ts` depends on rows at `ts` or before, and so does the choice of `ts` as
    a decision time.
    """
    chosen = features
    if spec.every is not None:
        times = decision_times(bars["ts"], spec.every, zone=zone)
        chosen = chosen.filter(chosen["ts"].is_in(times.implode()))
    return Aggregated(
        compare_symbols(
            chosen,
            winsorise=spec.winsorise,
            neutralise=spec.neutralise,
            groups=spec.groups.members if spec.groups else None,
            normalise=spec.normalise,
        ),
        market_series(bars),
    )
