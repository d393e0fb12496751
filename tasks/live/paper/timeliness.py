"""Whether a signal was out in time to be dealt at the bar that the study deals at. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tasks.backtest.market.steps import PERIODS, list_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from tasks.live.paper.published import Published
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import BacktestSpec


def in_time(
    published: Iterable[Published],
    bars: pl.DataFrame,
    spec: BacktestSpec,
    frequency: Frequency,
    zone: str,
) -> list[Published]:
    """Keep what was published before it could be dealt.

    A deal at the close needs the signal before that bar ends. A deal at the open needs it before
    that bar begins: for days and longer, before the local day of the bar begins, which is earlier
    than any market opens. What still waits for its bar is in time.

    Parameters
    ----------
    bars
        ``symbol, ts``, as they are known now.
    """
    steps = list_steps(bars, frequency, zone)
    ends: list[datetime] = steps["ts"].to_list()
    row_of = {ts: row for row, ts in enumerate(ends)}
    kept = []
    for one in published:
        deal = row_of.get(one.ts, len(ends)) + spec.trade_delay_bars
        if one.ts not in row_of:
            continue
        if deal >= len(ends) or one.published_at < _latest(ends, deal, spec, frequency, zone):
            kept.append(one)
    return kept


def _latest(
    ends: list[datetime], deal: int, spec: BacktestSpec, frequency: Frequency, zone: str
) -> datetime:
    if spec.deal_price == "close":
        return ends[deal]
    if frequency in PERIODS:
        local = (ends[deal] - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
        return datetime.combine(local, time(), tzinfo=ZoneInfo(zone))
    return ends[deal - 1]  # a bar begins where the one before it ends
