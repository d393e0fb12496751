"""Divergence: how far the paper account is from the backtest of the same bars, and why.

The account is brought to the backtest in four steps, each of which takes one cause away. What a
step changes is that cause's part, so the parts add up to the whole. It depends on the order of
the steps, as any such attribution does: fills, timing, signal, data.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tasks.live.paper.account import as_they_came, total_return, trade
from tasks.live.paper.published import SCORES, all_scores
from tasks.live.paper.timeliness import in_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.backtest.result import BacktestResult
    from tasks.live.paper.published import Published
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A paper account beside the backtest; all returns are shares of the account at its start.

    Attributes
    ----------
    account
        The paper account itself; none before the first bar to deal at.
    paper, backtest
        What the account gained, and what the backtest of the same bars says.
    fill
        Because bars were revised after they were dealt at.
    timing
        Because signals were missing or late.
    signal
        Because code was changed after a signal was published.
    data
        Because data were revised after a signal was published.
    """

    account: BacktestResult | None
    paper: float
    backtest: float
    fill: float
    timing: float
    signal: float
    data: float

    @property
    def bars(self) -> int:
        """How many bars the account has seen."""
        return 0 if self.account is None else len(self.account.equity)

    def figures(self) -> dict[str, float | None]:
        """Return what the gate looks at; nothing is known before the first bar."""
        if self.account is None:
            return {"paper_bars": 0.0}
        return {
            "paper_bars": float(self.bars),
            "paper_return": self.paper,
            "backtest_return": self.backtest,
            "drawdown": -float(self.account.equity["drawdown"].min()),  # type: ignore[arg-type]
            "divergence": abs(self.paper - self.backtest),
            **{f"divergence_{n}": getattr(self, n) for n in ("fill", "timing", "signal", "data")},
        }


def follow(
    published: Sequence[Published],
    bars: pl.DataFrame,
    scores: pl.DataFrame,
    spec: TaskSpec,
    *,
    code: str,
    patterns: pl.DataFrame | None = None,
) -> Followed:
    """Follow published signals, and attribute what differs from the backtest.

    Parameters
    ----------
    published
        All decisions since the strategy came to paper, the oldest first.
    bars, scores
        As they are known now; ``ts`` Datetime us UTC.
    code
        The digest of the code that made `scores`.
    patterns
        Those that act in the backtest.

    Notes
    -----
    Look-ahead: the account depends on what was published before each deal; its comparison looks
    at the whole period.
    """
    there = set(bars["ts"].unique())
    published = [one for one in published if one.ts in there]  # a bar that is gone deals nothing
    if not published:
        return Followed(None, *[0.0] * 6)
    start = spec.backtest.account
    since = scores.filter(pl.col("ts") >= published[0].ts).select(*SCORES)
    punctual = in_time(published, bars, spec.backtest, spec.frequency, spec.data.zone)
    seen = as_they_came(bars, pl.concat([one.quotes for one in published]))
    account = trade(seen, all_scores(punctual), spec, patterns) if punctual else None
    steps = [
        account,
        trade(bars, all_scores(punctual), spec, patterns) if punctual else None,
        trade(bars, _instead(since, published), spec, patterns),
        trade(bars, _instead(since, [p for p in published if p.code == code]), spec, patterns),
        trade(bars, since, spec, patterns),
    ]
    gains = [total_return(result, start) for result in steps]
    parts = [before - after for before, after in itertools.pairwise(gains)]
    return Followed(account, gains[0], gains[-1], *parts)


def _instead(scores: pl.DataFrame, published: Sequence[Published]) -> pl.DataFrame:
    """Put published decisions in the place of those made now."""
    told = all_scores(published)
    kept = scores.join(told.select("ts").unique(), on="ts", how="anti")
    return pl.concat([kept, told]).sort("symbol", "ts")
