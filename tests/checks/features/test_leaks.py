"""Planted leaks are caught, clean computations are left alone."""

import numpy as np
import polars as pl

from tasks.features import evaluate
from tasks.features.leak.check import check_leaks
from taskspecs.expressions.sets import expand


def test_no_shipped_set_leaks(market: pl.DataFrame) -> None:
    for name in ("kbar", "alpha101", "alpha158"):
        verdict = check_leaks(lambda frame, n=name: evaluate(frame, expand(n)), market, cuts=3)
        assert verdict.clean, str(verdict)
        assert "no look-ahead" in str(verdict)


def test_a_label_is_a_leak_and_located(market: pl.DataFrame) -> None:
    verdict = check_leaks(
        lambda frame: evaluate(
            frame, {"fine": "$close", "label": "Ref($close, -1)"}, allow_lookahead=True
        ),
        market,
    )
    assert not verdict.clean
    assert verdict.leak is not None
    assert (verdict.leak.column, verdict.leak.symbol) == ("label", "S000")
    assert verdict.leak.ts == verdict.leak.known
    assert verdict.leak.without_future is None


def test_chance_is_not_called_a_leak(market: pl.DataFrame) -> None:
    rng = np.random.default_rng(1)
    verdict = check_leaks(
        lambda frame: frame.select("symbol", "ts", x=pl.col("close") * rng.random()), market
    )
    assert not verdict.deterministic
    assert not verdict.clean
    assert "not deterministic" in str(verdict)


def test_late_rows_count_from_when_they_were_known(market: pl.DataFrame) -> None:
    known = pl.col("ts") + pl.when(pl.int_range(pl.len()) % 50 == 7).then(
        pl.duration(days=9)
    ).otherwise(pl.duration(hours=1))
    verdict = check_leaks(
        lambda frame: evaluate(frame, {"ma": "Mean($close, 5)"}),
        market.with_columns(known_at=known),
    )
    assert not verdict.clean
    prompt = market.with_columns(known_at=pl.col("ts") + pl.duration(hours=9))
    assert check_leaks(lambda frame: evaluate(frame, {"ma": "Mean($close, 5)"}), prompt).clean


def test_the_cost_is_bounded(market: pl.DataFrame) -> None:
    seen: list[int] = []

    def compute(frame: pl.DataFrame) -> pl.DataFrame:
        seen.append(frame.height)
        return evaluate(frame, {"x": "$close"})

    verdict = check_leaks(compute, market, cuts=2, max_rows=900)
    assert verdict.clean
    assert max(seen) <= 1_000
    assert len(seen) == 3
