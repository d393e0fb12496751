from datetime import UTC, date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.features import evaluate
from tasks.features.execution import chunks
from taskspecs.expressions.sets import expand

DAYS = [datetime(2024, 1, day, 21, tzinfo=UTC) for day in range(1, 9)]


def bars(**closes: list[float | None]) -> pl.DataFrame:
    """Make bars of symbols whose n-th value belongs to the n-th day."""
    return pl.concat(
        pl.DataFrame(
            {"symbol": [symbol] * len(values), "ts": DAYS[: len(values)], "close": values},
            schema_overrides={"close": pl.Float64},
        )
        for symbol, values in closes.items()
    )


def test_columns_rows_and_types() -> None:
    result = evaluate(bars(B=[1, 2, 4], A=[2, 3]), {"r": "$close / Ref($close, 1) - 1"})
    assert result.schema == {
        "symbol": pl.String, "ts": pl.Datetime("us", "UTC"), "r": pl.Float32,
    }  # fmt: skip
    assert result["symbol"].to_list() == ["A", "A", "B", "B", "B"]
    assert result["r"].to_list() == [None, 0.5, None, 1.0, 1.0]


def test_texts_name_their_columns() -> None:
    assert evaluate(bars(A=[1, 2]), ["$close*2", "$close"]).columns == [
        "symbol", "ts", "$close*2", "$close",
    ]  # fmt: skip


def test_missing_days_count_in_windows() -> None:
    market = bars(A=[1, 2, 3, 4], B=[1, 2, 3, 4]).filter(
        ~((pl.col("symbol") == "B") & (pl.col("ts") == DAYS[1]))
    )
    result = evaluate(market, {"sum": "Sum($close, 2)", "last": "Ref($close, 1)"})
    own = result.filter(pl.col("symbol") == "B")
    assert own["sum"].to_list() == [1.0, 3.0, 7.0]
    assert own["last"].to_list() == [None, None, 3.0]


def test_missing_is_null_and_never_nan() -> None:
    result = evaluate(bars(A=[1, None, float("nan"), 0]), {"x": "$close", "y": "1 / $close"})
    assert result["x"].to_list() == [1.0, None, None, 0.0]
    assert result["y"].to_list() == [1.0, None, None, float("inf")]


def test_any_numeric_column_is_a_field() -> None:
    frame = bars(A=[1, 2, 3]).with_columns(
        Up=pl.Series([True, False, None]), n=pl.Series([1, None, 3], dtype=pl.Int32),
        w=pl.Series(["a", "b", "c"]),
    )  # fmt: skip
    result = evaluate(frame, {"up": "Sum($Up, 2)", "n": "$n + 1"})
    assert result["up"].to_list() == [1.0, 1.0, 0.0]
    assert result["n"].to_list() == [2.0, None, 4.0]
    with pytest.raises(BadInput, match=r"\$w is text"):
        evaluate(frame, ["$w"])


def test_features_are_fields_of_signals() -> None:
    market = bars(A=[1, 2, 4], B=[4, 2, 1])
    features = evaluate(market, {"momentum": "$close / Ref($close, 1)"})
    joined = market.join(features, on=["symbol", "ts"])
    assert evaluate(joined, {"score": "-$momentum"})["score"].to_list() == [
        None, -2.0, -2.0, None, -0.5, -0.5,
    ]  # fmt: skip


def test_labels_look_ahead_only_when_allowed() -> None:
    label = {"label": "Ref($close, -1) / $close - 1"}
    result = evaluate(bars(A=[1, 2, 4]), label, allow_lookahead=True)
    assert result["label"].to_list() == [1.0, 1.0, None]
    with pytest.raises(BadInput, match="label: Ref with a negative shift"):
        evaluate(bars(A=[1, 2, 4]), label)


def test_dates_categories_and_lazy_frames_will_do() -> None:
    frame = bars(A=[1, 2], B=[3, 4]).with_columns(
        pl.col("symbol").cast(pl.Categorical), pl.col("ts").dt.date()
    )
    lazy, eager = evaluate(frame.lazy(), ["$close"]), evaluate(frame, ["$close"])
    assert_frame_equal(lazy, eager)
    assert eager["ts"].to_list()[:2] == [date(2024, 1, 1), date(2024, 1, 2)]


def test_input_is_not_touched(market: pl.DataFrame) -> None:
    before = market.clone()
    evaluate(market, expand("alpha158"))
    assert_frame_equal(market, before)


def test_order_threads_chunks_and_company_do_not_matter(
    market: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    expressions = expand("alpha158")
    full = evaluate(market, expressions, threads=1)
    shuffled = market.sample(fraction=1.0, shuffle=True, seed=1)
    assert_frame_equal(evaluate(shuffled, expressions, threads=2), full, check_exact=True)
    alone = {name: expressions[name] for name in ("STD60", "CORD30", "QTLU20")}
    assert_frame_equal(
        evaluate(market, alone), full.select("symbol", "ts", *alone), check_exact=True
    )
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 1_000)
    assert_frame_equal(evaluate(market, expressions, threads=3), full, check_exact=True)


def test_no_rows_give_no_rows() -> None:
    result = evaluate(bars(A=[1.0]).clear(), ["Mean($close, 5)"])
    assert result.shape == (0, 3)


def test_no_expressions_give_the_keys() -> None:
    assert evaluate(bars(A=[1.0]), {}).columns == ["symbol", "ts"]


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pl.concat([bars(A=[1, 2]), bars(A=[1])]), "more than one row of A at 2024-01-01"),
        (bars(A=[1, 2]).with_columns(ts=None), "`ts` must be Datetime or Date"),
        (bars(A=[1, 2]).with_columns(symbol=pl.lit(None, pl.String)), "2 rows without symbol"),
        (bars(A=[1, 2]).drop("ts"), "no column 'ts'"),
    ],
    ids=["doubled", "untimed", "nameless", "keyless"],
)
def test_unusable_bars_are_refused(frame: pl.DataFrame, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        evaluate(frame, ["$close"])


def test_wrong_expressions_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match="mine: there is no operator 'Maen'"):
        evaluate(bars(A=[1]), {"mine": "Maen($close, 5)"})
    with pytest.raises(BadInput, match="cannot be named 'ts'"):
        evaluate(bars(A=[1]), {"ts": "$close"})
    with pytest.raises(BadInput, match="not one text"):
        evaluate(bars(A=[1]), "$close")
