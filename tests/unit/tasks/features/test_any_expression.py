"""Whatever the language accepts can be computed, or is refused in the language's own words."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.features import evaluate, evaluate_increment
from taskspecs.expressions import Call, Field, Number, Text, analyse, check, to_text
from taskspecs.expressions.operators import OPERATORS, Kind

LEAVES = st.sampled_from(["close", "open", "volume"]).map(Field)
NUMBERS = st.sampled_from([0, 1, -1, 2, 2.5, -0.5, 1e-12, 1e300, 10**15, 10**30]).map(Number)
USABLE = [operator for operator in OPERATORS.values() if not operator.refused]


def _calls(children: st.SearchStrategy) -> st.SearchStrategy:
    series = children.filter(lambda node: not isinstance(node, Number))
    kinds = {
        Kind.SERIES: series,
        Kind.VALUE: children,
        Kind.CONDITION: series,
        Kind.WINDOW: st.sampled_from([0, 1, 2, 3, 4, 7, 20, 500]).map(Number),
        Kind.SHIFT: st.sampled_from([-3, 0, 1, 7, 500]).map(Number),
        Kind.SPAN: st.sampled_from([0, 1, 5, 0.25]).map(Number),
        Kind.FRACTION: st.sampled_from([0, 0.25, 1.0]).map(Number),
        Kind.TAIL: st.sampled_from([0, 0.01, 0.2]).map(Number),
        Kind.SYMBOL: st.sampled_from(["S000", "S001"]).map(Text),
    }

    def call(operator) -> st.SearchStrategy:
        parts = st.tuples(*(kinds[parameter.kind] for parameter in operator.parameters))
        return parts.map(lambda values: Call(operator.name, values))

    return st.sampled_from(USABLE).flatmap(call)


@pytest.fixture(scope="module")
def corner(market: pl.DataFrame) -> pl.DataFrame:
    """A few shares and days of the market."""
    days = market["ts"].unique().sort()[120:170].implode()
    return market.filter(pl.col("ts").is_in(days))


@settings(
    max_examples=300, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
@given(tree=st.recursive(LEAVES | NUMBERS, _calls, max_leaves=8))
def test_is_computed_or_refused(tree, corner: pl.DataFrame) -> None:
    text = to_text(tree)
    try:
        checked = check(text, known_fields=corner.columns, allow_lookahead=True)
    except BadInput:
        return
    result = evaluate(corner, {"x": text}, allow_lookahead=True)
    assert result.schema["x"] == pl.Float32
    assert result.height == corner.height
    assert not result["x"].is_nan().any()
    assert analyse(checked).cost >= 0


@settings(
    max_examples=200, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
@given(tree=st.recursive(LEAVES | NUMBERS, _calls, max_leaves=8))
def test_history_before_the_lookback_does_not_matter(tree, corner: pl.DataFrame) -> None:
    text = to_text(tree)
    try:
        check(text, known_fields=corner.columns, allow_lookahead=False)
    except BadInput:
        return
    after = corner["ts"].unique().sort()[-4]
    full = evaluate(corner, {"x": text}).filter(pl.col("ts") > after)
    assert_frame_equal(evaluate_increment(corner, {"x": text}, after=after), full, check_exact=True)
