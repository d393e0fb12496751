"""New rows computed alone have the bytes of a full computation."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tasks.features import evaluate, evaluate_increment
from tasks.features.compilation.demand import demand
from tasks.features.compilation.plan import compile_plan
from taskspecs.expressions import parse
from taskspecs.expressions.operators import OPERATORS
from taskspecs.expressions.sets import expand

BOUNDED = [
    o.example
    for o in OPERATORS.values()
    if not o.refused and o.scope == "symbol" and o.lookback != "all"
]


def appended(market: pl.DataFrame, expressions: list[str] | dict[str, str], days: int) -> None:
    after = market["ts"].unique().sort()[-1 - days]
    full = evaluate(market, expressions).filter(pl.col("ts") > after)
    assert_frame_equal(evaluate_increment(market, expressions, after=after), full, check_exact=True)


@pytest.mark.parametrize("days", [1, 2, 8, 9])
@pytest.mark.parametrize("name", ["alpha158", "alpha360"])
def test_a_set(market: pl.DataFrame, name: str, days: int) -> None:
    appended(market, expand(name), days)


def test_every_bounded_operator_is_computed_alone(market: pl.DataFrame) -> None:
    for text in BOUNDED:
        assert demand(compile_plan({"x": parse(text)}), 1) is not None, text
    appended(market, BOUNDED, 1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Mean", "Std", "Skew", "Kurt", "Mad", "Med", "Rank", "Resi", "IdxMin", "WMA", "Count"]
        ),
        min_size=1, max_size=3,
    ),
    st.integers(1, 3), st.integers(4, 40), st.integers(1, 9),
)  # fmt: skip
def test_nested_windows(
    market: pl.DataFrame, operators: list[str], days: int, window: int, lag: int
) -> None:
    text = "$close / $open"
    for operator in operators:
        text = f"{operator}(Ref({text}, {lag}) + $volume, {window})"
    appended(market, [text], days)


def test_a_symbol_listed_within_the_lead_in(market: pl.DataFrame) -> None:
    days = market["ts"].unique().sort()
    young = market.filter(pl.col("symbol") == "S000", pl.col("ts") > days[-30])
    gone = market.filter(pl.col("symbol") == "S003", pl.col("ts") < days[-5])
    back = market.filter(
        pl.col("symbol") == "S005", (pl.col("ts") < days[-90]) | (pl.col("ts") == days[-1])
    )
    others = market.filter(~pl.col("symbol").is_in(["S000", "S003", "S005"]))
    appended(pl.concat([young, gone, back, others]), expand("alpha158"), 1)


def test_a_source_shorter_than_the_lead_in(market: pl.DataFrame) -> None:
    days = market["ts"].unique().sort()
    appended(market.filter(pl.col("ts") < days[40]), expand("alpha158"), 1)


def test_times_of_any_spacing(market: pl.DataFrame) -> None:
    days = market["ts"].unique().sort()
    rng = np.random.default_rng(3)
    steps = np.cumsum(rng.choice([1, 1, 1, 90, 86_400 * 40], days.len()))
    moved = pl.Series(steps * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    bars = market.with_columns(pl.col("ts").replace_strict(days, moved))
    for count in (1, 3):
        appended(bars, ["Mean($close, 20)", "Corr($close, $volume, 60)"], count)
