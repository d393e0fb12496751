"""Whatever goes in, bars come out that later stages can rely on, and the counts add up."""

# ruff: noqa: DTZ001 - local times carry no zone
from __future__ import annotations

import io
import math
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.errors import BadInput
from tasks.ingest import read
from taskspecs.schema import DataSpec

START = datetime(2020, 1, 1)
PRICES = ("open", "high", "low", "close")
numbers = st.one_of(
    st.none(),
    st.floats(min_value=1, max_value=4),
    st.sampled_from([0.0, -1.0, 1e-320, 1.8e308, math.inf, -math.inf, math.nan, 2.0, 3.0]),
)
usable = st.floats(min_value=1, max_value=1000)
rows = st.fixed_dictionaries(
    {
        "symbol": st.sampled_from(["A", "B", "C", "A ", "", None]),
        "date": st.one_of(st.none(), st.integers(0, 9).map(lambda n: START + timedelta(days=n))),
        **dict.fromkeys(("open", "high", "low", "volume", "amount", "vwap"), numbers),
        "close": st.one_of(usable, numbers),
        "adjustment": st.one_of(usable, numbers),
        "known_at": st.one_of(
            st.none(), st.integers(0, 12).map(lambda n: START + timedelta(days=n))
        ),
    }
)
SCHEMA = {"symbol": pl.String, "date": pl.Datetime("us"), "known_at": pl.Datetime("us")}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    return tmp_path_factory.mktemp("properties") / "bars.parquet"


def ingest(frame, path):
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    path.write_bytes(buffer.getvalue())
    return read(DataSpec(source="file", path="bars.parquet"), path)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(rows, min_size=1, max_size=25),
    st.sampled_from(["adj_close", "adj_factor", "factor"]),
)
def test_invariants(landed, content, adjustment):
    schema = SCHEMA | dict.fromkeys((*PRICES, "volume", "amount", "vwap", "adjustment"), pl.Float64)
    frame = pl.DataFrame(content, schema=schema).rename({"adjustment": adjustment})
    ingested = ingested_or_empty(frame, landed)
    if ingested is None:
        return
    bars, health = ingested.bars, ingested.health
    check_frame(bars)
    check_values(bars)
    dropped = health.filter(pl.col("action") == "dropped")["count"].sum()
    assert frame.height == bars.height + dropped
    assert dict(health.select("rule", "count").iter_rows())["rows_delivered"] == bars.height
    assert ingest(frame, landed).bars.equals(bars)


def ingested_or_empty(frame, path):
    """Return None where it is right to refuse: no row has a symbol, a time and a close."""
    usable_rows = frame.filter(
        pl.col("symbol").str.strip_chars() != "",
        pl.col("date").is_not_null(),
        pl.col("close").is_between(1e-12, 1e12),
    )
    if len(usable_rows):
        return ingest(frame, path)
    with pytest.raises(BadInput, match="no row of"):
        ingest(frame, path)
    return None


def check_frame(bars):
    utc = pl.Datetime("us", "UTC")
    assert bars.schema == {
        "symbol": pl.String,
        "ts": utc,
        **dict.fromkeys((*PRICES, "volume", "factor"), pl.Float64),
        "known_at": utc,
        "amount": pl.Float64,
        "vwap": pl.Float64,
    }
    assert bars.select("symbol", "ts").equals(
        bars.select("symbol", "ts").unique().sort("symbol", "ts")
    )
    assert bars.select(pl.col("symbol", "ts", "factor", "known_at").null_count()).row(0) == (0,) * 4
    assert (bars["known_at"] >= bars["ts"]).all()
    assert bars.group_by("symbol").agg(pl.col("factor").first())["factor"].unique().to_list() == [
        1.0
    ]


def check_values(bars):
    floats = bars.select(pl.col(pl.Float64).is_finite().fill_null(value=True).all())
    assert all(floats.row(0))
    for name in (*PRICES, "vwap", "factor"):
        assert (bars[name].drop_nulls() > 0).all()
    assert (bars["volume"].drop_nulls() >= 0).all()
    for name in ("open", "low", "close"):
        assert (bars["high"] >= bars[name]).drop_nulls().all()
    for name in ("open", "close"):
        assert (bars["low"] <= bars[name]).drop_nulls().all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(usable, usable), min_size=3, max_size=12), st.integers(1, 11))
def test_no_bar_depends_on_later_rows(landed, content, cut):
    """Cut the file at any row: what remains of it gives what remains of the bars."""
    frame = pl.DataFrame(
        {
            "date": [START + timedelta(days=n) for n in range(len(content))],
            "close": [close for close, _ in content],
            "adj_close": [adjusted for _, adjusted in content],
        }
    )
    whole = ingest(frame, landed).bars
    early = ingest(frame.head(cut), landed).bars
    assert early.equals(whole.head(cut))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(landed, random):
    days = [START + timedelta(days=n) for n in range(8)]
    frame = pl.DataFrame(
        [(s, day, float(n + 1), float(n + 2)) for s in "BA" for n, day in enumerate(days)],
        schema=["symbol", "date", "close", "volume"],
        orient="row",
    )
    order, columns = list(range(frame.height)), list(frame.columns)
    random.shuffle(order)
    random.shuffle(columns)
    assert ingest(frame[order].select(columns), landed).bars.equals(ingest(frame, landed).bars)
