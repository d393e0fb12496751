"""What is refused before anything is computed: by what the data hold, by where they are sealed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from configs.errors import BadInput
from tasks.ingest.bars.selection import NothingInPeriod
from tasks.ingest.sealing import read_open
from tasks.runs.preflight import Extent, check_spec
from taskspecs.schema import DataSpec, TaskSpec

SPEC = {"name": "a", "signal": {"expression": "$close"}, "backtest": {"topk": 1}}
EMPTY = frozenset({"open", "volume"})


def extent(symbols: int = 3) -> Extent:
    first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 12, 31, tzinfo=UTC)
    names = tuple(f"S{number}" for number in range(symbols))
    times = pl.Series([first, last])
    return Extent(names, first.date(), last.date(), first, last, lambda: times, EMPTY)


@pytest.mark.parametrize(
    ("changed", "key", "what"),
    [
        ({"backtest": {"topk": 1, "deal_price": "open"}}, "backtest.deal_price", "no open prices"),
        ({"signal": {"expression": "$close / $open"}}, "signal.expression", "[$]open has no value"),
        (
            {
                "signal": {"expression": "Mean($b, 5)"},
                "features": {"define": {"a": "$volume / 2", "b": "$a + $close"}},
            },
            "signal.expression", "[$]volume has no value",
        ),
        ({"signal": {"expression": "$close", "label": "Ref($open, -2) / Ref($open, -1) - 1"}},
         "signal.label", "[$]open has no value"),
        ({"backtest": {"topk": 3}}, "backtest.n_drop", "bought back a bar later"),
    ],
)  # fmt: skip
def test_what_the_data_do_not_hold_is_refused_with_its_place(changed, key, what):
    with pytest.raises(BadInput, match=what) as refused:
        check_spec(TaskSpec.model_validate(SPEC | changed), extent())
    assert refused.value.place.key == key
    assert refused.value.hint


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"signal": {"expression": "$open", "label": "$close"},
         "features": {"define": {"open": "$close - 1"}}},
        {"features": {"define": {"unused": "$volume"}}},
    ],
)  # fmt: skip
def test_what_is_not_needed_may_be_missing(changed):
    check_spec(TaskSpec.model_validate(SPEC | changed), extent())


@pytest.mark.parametrize("section", [{"normalise": "rank"}, {"neutralise": "market"}])
def test_one_symbol_is_compared_with_no_others(section):
    rules = {"strategy": "weights", "topk": 1, "positive_only": True}
    spec = SPEC | {"backtest": rules, "aggregation": section}
    (key,) = section
    with pytest.raises(BadInput, match="there is one symbol") as refused:
        check_spec(TaskSpec.model_validate(spec), extent(symbols=1))
    assert refused.value.place.key == f"aggregation.{key}"
    check_spec(TaskSpec.model_validate(spec), extent(symbols=2))
    check_spec(TaskSpec.model_validate(SPEC | {"backtest": rules}), extent(symbols=1))


@pytest.fixture
def prices(tmp_path):
    days = pl.date_range(date(2023, 1, 2), date(2023, 3, 31), eager=True)
    frame = pl.DataFrame(
        {"date": days, "symbol": "A", "close": [float(n) for n in range(len(days))]}
    )
    path = tmp_path / "prices.csv"
    frame.filter(pl.col("close") > 0).write_csv(path)
    return path


def look(path, sealed_from, **period):
    data = DataSpec(source="file", path="prices.csv", **period)
    return read_open(data, sealed_from, path, original_name="prices.csv")


def test_a_source_that_is_sealed_as_a_whole_says_so(prices):
    with pytest.raises(BadInput) as refused:
        look(prices, date(2022, 8, 8))
    assert "the seal on these data begins on 2022-08-08" in str(refused.value)
    assert refused.value.place.key == "data"
    with pytest.raises(BadInput, match="seal") as refused:
        look(prices, date(2023, 1, 2), start=date(2020, 1, 1))
    assert refused.value.place.key == "data.start"


def test_an_end_of_ones_own_is_not_put_on_the_seal(prices):
    with pytest.raises(NothingInPeriod) as refused:
        look(prices, date(2023, 2, 1), end=date(2022, 12, 1))
    assert refused.value.place.key == "data.end"
    assert look(prices, date(2023, 2, 1)).bars["ts"].max().date() == date(2023, 1, 31)
