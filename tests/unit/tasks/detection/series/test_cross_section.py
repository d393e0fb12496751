from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
from scipy import stats

from tasks.detection import detect, watched
from tasks.detection.series.cross_section import series_of
from taskspecs.detectors import Adwin

SPEC = Adwin(detector="adwin", watch="$r", scope="cross_section")
NO_MARKET = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


def symbols(bars: int = 240, many: int = 30) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    returns = rng.normal(size=(many, bars))
    returns[:, 120:] *= 2.5
    times = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "1d", eager=True
    )[:bars]
    return pl.concat(
        pl.DataFrame({"symbol": f"S{i:02d}", "ts": times, "$r": one})
        for i, one in enumerate(returns)
    )


def test_a_rise_of_dispersion_is_the_cross_sections_own() -> None:
    found = detect(symbols(), NO_MARKET, [SPEC]).patterns
    row = found.row(0, named=True)
    assert row["symbol"] is None
    assert (row["ts"] - datetime(2024, 1, 1, tzinfo=UTC)).days in range(120, 135)
    shares = {one["field"]: one["score"] for one in row["contributors"]}
    assert max(shares, key=shares.__getitem__) == "std($r)"


def test_moments_are_those_of_scipy_and_need_five_symbols() -> None:
    frame = symbols(bars=3).with_columns(
        pl.when((pl.col("ts").dt.day() == 2) & (pl.col("symbol") > "S03"))
        .then(float("nan"))
        .otherwise("$r")
        .alias("$r")
    )
    ((symbol, moments),) = series_of(frame, [SPEC], "cross_section")
    assert symbol is None
    one = frame.filter(pl.col("ts").dt.day() == 1)["$r"].to_numpy()
    assert np.allclose(
        moments.select("mean($r)", "std($r)", "skew($r)").row(0),
        (one.mean(), one.std(ddof=1), stats.skew(one)),
    )
    assert moments.row(1)[1:] == (None, None, None)


def test_what_it_watches_is_computed_for_symbols() -> None:
    assert watched([SPEC]) == {"symbol": {"$r": "$r"}, "market": {}}


def test_the_order_of_rows_does_not_matter() -> None:
    frame = symbols()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=3)
    assert detect(shuffled, NO_MARKET, [SPEC]).scores.equals(
        detect(frame, NO_MARKET, [SPEC]).scores
    )
