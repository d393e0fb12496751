"""Operators across symbols against Polars' own arithmetic."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from configs.errors import BadInput
from tasks.features import evaluate, evaluate_increment, stream

ROUNDED = 1e-5
"""What passes from symbol to symbol is rounded to 32 bits, of prices around a hundred."""

X = pl.col("x").cast(pl.Float64)
MEAN, STD = X.mean().over("ts"), X.std().over("ts")

ORACLES = {
    "CSRank($close)": X.rank().over("ts") / X.count().over("ts"),
    "CSZScore($close)": pl.when(STD > 0).then((X - MEAN) / STD),
    "CSDemean($close)": X - MEAN,
    "CSScale($close)": X / X.abs().sum().over("ts"),
    "CSWinsorise($close, 0.1)": X.clip(
        X.quantile(0.1, "linear").over("ts"), X.quantile(0.9, "linear").over("ts")
    ),
    "CSNeutralise($close, $sector)": pl.when(pl.col("sector").is_not_null()).then(
        X - X.mean().over("ts", "sector")
    ),
}


@pytest.fixture
def sectors(market: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("symbol").str.slice(1).cast(pl.Int32)
    return market.with_columns(sector=pl.when(code != 4).then(code % 3))


@pytest.mark.parametrize("text", ORACLES)
def test_values(text: str, sectors: pl.DataFrame) -> None:
    ours = evaluate(sectors, {"y": text})["y"].cast(pl.Float64)
    frame = sectors.with_columns(x=pl.col("close").fill_nan(None))
    want = frame.select(y=ORACLES[text])["y"].cast(pl.Float64)
    assert_series_equal(ours, want, rel_tol=1e-5, abs_tol=1e-5)


def test_cross_sections_and_windows_go_into_each_other(market: pl.DataFrame) -> None:
    nested = evaluate(market, {"y": "CSRank(Mean(CSDemean($close), 5)) * 2"})
    inner = market.join(evaluate(market, {"d": "CSDemean($close)"}), on=["symbol", "ts"])
    middle = inner.join(evaluate(inner, {"m": "Mean($d, 5)"}), on=["symbol", "ts"])
    by_hand = evaluate(middle, {"y": "CSRank($m) * 2"})
    assert_frame_equal(nested, by_hand, check_exact=True)


def test_absent_rows_take_no_part() -> None:
    frame = pl.DataFrame(
        {"symbol": ["A", "A", "B", "C", "C"], "day": [1, 2, 1, 1, 2], "x": [1.0, 2, 3, 5, 1]}
    ).with_columns(ts=pl.date(2024, 1, pl.col("day")))
    assert evaluate(frame, {"r": "CSRank($x)"})["r"].round(3).to_list() == pytest.approx(
        [0.333, 1.0, 0.667, 1.0, 0.5], abs=1e-3
    )


def test_tails_are_checked(market: pl.DataFrame) -> None:
    with pytest.raises(BadInput, match=r"from 0 to below 0\.5"):
        evaluate(market, ["CSWinsorise($close, 0.7)"])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_another_symbols_values_are_qlibs(market: pl.DataFrame, new_judge, differ) -> None:
    texts = [
        "ChangeInstrument('S000', $close)",
        "$close - ChangeInstrument('S000', Mean($close, 5))",
        "Corr($close / Ref($close, 1), ChangeInstrument('S000', $close / Ref($close, 1)), 20)",
        "$close / Mask($close, 's000')",
    ]
    listed = market.filter(pl.col("symbol").is_in(["S000", "S003", "S005"]))  # on the same days
    upper = [text.replace("s000", "S000") for text in texts]
    ours = evaluate(listed, {str(i): text for i, text in enumerate(upper)})
    judged = new_judge(listed)(texts)
    for i, text in enumerate(texts):
        assert differ(judged[str(i)], ours[str(i)], noise=ROUNDED) == "", text


def test_another_symbols_absence_is_missing() -> None:
    frame = pl.DataFrame(
        {"symbol": ["A", "A", "B", "B"], "day": [1, 3, 1, 2], "x": [1.0, 2, 3, 4]}
    ).with_columns(ts=pl.date(2024, 1, pl.col("day")))
    result = evaluate(frame, {"y": "ChangeInstrument('B', $x) + ChangeInstrument('A', $x)"})
    assert result["y"].to_list() == [4.0, None, 4.0, None]


def test_an_unknown_symbol_is_refused(market: pl.DataFrame) -> None:
    with pytest.raises(BadInput, match="did you mean 'S001'"):
        evaluate(market, ["ChangeInstrument('S0001', $close)"])


def test_groups_may_be_words(sectors: pl.DataFrame, tmp_path) -> None:
    words = pl.col("sector").replace_strict({0: "bank", 1: "tech", 2: "oil"}, default=None)
    named = sectors.with_columns(sector=words)
    text = {"y": "CSNeutralise(Mean($close, 5), $sector)"}
    want = evaluate(sectors, text)
    assert_frame_equal(evaluate(named, text), want, check_exact=True)
    categories = named.with_columns(pl.col("sector").cast(pl.Categorical))
    batches = pl.concat(stream(categories, text, batch_rows=500))
    assert_frame_equal(batches, want, check_exact=True)
    after = sectors["ts"].unique().sort()[-3]
    assert_frame_equal(
        evaluate_increment(named, text, after=after), want.filter(pl.col("ts") > after)
    )


@pytest.mark.parametrize("text", ["$sector", "CSRank($sector)", "CSNeutralise($sector, $sector)"])
def test_words_are_only_groups(sectors: pl.DataFrame, text: str) -> None:
    named = sectors.with_columns(sector=pl.col("sector").cast(pl.String))
    with pytest.raises(BadInput, match=r"\$sector is text"):
        evaluate(named, [text])
