"""Twenty-odd ways to use the future, all caught; as many honest computations, none accused."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from tasks.features import evaluate
from tasks.features.leak.check import check_leaks

Compute = Callable[[pl.DataFrame], pl.DataFrame]
CLOSE = pl.col("close")
NUMBER = pl.int_range(pl.len())
KEYS = ("symbol", "ts")


def column(expression: pl.Expr) -> Compute:
    """Compute one expression per symbol."""
    return lambda bars: bars.sort(KEYS).select(*KEYS, x=expression)


def by_symbol(function: Callable[[np.ndarray], np.ndarray]) -> Compute:
    """Apply a numpy function to each symbol's closes."""

    def compute(bars: pl.DataFrame) -> pl.DataFrame:
        parts = [
            own.select(*KEYS, x=pl.Series(function(own["close"].to_numpy())))
            for own in bars.sort(KEYS).partition_by("symbol", maintain_order=True)
        ]
        return pl.concat(parts)

    return compute


def label(text: str) -> Compute:
    return lambda bars: evaluate(bars, {"x": text}, allow_lookahead=True)


def resampled(**options: str) -> Compute:
    """Weekly closes, laid beside each day by an as-of join."""

    def compute(bars: pl.DataFrame) -> pl.DataFrame:
        bars = bars.sort(KEYS)
        weekly = (
            bars.group_by_dynamic("ts", every="1w", group_by="symbol", **options)
            .agg(x=CLOSE.last())
            .sort("ts")
        )
        return bars.sort("ts").join_asof(weekly, on="ts", by="symbol").select(*KEYS, "x")

    return compute


def pivoted(fill: str) -> Compute:
    def compute(bars: pl.DataFrame) -> pl.DataFrame:
        wide = bars.pivot(on="symbol", index="ts", values="close", sort_columns=True).sort("ts")
        names = wide.columns[1:]
        filled = wide.with_columns(pl.col(names).fill_null(strategy=fill))
        long = filled.unpivot(on=names, index="ts", variable_name="symbol", value_name="x")
        return long.select(*KEYS, "x")

    return compute


def first_component(window: int | None) -> Compute:
    """Project returns on their first principal component; of all days, or of the days before."""

    def compute(bars: pl.DataFrame) -> pl.DataFrame:
        wide = bars.pivot(on="symbol", index="ts", values="close", sort_columns=True).sort("ts")
        table = np.nan_to_num(np.log(wide.drop("ts").to_numpy().astype(float)))
        moves = np.vstack([np.zeros(table.shape[1]), np.diff(table, axis=0)])
        x = np.full(len(moves), np.nan)
        for t in range(20, len(moves)):
            past = moves if window is None else moves[max(0, t - window) : t + 1]
            x[t] = abs(np.linalg.svd(past, full_matrices=False)[2][0] @ moves[t])
        return wide.select("ts").with_columns(x=pl.Series(x))

    return compute


def joined_next_day(bars: pl.DataFrame) -> pl.DataFrame:
    days = bars.select(pl.col("ts").unique().sort()).with_columns(next=pl.col("ts").shift(-1))
    tomorrow = bars.select("symbol", next="ts", x="close")
    return bars.join(days, on="ts").join(tomorrow, on=["symbol", "next"], how="left").select(
        *KEYS, "x"
    )  # fmt: skip


def monthly_mean(bars: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("ts").dt.truncate("1mo")
    means = bars.group_by("symbol", month.alias("month")).agg(x=CLOSE.mean())
    return bars.with_columns(month=month).join(means, on=["symbol", "month"]).select(*KEYS, "x")


def survivors_only(bars: pl.DataFrame) -> pl.DataFrame:
    last = bars.group_by("symbol").agg(last=CLOSE.last(), first=CLOSE.first())
    winners = last.filter(pl.col("last") > pl.col("first"))["symbol"]
    return bars.select(*KEYS, x=CLOSE * pl.col("symbol").is_in(winners.implode()))


def target_encoded(bars: pl.DataFrame) -> pl.DataFrame:
    moved = CLOSE.shift(-1).over("symbol") / CLOSE - 1
    return bars.sort(KEYS).select(*KEYS, x=moved.mean().over(pl.col("ts").dt.weekday()))


def zero_phase(x: np.ndarray) -> np.ndarray:
    def smooth(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        for i in range(1, len(out)):
            out[i] = 0.9 * out[i - 1] + 0.1 * values[i]
        return out

    return smooth(smooth(x)[::-1])[::-1]


def spectral(x: np.ndarray) -> np.ndarray:
    return np.fft.irfft(np.where(np.arange(len(x) // 2 + 1) < 20, np.fft.rfft(x), 0), len(x))


LEAKS: dict[str, Compute] = {
    "tomorrow's close": label("Ref($close, -1)"),
    "next week's return": label("Ref($close, -5) / $close - 1"),
    "a change taken forwards": label("Delta($close, -2)"),
    "a window moved ahead": label("Mean(Ref($close, -3), 4)"),
    "a centred window": column(CLOSE.rolling_mean(5, center=True).over("symbol")),
    "full-sample z-score": column((CLOSE - CLOSE.mean()) / CLOSE.std()),
    "full-sample z-score by symbol": column(
        ((CLOSE - CLOSE.mean()) / CLOSE.std()).over("symbol")
    ),
    "full-sample rank": column(CLOSE.rank().over("symbol") / CLOSE.count().over("symbol")),
    "full-sample winsorising": column(CLOSE.clip(CLOSE.quantile(0.1), CLOSE.quantile(0.9))),
    "full-sample min-max": column((CLOSE - CLOSE.min()) / (CLOSE.max() - CLOSE.min())),
    "distance to the last close": column(CLOSE / CLOSE.last().over("symbol")),
    "backward fill": pivoted("backward"),
    "interpolated holes": column(
        pl.when(NUMBER % 3 == 0).then(CLOSE).interpolate().over("symbol")
    ),
    "a detrending line": by_symbol(
        lambda x: x - np.polyval(np.polyfit(np.arange(len(x)), x, 1), np.arange(len(x)))
    ),
    "a filter run both ways": by_symbol(zero_phase),
    "a spectral low-pass": by_symbol(spectral),
    "a reversed cumulative sum": column(CLOSE.cum_sum(reverse=True).over("symbol")),
    "a week labelled by its start": resampled(label="left"),
    "the month's mean joined to its days": monthly_mean,
    "tomorrow through a join": joined_next_day,
    "survivors of the sample": survivors_only,
    "targets averaged by weekday": target_encoded,
    "components of all days": first_component(None),
    "rows dropped for want of a label": lambda bars: (
        bars.sort(KEYS).filter(pl.int_range(pl.len(), 0, -1).over("symbol") > 1)
        .select(*KEYS, x="close")
    ),
    "tomorrow's direction only": column(
        (CLOSE.shift(-1).over("symbol") > CLOSE).cast(pl.Float64).fill_null(0.0)
    ),
    "a future day of one symbol": column(
        pl.when(pl.col("symbol") == "S005").then(CLOSE.shift(-1).over("symbol")).otherwise(CLOSE)
    ),
}  # fmt: skip

RETURNS = CLOSE / CLOSE.shift(1).over("symbol") - 1

CLEAN: dict[str, Compute] = {
    "the close": column(CLOSE),
    "momentum": label("$close / Ref($close, 20) - 1"),
    "a long warm-up": label("Mean($close, 120) / Std($close, 200)"),
    "a warm-up longer than the data": label("Mean($close, 5000)"),
    "an expanding mean": label("Mean($close, 0)"),
    "an expanding maximum": label("$close / Max($close, 0)"),
    "an exponential mean": label("EMA($close, 30)"),
    "the first close": label("$close / Ref($close, 0)"),
    "ahead and back again": label("Ref(Ref($close, -5), 5)"),
    "a rank across symbols": label("CSRank($close / Ref($close, 5))"),
    "a rank of a mean of ranks": label("CSRank(Mean(CSRank($volume), 10))"),
    "an expanding z-score": column(
        ((CLOSE - CLOSE.cum_sum() / CLOSE.cum_count()) / CLOSE.cum_max()).over("symbol")
    ),
    "forward fill": pivoted("forward"),
    "a trailing window": column(CLOSE.rolling_mean(5).over("symbol")),
    "a cumulative return": column((1 + RETURNS.fill_null(0)).cum_prod().over("symbol")),
    "last week's close": resampled(label="right"),
    "a causal filter": by_symbol(lambda x: np.convolve(x, [0.5, 0.3, 0.2])[: len(x)]),
    "a market mean": lambda bars: bars.group_by("ts").agg(x=CLOSE.mean()).sort("ts"),
    "days since listing": column(NUMBER.over("symbol")),
    "the weekday": column(pl.col("ts").dt.weekday()),
    "components of the days before": first_component(60),
    "missing values and infinities": column(
        pl.when(NUMBER.over("symbol") % 7 == 0).then(np.nan).otherwise(1 / (CLOSE - CLOSE))
    ),
    "the last bar of every week": lambda bars: (
        bars.sort(KEYS)
        .group_by("symbol", pl.col("ts").dt.truncate("1w").alias("week"), maintain_order=True)
        .agg(pl.col("ts").last(), x=CLOSE.last())
        .drop("week")
    ),
    "words": column(pl.when(CLOSE > 20).then(pl.lit("dear")).otherwise(pl.lit("cheap"))),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_is_caught(name: str, market: pl.DataFrame) -> None:
    for seed in range(3):
        verdict = check_leaks(LEAKS[name], market, seed=seed)
        assert verdict.deterministic
        assert verdict.leak is not None, f"seed {seed}: {verdict}"
        assert verdict.leak.column == "x"


@pytest.mark.parametrize("name", CLEAN)
def test_is_left_alone(name: str, market: pl.DataFrame) -> None:
    for seed in range(3):
        verdict = check_leaks(CLEAN[name], market, seed=seed)
        assert verdict.clean, f"seed {seed}: {verdict}"
        assert verdict.compared > 0
