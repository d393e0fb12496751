"""Summaries of information coefficients, against statsmodels and by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from statsmodels.regression.linear_model import OLS

from tasks.signal import summarise
from tasks.signal.summary import newey_west_lags, newey_west_t


def series(values):
    return pl.DataFrame(
        {"ic": values, "rank_ic": values, "n": [5] * len(values)}, schema_overrides={"ic": float}
    )


@pytest.mark.parametrize("lags", [0, 1, 4, 20])
def test_newey_west_equals_statsmodels(lags):
    random = np.random.default_rng(4)
    values = np.convolve(random.normal(0.05, 1, 300), np.ones(5), mode="valid")
    fitted = OLS(values, np.ones_like(values)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
    )
    assert newey_west_t(values, lags) == pytest.approx(fitted.tvalues[0], rel=1e-12)


def test_newey_west_by_hand():
    # deviations -1 1 -1 1; lag 1: weight 1/2, sum of products -3; 4 + 2 * 1/2 * -3 = 1
    assert newey_west_t(np.array([0.0, 2.0, 0.0, 2.0]), 1) == pytest.approx(4.0)


def test_newey_west_is_undefined_without_variation():
    assert newey_west_t(np.array([0.1, 0.1, 0.1]), 1) is None
    assert newey_west_t(np.array([0.1]), 0) is None


@pytest.mark.parametrize(
    ("observations", "overlap", "lags"),
    [(100, 0, 4), (1_250, 0, 7), (100, 20, 20), (5, 20, 4), (1, 3, 0), (0, 0, 0)],
)
def test_lags(observations, overlap, lags):
    assert newey_west_lags(observations, overlap) == lags


def test_summary():
    table = summarise(series([0.1, 0.3, None, 0.2]), overlap=1)
    figures = dict(table.select("name", "value").iter_rows())
    assert figures["ic_mean"] == pytest.approx(0.2)
    assert figures["icir"] == pytest.approx(2.0)
    assert figures["rank_icir"] == pytest.approx(2.0)
    assert figures["ic_decisions"] == 3
    # deviations -.1 .1 0; lag 1: weight 1/2, -.01; .02 - .01 = .01
    assert figures["ic_t"] == pytest.approx(0.2 * 3 / math.sqrt(0.01))
    assert "Newey-West, 1 lags" in table.filter(name="ic_t")["note"][0]


def test_nothing_defined_gives_nulls():
    table = summarise(series([None, None]))
    assert table.filter(pl.col("unit") != "count")["value"].to_list() == [None] * 6
    assert table.filter(name="ic_decisions")["value"].to_list() == [0.0]
