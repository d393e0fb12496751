"""The named sets on real prices: suspensions filled forward, volumes of zero and none."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.features import evaluate
from taskspecs.expressions.sets import expand

PRICES = Path(__file__).parents[5] / "shared" / "data" / "ashare_daily.parquet"
SYMBOLS = 20

UNSETTLED = {
    "WVMA": 1e-6, "VSTD": 1e-6, "STD": 1e-6, "CORD": 1e-5, "CORR": 1e-5, "RSQR": 1e-5,
}  # fmt: skip
"""Largest share of rows that may differ: windows so flat that qlib's running sums hold only what
larger values left behind."""


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
    shares = {
        feature: _wrong(judged[str(i)], ours[feature]) for i, feature in enumerate(expressions)
    }
    allowed = {f: UNSETTLED.get(f.rstrip("0123456789"), 0.0) for f in shares}
    assert {f: share for f, share in shares.items() if share > allowed[f]} == {}


def _wrong(judged: pl.Series, ours: pl.Series) -> float:
    want, got = judged.to_numpy().astype(float), ours.to_numpy().astype(float)
    missing = np.isnan(want) != np.isnan(got)
    finite = np.isfinite(want) & np.isfinite(got)
    scale = np.nanstd(want[finite])
    near = np.abs(want - got) <= 2e-6 * np.maximum(np.abs(want), 1e-3 * scale)
    infinite = np.isinf(want) | np.isinf(got)
    wrong = missing | (finite & ~near) | (infinite & ~missing & (want != got))
    return float(wrong.mean())
