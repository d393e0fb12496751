"""The named sets on real prices: suspensions filled forward, volumes of zero and none."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from tasks.features import evaluate
from taskspecs.expressions.sets import expand

PRICES = Path(__file__).parents[5] / "shared" / "data" / "ashare_daily.parquet"
SYMBOLS = 20

FLAT = {"STD": 1e-6}
"""What may be added to a relative tolerance of 2e-6: qlib's running variance keeps the root of the
rounding of larger values' squares, which is all there is in a flat window."""

DIVIDED = {"VSTD": 0.01, "WVMA": 0.01}
"""Share of rows that may differ: the same, divided by 1e-12 where there is no volume."""


@pytest.mark.slow
@pytest.mark.skipif(not PRICES.exists(), reason=f"{PRICES} is not there")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["alpha158", "alpha360"])
def test_values_are_qlibs(name, new_judge) -> None:
    bars = pl.read_parquet(PRICES).with_columns(
        pl.col("symbol").cast(pl.String),
        ts=pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        vwap=(pl.col("high") + pl.col("low") + pl.col("close")) / 3,
    )
    names = bars["symbol"].unique().sort().gather_every(bars["symbol"].n_unique() // SYMBOLS)
    bars = bars.filter(pl.col("symbol").is_in(names.implode())).sort("symbol", "ts")
    expressions = expand(name)
    judged = new_judge(bars)(list(expressions.values()))
    ours = evaluate(bars, expressions)
    wrong = {}
    for i, feature in enumerate(expressions):
        family = feature.rstrip("0123456789")
        share = _differing(judged[str(i)], ours[feature], FLAT.get(family, 0.0))
        if share > DIVIDED.get(family, 0.0):
            wrong[feature] = share
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.skipif(not PRICES.exists(), reason=f"{PRICES} is not there")
def test_deviations_are_exact_where_qlibs_are_not() -> None:
    """Against 80-bit arithmetic on each window by itself: nothing but the last rounding is lost."""
    bars = pl.read_parquet(PRICES, columns=["symbol", "date", "close"]).rename({"date": "ts"})
    own = bars.filter(pl.col("symbol").cast(pl.String) == pl.col("symbol").cast(pl.String).min())
    for rows in (5, 10, 60):
        ours = evaluate(own, {"x": f"Std($close, {rows})"})["x"].to_numpy()[rows - 1 :]
        windows = sliding_window_view(own["close"].to_numpy().astype(np.longdouble), rows)
        exact = windows.std(axis=1, ddof=1)
        assert np.all(np.abs(ours - exact) <= 1e-7 * exact)


def _differing(judged: pl.Series, ours: pl.Series, noise: float) -> float:
    want, got = judged.to_numpy().astype(float), ours.to_numpy().astype(float)
    missing = np.isnan(want) != np.isnan(got)
    finite = np.isfinite(want) & np.isfinite(got)
    scale = np.nanstd(want[finite])
    near = np.abs(want - got) <= noise + 2e-6 * np.maximum(np.abs(want), 1e-3 * scale)
    infinite = np.isinf(want) | np.isinf(got)
    wrong = missing | (finite & ~near) | (infinite & ~missing & (want != got))
    return float(wrong.mean())
