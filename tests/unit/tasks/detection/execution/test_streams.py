from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from configs.errors import BadInput
from tasks.detection import detect, patterns, watched
from tasks.detection.series.scores import SCHEMA
from taskspecs.detectors import Adwin, HalfSpaceTreesDetector

DRIFT = Adwin(detector="adwin", watch="$a")
MARKET = Adwin(detector="adwin", watch="$breadth", scope="market")
TREES = HalfSpaceTreesDetector(
    detector="half_space_trees", watch=("$a", "$b"), window_bars=50, quantile=0.98, n_trees=5
)
DETECTORS = [DRIFT, TREES, MARKET]
NOTHING = pl.DataFrame(schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")})


def series(symbol: str, seed: int, bars: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    first = datetime(2024, 1, 1, tzinfo=UTC)
    values = rng.normal(size=(bars, 3))
    values[bars // 2 :] += 3
    values[bars - 20] = 30
    return pl.DataFrame(
        {
            "symbol": symbol,
            "ts": pl.datetime_range(
                first, interval="1d", eager=True, end=datetime(2030, 1, 1, tzinfo=UTC)
            )[:bars],
            "$a": values[:, 0],
            "$b": values[:, 1],
            "$breadth": values[:, 2],
        }
    )


@pytest.fixture(scope="module")
def symbols() -> pl.DataFrame:
    return pl.concat([series("A", 1), series("B", 2)]).drop("$breadth")


@pytest.fixture(scope="module")
def market() -> pl.DataFrame:
    return series("", 3).select("symbol", "ts", "$breadth")


def test_what_is_watched_is_named_by_its_text() -> None:
    assert watched(DETECTORS) == {
        "symbol": {"$a": "$a", "$b": "$b"},
        "market": {"$breadth": "$breadth"},
    }


def test_patterns_have_the_stored_shape_and_order(symbols, market) -> None:
    found = detect(symbols, market, DETECTORS).patterns
    assert found.schema == patterns.SCHEMA
    assert set(found["type"]) == {"drift", "anomaly"}
    assert set(found["symbol"]) == {None, "A", "B"}
    order = ["ts", "symbol", "detector", "source", "pattern_id"]
    assert found.equals(found.sort(order))
    assert found["confidence"].is_between(0, 1).all()


def test_a_pattern_says_what_it_was_watching_and_since_when(symbols, market) -> None:
    found = detect(symbols, market, DETECTORS).patterns
    drift = found.filter(type="drift", symbol="A").row(0, named=True)
    assert (drift["source"], drift["detector"]) == ("$a", "adwin")
    prev, new = json.loads(drift["prev_state"]), json.loads(drift["new_state"])
    assert prev["mean"]["value"] == pytest.approx(0, abs=0.3)
    assert new["mean"]["value"] == pytest.approx(3, abs=0.8)
    assert prev["bars"]["unit"] == "bars"
    metrics = json.loads(drift["metrics"])
    since = datetime.fromisoformat(metrics["since"]["value"])
    assert abs((since - symbols["ts"][150]).days) <= 2
    assert metrics["settings"] == DRIFT.model_dump(mode="json")


def test_the_id_follows_from_the_row_alone(symbols, market) -> None:
    found = detect(symbols, market, DETECTORS).patterns
    for row in found.iter_rows(named=True):
        assert patterns.pattern_id(row) == row["pattern_id"]
    assert found["pattern_id"].is_unique().all()


def test_scores_are_there_where_something_was_measured(symbols, market) -> None:
    scores = detect(symbols, market, DETECTORS).scores
    assert scores.schema == SCHEMA
    assert scores["score"].is_finite().all()
    trees = scores.filter(detector="half_space_trees", symbol="A")
    assert trees["ts"].min() == symbols["ts"][20 + TREES.window_bars]
    assert set(scores.filter(pl.col("symbol").is_null())["source"]) == {"$breadth"}


def test_the_market_needs_no_symbol(symbols, market) -> None:
    one = detect(NOTHING, market, [MARKET])
    other = detect(NOTHING, market.drop("symbol"), [MARKET])
    assert one.patterns.equals(other.patterns)
    assert len(one.patterns)


def test_symbols_do_not_touch_each_other(symbols) -> None:
    both = detect(symbols, NOTHING, DETECTORS[:2]).patterns
    alone = detect(symbols.filter(symbol="B"), NOTHING, DETECTORS[:2]).patterns
    assert both.filter(symbol="B").equals(alone)


def test_equal_detectors_run_once(symbols) -> None:
    once = detect(symbols, NOTHING, [DRIFT])
    twice = detect(symbols, NOTHING, [DRIFT, DRIFT.model_copy()])
    assert twice.scores.equals(once.scores)


def test_without_detectors_there_is_nothing(symbols, market) -> None:
    result = detect(symbols, market, [])
    assert result.patterns.schema == patterns.SCHEMA
    assert result.patterns.is_empty()
    assert result.scores.is_empty()


def test_a_column_that_is_not_there_is_named(symbols) -> None:
    with pytest.raises(BadInput, match=r"'\$aa'.*not computed") as error:
        detect(symbols, NOTHING, [Adwin(detector="adwin", watch="$aa")])
    assert "did you mean '$a'" in str(error.value)


def test_two_rows_at_one_time_are_refused(symbols, market) -> None:
    with pytest.raises(BadInput, match="A has more than one row at 2024-01-01"):
        detect(pl.concat([symbols, symbols[:1]]), NOTHING, [DRIFT])
    with pytest.raises(BadInput, match="the market has more than one row"):
        detect(NOTHING, pl.concat([market, market]), [MARKET])


def test_numbers_that_json_cannot_say_are_null() -> None:
    step = pl.DataFrame(
        {"symbol": "A", "ts": series("A", 0)["ts"], "$a": [0.0] * 150 + [1.0] * 150}
    )
    found = detect(step, NOTHING, [DRIFT]).patterns
    assert json.loads(found["metrics"][0])["effect"]["value"] is None
    assert found["confidence"][0] == 1.0


def test_progress_is_told_series_by_series(symbols, market) -> None:
    told: list[float] = []
    detect(symbols, market, DETECTORS, progress=told.append)
    assert told == [1 / 3, 2 / 3, 1.0]
