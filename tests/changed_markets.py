"""A market, changed in all ways by which somebody might try to pass it off as another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl


def close(expression):
    return lambda bars: bars.with_columns(close=expression)


def noisy(size):
    rng = np.random.default_rng(7)
    return lambda bars: bars.with_columns(
        close=pl.col("close") * pl.Series(np.exp(rng.normal(0, size, bars.height)))
    )


def later(days):
    return lambda bars: bars.with_columns(pl.col("ts") + timedelta(days=days))


def by(step):
    return lambda bars: (
        bars.sort("symbol", "ts").group_by("symbol", pl.col("ts").dt.truncate(step))
        .agg(pl.col("close").last()).sort("symbol", "ts")
    )  # fmt: skip


def without(part, of):
    return lambda bars: (
        bars.with_columns(n=pl.int_range(pl.len()).over("symbol"))
        .filter(pl.col("n") % of != part).drop("n")
    )  # fmt: skip


def on(weekday):
    return lambda bars: bars.filter(pl.col("ts").dt.weekday() == weekday)


def with_junk(bars):
    """Six symbols of one bar a month."""
    rng = np.random.default_rng(3)
    months = pl.datetime_range(
        pl.datetime(2012, 1, 15, 21),
        pl.datetime(2015, 12, 15, 21),
        "1mo",
        time_zone="UTC",
        eager=True,
    )
    junk = [
        pl.DataFrame({"symbol": f"J{n}", "ts": months, "close": rng.uniform(5, 50, len(months))})
        for n in range(6)
    ]
    return pl.concat([bars.select("symbol", "ts", "close"), *junk])


def then(*changes):
    def changed(bars):
        for change in changes:
            bars = change(bars)
        return bars

    return changed


C, O = pl.col("close"), pl.col("open")  # noqa: E741
CHANGES = {
    "itself": lambda bars: bars,
    "noise of 3e-5": noisy(3e-5),
    "noise of 1e-3": noisy(1e-3),
    "rounded to cents": close(C.round(2)),
    "rounded to tenths": close(C.round(1)),
    "scaled": close(C * 17.3),
    "inverse": close(1 / C),
    "logarithm": close(C.log() + 10),
    "square": close(C**2),
    "root": close(C.sqrt()),
    "open": close(O),
    "middle of open and close": close((O + C) / 2),
    "middle of high and low": close((pl.col("high") + pl.col("low")) / 2),
    "high": close(pl.col("high")),
    "low": close(pl.col("low")),
    **{f"{days} days later": later(days) for days in (1, 2, 3, 7, 28, 30, 100, 364, 365, -28)},
    "weekly": by("1w"),
    "monthly": by("1mo"),
    "Fridays": on(5),
    "every tenth left out": without(0, 10),
    "every fifth left out": without(3, 5),
    "six symbols of junk": with_junk,
    "junk and noise": then(noisy(3e-5), with_junk),
    "other names": close(C),
    "fewer symbols": lambda bars: bars.filter(pl.col("symbol").is_in(["S3", "S5"])),
    "the first half": lambda bars: bars.filter(pl.col("ts") < datetime(2014, 1, 1, tzinfo=UTC)),
    "weekly, with noise": then(by("1w"), noisy(1e-3)),
    "weekly, 28 days later": then(by("1w"), later(28)),
    "inverse of rounded": then(close(C.round(2)), close(1 / C)),
    "inverse, weekly": then(close(1 / C), by("1w")),
    "rounded, 3 days later": then(close(C.round(2)), later(3)),
    "junk, 28 days later": then(with_junk, later(28)),
}
