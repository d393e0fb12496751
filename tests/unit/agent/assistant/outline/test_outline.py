"""A first TaskSpec follows from the bars, is a valid study, and says why it is what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.assistant.outline.facts import Facts, learn
from agent.assistant.outline.outline import outline
from agent.assistant.outline.writing import write
from configs.document import read_document
from configs.errors import BadInput
from tasks.backtest.refusals.refusals import refuse_impossible
from taskspecs.catalogue import shipped
from taskspecs.load import parse

START = datetime(2020, 1, 1, 23, tzinfo=UTC)
DATA = {"source": "file", "path": "data/prices.csv"}
BARE = frozenset({"open", "high", "low", "volume", "vwap", "amount"})


def bars(symbols: int, days: int = 400, *, weekends: bool = False, price: float = 50.0):
    times = [START + timedelta(days=n) for n in range(days)]
    kept = [ts for ts in times if weekends or ts.weekday() < 5]
    return pl.DataFrame(
        [
            {"symbol": f"S{n}", "ts": ts, "close": price, "factor": 1.0}
            for n in range(symbols)
            for ts in kept
        ]
    )


def facts(**more) -> Facts:
    day = START.date()
    known = {
        "symbols": ("A", "B", "C", "D", "E"), "beside": 5, "bars": 2_000, "frequency": "day",
        "first": day, "last": day + timedelta(days=2_000), "missing": frozenset(),
        "weekends": False, "price": 50.0,
    }  # fmt: skip
    return Facts(**{**known, **more})


@pytest.mark.parametrize(
    ("symbols", "topk", "n_drop"), [(2, 1, 1), (3, 1, 1), (5, 2, 1), (30, 12, 1), (300, 50, 5)]
)
def test_how_many_are_held_follows_from_how_many_there_are(symbols, topk, n_drop):
    made = outline("study", learn(bars(symbols), "day"), DATA).document["backtest"]
    assert (made["topk"], made["n_drop"]) == (topk, n_drop)
    assert topk + n_drop <= symbols, "there is always something to replace one by"


def test_one_symbol_is_held_while_its_signal_is_above_zero():
    document = outline("study", learn(bars(1), "day"), DATA).document
    rule = {key: document["backtest"][key] for key in ("strategy", "topk", "positive_only")}
    assert rule == {"strategy": "weights", "topk": 1, "positive_only": True}
    assert "aggregation" not in document, "a rank of one symbol hides the sign of its signal"


def test_symbols_that_follow_one_another_are_one_at_a_time():
    early, late = bars(1, 200), bars(1, 200)
    late = late.with_columns(pl.lit("Z").alias("symbol"), pl.col("ts") + timedelta(days=300))
    assert learn(pl.concat([early, late]), "day").single


def test_a_market_without_weekends_has_other_costs():
    week, always = (
        outline("study", learn(bars(3, weekends=each), "day"), DATA).document["backtest"]["costs"]
        for each in (False, True)
    )
    assert (week["close_bps"], always["close_bps"]) == (15, 5)
    assert always["min_fee"] == 0


def test_the_account_can_buy_what_is_dear():
    document = outline("study", learn(bars(3, price=600_000.0), "day"), DATA).document
    assert document["backtest"]["account"] >= 100 * 600_000


def test_an_index_among_the_symbols_is_what_is_compared_with():
    made = outline("study", facts(symbols=("A", "B", "C", "spy", "Z")), DATA)
    assert made.document["backtest"]["benchmark"] == "spy"


@pytest.mark.parametrize("base", [None, *shipped()])
@pytest.mark.parametrize("single", [False, True])
def test_every_shipped_idea_fits_other_bars(base, single):
    study = read_document(shipped()[base]).value if base else None
    known = facts(symbols=("A",), beside=1) if single else facts()
    made = outline("study", known, DATA, study)
    spec = parse(write(made, command="qraft new study"))
    assert spec.name == "study"
    refuse_impossible(spec.backtest, known.symbols, known.first, known.last)
    if spec.backtest.strategy == "topk_dropout":
        assert spec.backtest.topk + spec.backtest.n_drop <= known.beside


@given(
    beside=st.integers(1, 900), count=st.integers(60, 10_000), weekends=st.booleans(),
    frequency=st.sampled_from(["1min", "5min", "15min", "30min", "1h", "day", "week", "month"]),
    price=st.floats(1e-6, 1e7), bare=st.booleans(),
)  # fmt: skip
def test_what_is_written_is_what_was_chosen(  # noqa: PLR0917
    beside, count, weekends, frequency, price, bare
):
    known = facts(
        symbols=tuple(f"S{n}" for n in range(beside)), beside=beside, bars=count, price=price,
        weekends=weekends, frequency=frequency, missing=BARE if bare else frozenset(),
    )  # fmt: skip
    section = DATA if frequency == "day" else {**DATA, "frequency": frequency}
    made = outline("study", known, section)
    text = write(made, command="qraft new study --data 'a file'")
    assert yaml.safe_load(text) == made.document
    spec = parse(text)
    refuse_impossible(spec.backtest, known.symbols, known.first, known.last)
    for choice in made.choices:
        assert choice.why in text


def test_what_the_bars_lack_is_left_out_and_said():
    study = read_document(shipped()["us_momentum"]).value
    made = outline("study", facts(missing=frozenset({"volume"})), DATA, study)
    assert "relative_volume" not in made.document["features"]["define"]
    (trees,) = [d for d in made.document["detection"] if d["detector"] == "half_space_trees"]
    assert "$relative_volume" not in trees["watch"]
    assert "# relative_volume is left out" in write(made, command="qraft new")


def test_a_signal_of_what_the_bars_lack_is_refused():
    study = read_document(shipped()["us_momentum"]).value
    study["signal"]["expression"] = "$momentum * $relative_volume"
    with pytest.raises(BadInput, match=r"reads \$relative_volume.*do not have"):
        outline("study", facts(missing=frozenset({"volume"})), DATA, study)


def test_a_signal_that_looks_further_back_than_the_bars_is_refused():
    study = read_document(shipped()["us_momentum"]).value
    with pytest.raises(BadInput, match="looks back 120 bars, and there are 100"):
        outline("study", facts(bars=100), DATA, study)


def test_a_models_windows_shrink_to_the_bars():
    study = read_document(shipped()["alpha158_lightgbm"]).value
    made = outline("study", facts(bars=500), DATA, study)
    windows = made.document["signal"]["model"]["windows"]
    assert windows["train_bars"] + windows["valid_bars"] + windows["test_bars"] < 500
    assert windows["embargo_bars"] == 5
