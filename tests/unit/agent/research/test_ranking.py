"""What trials are worth, given how many there were, and what a placebo keeps and loses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from agent.research.drawing import draw_notebook, write_notebook
from agent.research.notebook import Notebook
from agent.research.placebo import shuffle
from agent.research.ranking import rank
from agent.research.steps import Step

DAYS = pl.date_range(date(2010, 1, 1), date(2012, 12, 31), eager=True)


def step(number, sharpe, hypothesis="why"):
    return Step(
        number, None, "horizon", hypothesis, {}, f"idea{number}", f"run{number}", f"s@{number}",
        {"sharpe": sharpe}, "",
    )  # fmt: skip


def series(seed, mean=0.0):
    noise = np.random.default_rng(seed).normal(mean, 0.01, len(DAYS))
    return pl.DataFrame({"ts": DAYS, "net_return": noise})


def test_more_trials_on_the_data_make_each_of_them_worth_less():
    steps, returns = [step(0, 1.0), step(1, 2.0)], {0: series(0), 1: series(1, 0.001)}
    few, many = (rank(steps, returns, trials=count) for count in (2, 500))
    assert [each.step.number for each in few] == [1, 0]
    assert many[0].deflated < few[0].deflated


def test_the_same_bet_is_said_to_be_one():
    twin = series(1, 0.001).with_columns(pl.col("net_return") * 0.9)
    ranked = rank(
        [step(0, 1.0), step(1, 1.1), step(2, 0.5)],
        {0: series(1, 0.001), 1: twin, 2: series(2)},
        trials=3,
    )
    assert sorted(each.same_as for each in ranked if each.same_as is not None) == [
        ranked[0].step.number
    ]
    assert {ranked[0].step.number, ranked[1].step.number} == {0, 1}


def test_a_trial_without_returns_comes_last():
    ranked = rank([step(0, 5.0), step(1, 0.1)], {1: series(1)}, trials=2)
    assert [each.step.number for each in ranked] == [1, 0]
    assert ranked[1].deflated is None


def test_a_placebo_keeps_each_days_moves_and_loses_their_order():
    rng = np.random.default_rng(0)
    frames = []
    for symbol in ("AAA", "BBB"):
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS))))
        frames.append(
            pl.DataFrame({"symbol": symbol, "ts": DAYS, "open": close * 0.99, "high": close * 1.01,
                          "low": close * 0.98, "close": close, "volume": rng.random(len(DAYS))})
        )  # fmt: skip
    bars = pl.concat(frames)
    made = shuffle(bars)
    assert sorted(set(made["symbol"])) == ["P001", "P002"]
    assert made["ts"].unique().sort().equals(DAYS)
    for real, placebo in (("AAA", "P001"), ("BBB", "P002")):
        before, after = (
            frame.filter(pl.col("symbol") == name).sort("ts")["close"].log().diff().drop_nulls()
            for frame, name in ((bars, real), (made, placebo))
        )
        assert not before.equals(after)
        np.testing.assert_allclose(before.sort()[5:-5].mean(), after.sort()[5:-5].mean(), atol=1e-4)
    np.testing.assert_allclose(made["high"] / made["close"], 1.01)
    assert shuffle(bars).equals(made)


@pytest.mark.parametrize("poison", ["a | b", "[x](javascript:1)", "<script>", "line\nline"])
def test_words_of_others_stay_within_their_cell(poison):
    spoken = replace(step(0, 1.0, poison), words=poison, by="openai:one")
    notebook = Notebook(
        poison, rank([spoken], {0: series(0)}, trials=1), ended="e", trials=1,
        passed_over=[{"hypothesis": poison, "because": poison}], proposed=[],
    )  # fmt: skip
    text = write_notebook(notebook)
    (row,) = [line for line in text.splitlines() if line.startswith("| 0 ")]
    assert row.replace("\\|", "").count("|") == 11
    assert "<script" not in text
    assert "[x](" not in text.replace("\\[", "")
    page = draw_notebook(notebook)
    assert "<script" not in page
    assert page.count("<td ") == 10
