"""A market with everything that goes wrong in one, and qlib as the judge of its features."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FIELDS = ("open", "high", "low", "close", "vwap", "volume")


def make_symbol(rng: np.random.Generator, name: str, days: np.ndarray, kind: str) -> pl.DataFrame:
    """Make one share's bars: `late` is listed late, `flat` stands still for a while, `ties` is
    rounded coarsely, `holes` is suspended often, by absent rows and by nulls."""
    first = len(days) // 3 if kind == "late" else 0
    n = len(days) - first
    close = rng.uniform(5, 80) * np.exp(np.cumsum(rng.normal(0.0003, 0.02, n)))
    open_ = close * np.exp(rng.normal(0, 0.005, n))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.006, n)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.006, n)))
    volume = np.round(np.exp(rng.normal(13, 0.8, n)))
    frame = pl.DataFrame(
        {
            "symbol": [name] * n,
            "ts": pl.Series(days[first:]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "open": open_, "high": high, "low": low, "close": close,
            "vwap": (high + low + close) / 3, "volume": volume,
        }
    )  # fmt: skip
    prices = pl.col("open", "high", "low", "close", "vwap")
    rows = pl.int_range(pl.len())
    if kind == "ties":
        frame = frame.with_columns(prices.round(0))
    if kind == "flat":
        still = rows.is_between(n // 3, n // 3 + 90)
        frame = frame.with_columns(pl.when(still).then(12.3).otherwise(prices).name.keep())
        frame = frame.with_columns(
            pl.when(still | (rows % 17 == 0)).then(0.0).otherwise("volume").alias("volume")
        )
    if kind == "holes":
        frame = frame.with_columns(
            pl.when(pl.Series(rng.random(n) < 0.1)).then(None).otherwise(pl.col(FIELDS)).name.keep()
        )
        keep = rng.random(n) > 0.08
        keep[[0, -1]] = True
        frame = frame.filter(pl.Series(keep))
    return frame.with_columns(pl.col(FIELDS).cast(pl.Float32))


@pytest.fixture(scope="session")
def market() -> pl.DataFrame:
    """Ten shares, 400 days."""
    rng = np.random.default_rng(20240101)
    days = np.busday_offset("2019-01-01", np.arange(400), roll="forward")
    kinds = ["plain", "late", "flat", "ties", "holes"] * 2
    frames = [make_symbol(rng, f"S{i:03d}", days, kind) for i, kind in enumerate(kinds)]
    return pl.concat(frames).sort("symbol", "ts")


def write_qlib(bars: pl.DataFrame, root: Path) -> None:
    """Write bars in qlib's layout: a calendar, a list of instruments, a float32 file a field."""
    calendar = bars["ts"].dt.date().unique().sort()
    (root / "calendars").mkdir(parents=True)
    (root / "instruments").mkdir()
    (root / "calendars" / "day.txt").write_text("\n".join(str(day) for day in calendar) + "\n")
    lines = []
    for (symbol,), own in bars.group_by("symbol", maintain_order=True):
        places = calendar.search_sorted(own["ts"].dt.date()).to_numpy().astype(np.int64)
        folder = root / "features" / str(symbol).lower()
        folder.mkdir(parents=True)
        for field in FIELDS:
            column = np.full(places[-1] - places[0] + 2, np.nan, "<f4")
            column[0] = places[0]
            column[1 + places - places[0]] = own[field].fill_null(float("nan")).to_numpy()
            column.tofile(folder / f"{field}.day.bin")
        lines.append(f"{symbol}\t{own['ts'][0].date()}\t{own['ts'][-1].date()}")
    (root / "instruments" / "all.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="session")
def new_judge(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[pl.DataFrame], Callable[[Sequence[str]], pl.DataFrame]]:
    """qlib's values of expressions over bars of one's own, a column for each, in the bars' rows."""
    import qlib
    from qlib.data import D

    current: list[Path] = []

    def make(bars: pl.DataFrame) -> Callable[[Sequence[str]], pl.DataFrame]:
        root = tmp_path_factory.mktemp("qlib")
        write_qlib(bars, root)

        def compute(expressions: Sequence[str]) -> pl.DataFrame:
            if current[-1:] != [root]:
                where = {"provider_uri": str(root), "region": "us"}
                qlib.init(**where, kernels=1, logging_level=logging.CRITICAL)
                current.append(root)
            names = bars["symbol"].unique(maintain_order=True).to_list()
            frame = D.features(names, list(expressions), freq="day").reset_index()
            columns = {
                "symbol": frame["instrument"].astype(str).to_numpy(dtype=object),
                "day": frame["datetime"].to_numpy().astype("datetime64[us]"),
            }
            table = pl.DataFrame(columns).with_columns(pl.col("day").cast(pl.Date))
            values = [
                pl.Series(str(i), frame[text].to_numpy().astype(np.float64)).fill_nan(None)
                for i, text in enumerate(expressions)
            ]
            keys = bars.select("symbol", "ts", day=pl.col("ts").dt.date())
            joined = keys.join(
                table.with_columns(values), on=["symbol", "day"], how="left", maintain_order="left"
            )
            return joined.drop("day")

        return compute

    return make


@pytest.fixture(scope="session")
def judge(
    market: pl.DataFrame,
    new_judge: Callable[[pl.DataFrame], Callable[[Sequence[str]], pl.DataFrame]],
) -> Callable[[Sequence[str]], pl.DataFrame]:
    """qlib's values over `market`."""
    return new_judge(market)


@pytest.fixture(scope="session")
def differ() -> Callable[..., str]:
    """Say how a column differs from the judge's; nothing where it does not."""

    def compare(
        judged: pl.Series, ours: pl.Series, *, relative: float = 2e-6, noise: float = 0.0
    ) -> str:
        want, got = judged.to_numpy().astype(np.float64), ours.to_numpy().astype(np.float64)
        if (np.isnan(want) != np.isnan(got)).any():
            row = int(np.flatnonzero(np.isnan(want) != np.isnan(got))[0])
            return f"row {row}: qlib {want[row]}, here {got[row]}"
        finite = np.isfinite(want) & np.isfinite(got)
        if (want[~finite & ~np.isnan(want)] != got[~finite & ~np.isnan(got)]).any():
            return "infinities differ"
        scale = np.nanstd(want[finite]) if finite.any() else 0.0
        allowed = relative * np.maximum(np.abs(want), 1e-3 * scale) + noise
        wrong = finite & (np.abs(want - got) > allowed)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            return f"{wrong.sum()} rows, first {row}: qlib {want[row]}, here {got[row]}"
        return ""

    return compare
