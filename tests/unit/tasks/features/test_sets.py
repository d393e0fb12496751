"""The named sets against qlib's."""

import polars as pl
import pytest
from polars.testing import assert_series_equal

from tasks.features import evaluate
from taskspecs.expressions.sets import expand

NOISE = {"STD": 2e-6, "WVMA": float("inf"), "VSTD": float("inf")}
"""Where a window is flat, qlib's deviation is what larger values left behind in a running sum, and
WVMA and VSTD divide it by 1e-12 where there is no volume; ours is 0 there."""


@pytest.mark.parametrize("name", ["kbar", "alpha158", "alpha360"])
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_values_are_qlibs(name, market, judge, differ) -> None:
    expressions = expand(name)
    judged = judge(list(expressions.values()))
    ours = evaluate(market, expressions)
    differences = {}
    for i, feature in enumerate(expressions):
        noise = NOISE.get(feature.rstrip("0123456789"), 0.0)
        alive = judged[str(i)].is_null() | (ours[feature] != 0) if noise else slice(None)
        want, got = judged[str(i)], ours[feature]
        if noise:
            want, got = want.filter(alive), got.filter(alive)
        if difference := differ(want, got, noise=0.0 if noise == float("inf") else noise):
            differences[feature] = difference
    assert differences == {}


def test_alpha101_gives_values_that_are_there(market) -> None:
    expressions = expand("alpha101")
    features = evaluate(market, expressions)
    late = features.filter(pl.col("ts") > market["ts"].quantile(0.8))
    shares = late.select(list(expressions)).select(pl.all().is_not_null().mean()).row(0, named=True)
    assert {name: share for name, share in shares.items() if share < 0.3} == {}


def test_alpha101_by_hand(market) -> None:
    """Two of the paper's formulas in Polars' own words."""
    ours = evaluate(market, {name: expand("alpha101")[name] for name in ("ALPHA012", "ALPHA033")})
    frame = market.with_columns(pl.col("close", "open", "volume").cast(pl.Float64))
    own = frame.filter(pl.col("symbol") == "S000").sort("ts")
    change = own["volume"].diff().sign() * -own["close"].diff()
    got = ours.filter(pl.col("symbol") == "S000")["ALPHA012"].cast(pl.Float64)
    assert_series_equal(got, change, check_names=False, rel_tol=1e-4, abs_tol=1e-5)
    ratio = -(1 - pl.col("open") / pl.col("close"))
    rank = frame.select((ratio.rank() / ratio.count()).over("ts")).to_series()
    assert_series_equal(
        ours["ALPHA033"].cast(pl.Float64), rank, check_names=False, rel_tol=1e-4, abs_tol=1e-5
    )
