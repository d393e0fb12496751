"""Plots: what is drawn is what is in the frames."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tasks.report.figures.correlation import draw_correlation
from tasks.report.figures.equity import draw_equity
from tasks.report.figures.harmless import script_json
from tasks.report.figures.holdings import draw_holdings
from tasks.report.figures.importance import draw_importance
from tasks.report.figures.marks import count_by_type
from tasks.report.figures.occurrences import draw_occurrences
from tasks.report.figures.prices import draw_series
from tasks.report.figures.rolling import draw_rolling_sharpe, rolling_sharpe
from tasks.report.figures.trading import draw_trading
from tasks.report.figures.years import draw_years
from tasks.report.verdict.evidence import gather

DTYPES = {"f8": np.float64, "f4": np.float32, "i4": np.int32, "i2": np.int16}


def numbers(content) -> np.ndarray:
    """Read an array as plotly.js would."""
    if isinstance(content, dict):
        return np.frombuffer(base64.b64decode(content["bdata"]), DTYPES[content["dtype"]])
    return np.asarray(content)


def trace(drawing, name: str):
    return next(t for t in drawing.plot["data"] if t.get("name") == name)


def test_equity_ends_where_the_account_does(study):
    drawing = draw_equity(study, gather(study))
    drawn = numbers(trace(drawing, "strategy")["y"])
    assert drawn[-1] == pytest.approx(study.equity["account"][-1] / 1e6, rel=1e-5)
    under = [t for t in drawing.plot["data"] if t["yaxis"] == "y2" and t["name"] == "strategy"]
    assert numbers(under[0]["y"]) == pytest.approx(study.equity["drawdown"].to_numpy(), abs=1e-6)


def test_rolling_sharpe_is_that_of_each_window(study):
    from tasks.backtest.figures.statistics import sharpe, sharpe_error

    returns = study.equity["net_return"]
    value, error = rolling_sharpe(returns, 252, 252.0)
    last = returns.to_numpy()[-252:]
    assert value[-1] == pytest.approx(sharpe(last, 252.0))
    assert error[-1] == pytest.approx(sharpe_error(last, 252.0))
    assert np.isnan(value[:251]).all()


def test_rolling_sharpe_needs_a_period_and_a_moving_account(study):
    assert draw_rolling_sharpe(replace(study, equity=study.equity.head(100))) is None
    idle = study.equity.with_columns(net_return=pl.lit(0.0))
    assert draw_rolling_sharpe(replace(study, equity=idle)) is None


def test_turnover_and_costs_are_all_there(study):
    drawing = draw_trading(study)
    assert numbers(trace(drawing, "turnover")["y"]).sum() == pytest.approx(
        study.equity["turnover"].sum(), rel=1e-5
    )
    assert numbers(trace(drawing, "costs so far")["y"])[-1] == pytest.approx(
        study.equity["cost"].sum(), rel=1e-5
    )


def test_coefficients_add_up(study):
    drawn = numbers(trace(draw_correlation(study), "rank IC, added up")["y"])
    assert drawn[-1] == pytest.approx(study.ic["rank_ic"].sum(), rel=1e-4)
    assert draw_correlation(replace(study, ic=study.ic.clear())) is None


def test_weights_keep_their_mean(study):
    drawing = draw_holdings(study)
    total = sum(numbers(t["y"]).mean() for t in drawing.plot["data"])
    invested = (study.equity["position_value"] / study.equity["account"]).mean()
    assert total == pytest.approx(invested, rel=1e-3)


def test_years_are_compounded(study):
    drawn = numbers(trace(draw_years(study), "strategy")["y"])
    assert drawn == pytest.approx(study.by_year["return"].to_numpy(), rel=1e-5)
    assert draw_years(replace(study, equity=study.equity.tail(20))) is None


def test_every_pattern_is_marked_on_its_series(study):
    for series in draw_series(study, ("AAPL",)):
        marks = [t for t in series.plot["data"] if t["mode"] == "markers"]
        drawn = sum(len(numbers(t["x"])) for t in marks)
        mine = (
            pl.col("symbol") == "AAPL" if series.group == "Symbols" else pl.col("symbol").is_null()
        )
        if series.group == "Market" and series.label != "dispersion":
            assert drawn == 0
        else:
            assert drawn == len(study.patterns.filter(mine))


def test_marks_stand_where_the_price_stood(study):
    (apple, *_) = draw_series(study, ("AAPL",))
    mark = next(t for t in apple.plot["data"] if t["mode"] == "markers")
    close = study.bars.filter(pl.col("symbol") == "AAPL").select("ts", "close")
    found = study.patterns.filter((pl.col("symbol") == "AAPL") & (pl.col("type") == "anomaly"))
    wanted = found.join(close, on="ts", how="left", maintain_order="left")["close"]
    assert numbers(mark["y"]) == pytest.approx(wanted.to_numpy())


def test_occurrences_count_what_they_leave_out(study):
    drawing = draw_occurrences(study, ("AAPL",))
    left = len(study.patterns.filter(pl.col("symbol").is_in(["GOOG", "IBM", "MSFT", "FB"])))
    assert f"{left} patterns of symbols not drawn here." in drawing.notes
    assert draw_occurrences(replace(study, patterns=study.patterns.clear()), ("AAPL",)) is None


def test_counts_are_said_in_words(study):
    one = study.patterns.filter(pl.col("type") == "anomaly").head(1)
    assert count_by_type(one) == "1 anomaly"
    assert "drifts" in count_by_type(study.patterns)


def test_a_series_without_values_is_drawn_empty(study):
    market = study.market.with_columns(breadth=pl.lit(None, pl.Float64))
    breadth = next(
        s for s in draw_series(replace(study, market=market), ()) if s.label == "breadth"
    )
    assert breadth.note == "It has no values."
    assert script_json(breadth.plot)


def test_marks_and_lanes_hold_no_mark_up_of_others(study):
    attack = '<a href="http://evil.example">x</a>'
    named = pl.col("symbol").replace("AAPL", attack)
    hostile = replace(
        study,
        bars=study.bars.with_columns(named),
        positions=study.positions.with_columns(named),
        patterns=study.patterns.with_columns(named, source=pl.lit(attack)),
    )
    (series, *_) = draw_series(hostile, (attack,))
    drawn = [series.plot, draw_occurrences(hostile, (attack,)).plot, draw_holdings(hostile).plot]
    for plot in drawn:
        text = script_json(plot)
        assert "\\u003ca" not in text
        assert "\\u0026lt;a" in text or plot is series.plot
    mark = next(t for t in series.plot["data"] if t["mode"] == "markers")
    assert all("&lt;a href" in text for text in mark["text"])


def test_importance_is_shown_by_what_is_lost_without_a_feature(study):
    importance = pl.DataFrame(
        {
            "window": [0, 0, 0, 1, 1, 1],
            "feature": ["a", "b", "unused"] * 2,
            "gain": [0.7, 0.3, 0.0, 0.5, 0.5, 0.0],
            "permutation": [0.01, 0.04, 0.0, 0.03, 0.02, 0.0],
        }
    )
    drawing = draw_importance(replace(study, importance=importance))
    assert drawing.title == "b matters most out of sample"
    shown = trace(drawing, "fall of the rank IC without it")
    assert list(shown["y"]) == ["a", "b"]
    assert numbers(shown["x"]) == pytest.approx([0.02, 0.03])
    assert numbers(trace(drawing, "share of the fit")["x"]) == pytest.approx([0.6, 0.4])
    assert "2 of 3 features" in drawing.notes[0]
    useless = importance.with_columns(permutation=-pl.col("permutation"))
    drawing = draw_importance(replace(study, importance=useless))
    assert drawing.title == "No feature helped out of sample"
    unknown = importance.with_columns(permutation=pl.lit(None, pl.Float64))
    assert draw_importance(replace(study, importance=unknown)).title == "What the fits used"
    assert draw_importance(study) is None
