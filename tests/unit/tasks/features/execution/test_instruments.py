"""Other instruments in expressions, wherever they stand, against qlib itself.

All symbols of `level` have the same first and last day, and days without rows in between: on other
spans qlib refuses comparisons and conditions that mix two instruments. `uneven` has symbols that
were listed late and that ended early; what differs there is named in the table at the end.
"""

from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tasks.features import evaluate, evaluate_increment, stream
from tests.unit.tasks.features.conftest import make_symbol
from tests.unit.tasks.features.test_random import FIELDS, NOISE, NUMBER, SHIFT

WINDOW = st.sampled_from([1, 2, 3, 5, 8, 20])
EXAMPLES, TOGETHER = 60, 4
TEXTS = {
    "max_examples": EXAMPLES, "deadline": None, "derandomize": True, "phases": [Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}  # fmt: skip


def panel(kinds: str, days: int = 140) -> pl.DataFrame:
    draw = np.random.default_rng(77)
    calendar = np.busday_offset("2019-01-01", np.arange(days), roll="forward")
    frames = [make_symbol(draw, f"S{i:03d}", calendar, k) for i, k in enumerate(kinds.split())]
    return pl.concat(frames).sort("symbol", "ts")


@pytest.fixture(scope="module")
def level(new_judge):
    bars = panel("plain holes ties holes flat")
    return bars, new_judge(bars)


@pytest.fixture(scope="module")
def uneven(new_judge):
    bars = panel("plain holes late holes late")
    last = bars["ts"].unique().sort()[99]
    bars = bars.filter((pl.col("symbol") != "S003") | (pl.col("ts") <= last))
    return bars, new_judge(bars), last


def _format(template, *parts):
    return st.tuples(*parts).map(lambda values: template.format(*values))


def other(series, symbols):
    return _format("ChangeInstrument('{}', {})", st.sampled_from(symbols), series)


@cache
def exact(depth, symbols):
    """Draw a series whose bytes are qlib's, of any instrument, mixed in any way."""
    if depth == 0:
        return FIELDS | other(FIELDS, symbols)
    x = st.deferred(lambda: exact(depth - 1, symbols))
    windows = st.sampled_from(["Max", "Min", "Count", "IdxMax", "IdxMin", "Rank"])
    return st.one_of(
        other(x, symbols), other(x, symbols),
        _format("({} {} {})", x, st.sampled_from("+-*"), x | NUMBER),
        _format("({} / {})", x, FIELDS),
        _format("{}({}, {})", st.sampled_from(["Greater", "Less"]), x, x | NUMBER),
        _format("Ref({}, {})", x, SHIFT),
        _format("Delta({}, {})", x, SHIFT),
        _format("{}({}, {})", windows, x, WINDOW),
        _format("Sign({})", x),
        _format("If({} {} {}, {}, {})", x, st.sampled_from([">", "<=", "!="]), x, x, x | NUMBER),
        _format("If(({} > {}) & ({} <= {}), {}, {})", x, x, x, x, x, x),
    )  # fmt: skip


@cache
def smooth(depth, symbols):
    """Draw a series that may differ from qlib's in its last digits; nothing here has to agree on
    first and last days."""
    x = st.deferred(lambda: smooth(depth - 1, symbols)) if depth > 1 else FIELDS
    x |= other(x, symbols)
    means = st.sampled_from(["Mean", "Sum", "Mad", "EMA", "Med", "Max", "Min"])
    return st.one_of(
        _format("{}({}, {})", means, x, WINDOW),
        _format("{}({}, {})", st.sampled_from(["Std", "Var"]), x, st.sampled_from([5, 8, 20])),
        _format("Cov({}, {}, {})", x, x, st.sampled_from([3, 10, 20])),
        _format("({} {} {})", x, st.sampled_from("+-"), x),
        _format("({} / {})", x, FIELDS.filter(lambda name: name != "$volume")),
        _format("Ref({}, {})", x, SHIFT),
        _format("{}({}, {})", st.sampled_from(["Greater", "Less"]), x, x),
    )  # fmt: skip


def compare(texts, bars, judge, differ, *, relative, noise, until=None):
    judged = judge(texts)
    ours = evaluate(bars, {str(i): text for i, text in enumerate(texts)})
    if until is not None:
        judged, ours = (frame.filter(pl.col("ts") <= until) for frame in (judged, ours))
    for i, text in enumerate(texts):
        want, got = judged[str(i)], ours[str(i)]
        largest = max(want.filter(want.is_finite()).abs().max() or 0.0, 1.0)
        assert differ(want, got, relative=relative, noise=noise * largest) == "", text


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(**TEXTS)
@given(
    texts=st.lists(
        exact(3, ("S000", "S001", "S003")), min_size=TOGETHER, max_size=TOGETHER, unique=True
    )
)
def test_any_mixture_on_equal_spans(texts, level, differ) -> None:
    compare(texts, *level, differ, relative=2e-7, noise=0.0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(**TEXTS)
@given(
    texts=st.lists(
        smooth(3, ("S000", "S001", "S002", "S003")), min_size=TOGETHER, max_size=TOGETHER,
        unique=True,
    )
)  # fmt: skip
def test_any_mixture_of_sums_on_uneven_spans(texts, uneven, differ) -> None:
    bars, judge, last = uneven
    compare(texts, bars, judge, differ, relative=1e-5, noise=NOISE, until=last)


RETURN = "$close / Ref($close, 1) - 1"
OTHER = f"ChangeInstrument('S003', {RETURN})"
PAIRS = [
    f"Cov({RETURN}, {OTHER}, 60) / Var({OTHER}, 60)", f"Corr({RETURN}, {OTHER}, 20)",
    f"Corr({OTHER}, {RETURN}, 20)", f"Cov({OTHER}, {RETURN}, 20)", f"Rank({OTHER}, 10)",
    f"Slope({RETURN} - {OTHER}, 10)", f"Resi({RETURN} - {OTHER}, 10)",
    f"Rsquare({OTHER}, 10)", f"WMA({OTHER}, 5)", f"Skew({RETURN} - {OTHER}, 12)",
    f"Kurt({OTHER}, 12)", f"Quantile({RETURN} - {OTHER}, 10, 0.3)",
    "Mean(ChangeInstrument('S003', $close), 0)", "EMA(ChangeInstrument('S003', $close), 0.2)",
    "Sum($close > ChangeInstrument('S003', $close), 5)",
    "Mean(If($close > 30, ChangeInstrument('S003', $close), $open), 5)",
    "ChangeInstrument('S001', $close - ChangeInstrument('S003', Mean($close, 3)))",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_named_pairs_on_equal_spans(level, differ) -> None:
    compare(PAIRS, *level, differ, relative=1e-5, noise=1e-7)


def test_conditions_of_another_instrument_mix_with_ones_own() -> None:
    frame = pl.DataFrame(
        {"symbol": ["A", "A", "B"], "day": [1, 2, 1], "x": [1.0, 2, 3]}
    ).with_columns(ts=pl.date(2024, 1, pl.col("day")))
    result = evaluate(frame, {"y": "($x > 0) & (ChangeInstrument('B', $x) > 2)"})
    assert result["y"].to_list() == [1.0, 0.0, 1.0]


def test_batches_and_new_days_give_the_same_bytes(uneven) -> None:
    bars, _, last = uneven
    texts = {str(i): text for i, text in enumerate([*PAIRS, f"CSRank({RETURN} - {OTHER})"])}
    whole = evaluate(bars, texts)
    assert_frame_equal(pl.concat(stream(bars, texts, batch_rows=150)), whole, check_exact=True)
    for after in (last, bars["ts"].unique().sort()[-2]):  # S003 has no later rows
        bounded = {k: v for k, v in texts.items() if "EMA" not in v and "0)" not in v}
        new = evaluate_increment(bars, bounded, after=after)
        want = whole.filter(pl.col("ts") > after).select("symbol", "ts", *bounded)
        assert_frame_equal(new, want, check_exact=True)


def _after_the_last_day(bars, last):
    """On no day is it known that another instrument's windows were its last ones."""
    return bars["ts"] > last


def _first_days_of_the_late(bars, last):
    """qlib counts days from the earlier of two first days, which shows where places are counted."""
    late = bars.filter(pl.col("symbol").is_in(["S002", "S004"]))
    first = late.group_by("symbol").agg(pl.col("ts").unique().sort().head(20))
    pairs = first.explode("ts").with_columns(late=True)
    joined = bars.select("symbol", "ts").join(pairs, on=["symbol", "ts"], how="left")
    return joined["late"].fill_null(value=False)


DIFFERENCES = {
    "Mean(ChangeInstrument('S003', $close), 5)": _after_the_last_day,
    "EMA(ChangeInstrument('S003', $close), 5)": _after_the_last_day,
    f"Var({OTHER}, 20)": _after_the_last_day,
    "IdxMax($close / ChangeInstrument('S000', $close), 10)": _first_days_of_the_late,
    "IdxMin($close - ChangeInstrument('S001', $close), 10)": _first_days_of_the_late,
    "WMA($close * ChangeInstrument('S000', $close), 10)": _first_days_of_the_late,
}
"""Expression to the rows on which it differs from qlib, and on no others."""


@pytest.mark.parametrize("text", DIFFERENCES)
def test_named_differences(text, uneven, differ) -> None:
    bars, judge, last = uneven
    ours, judged = evaluate(bars, {"0": text}), judge([text])
    apart = DIFFERENCES[text](bars, last)
    assert differ(judged["0"].filter(~apart), ours["0"].filter(~apart), relative=1e-5) == ""
    assert differ(judged["0"].filter(apart), ours["0"].filter(apart), relative=1e-5) != ""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("operator", ["Slope", "Rsquare", "Resi"])
def test_an_infinity_leaves_a_line_with_its_window(operator, level, differ) -> None:
    bars, judge = level
    text = f"{operator}($volume / Ref($volume, 1), 5)"
    ours, judged = evaluate(bars, {"0": text, "x": "$volume / Ref($volume, 1)"}), judge([text])
    seen = ours.select(
        pl.col("x").is_infinite().fill_null(value=False).cum_sum().over("symbol") > 0
    )["x"]
    assert seen.any()
    assert differ(judged["0"].filter(~seen), ours["0"].filter(~seen), relative=1e-5) == ""
    assert judged["0"].filter(seen).is_null().all()
    assert ours["0"].filter(seen).is_not_null().any()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_ranks_differ_only_among_values_that_are_equal_but_for_rounding(market, judge) -> None:
    window = 20
    text = f"Rank(Std($close, 5), {window})"
    ours, judged = evaluate(market, {"0": text, "x": "Std($close, 5)"}), judge([text])
    spread = ours["x"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    apart = (ours["0"] - judged["0"]).abs().fill_null(0.0).to_numpy() > 1e-6
    assert (ours["0"].is_null() == judged["0"].is_null()).all()
    for row in np.flatnonzero(apart):
        before = spread[max(row - window + 1, 0) : row]
        assert np.nanmin(np.abs(before - spread[row])) < 1e-6


@pytest.mark.parametrize(
    "text",
    [
        "Corr($close, ChangeInstrument('S003', $close), 5)",
        "If($close > 10, ChangeInstrument('S003', $close), $open)",
        "$close > ChangeInstrument('S003', $close)",
    ],
)
def test_what_qlib_refuses_on_uneven_spans_is_computed(text, uneven) -> None:
    bars, judge, _ = uneven
    with pytest.raises(ValueError, match=r"operands could not|identically-labeled"):
        judge([text])
    assert evaluate(bars, {"0": text})["0"].is_not_null().any()
