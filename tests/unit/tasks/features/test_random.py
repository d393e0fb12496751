"""Expressions that nobody wrote, against qlib.

A subtree is `exact` when qlib's bytes are reproduced and `smooth` when it may differ in the last
digits. What jumps (comparisons, ranks, places of extremes, signs) is only asked of exact subtrees,
and nothing is divided by a smooth one, so that a difference in a last digit stays one. Lines are
fitted to fields only: qlib's running sums never forget an infinity, and make noise of one point.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasks.features import evaluate

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

FIELDS = st.sampled_from(["$open", "$high", "$low", "$close", "$vwap", "$volume"])
WINDOW = st.sampled_from([1, 2, 3, 5, 8, 13, 20, 60])
SHIFT = st.sampled_from([1, 2, 5, 21])
NUMBER = st.sampled_from(["0", "1", "2.5", "-3", "1e-12", "100"])
DEPTH = 5
NOISE = 1e-7
"""Share of the largest value that pandas' running variance may keep after that value has left the
window: the root of the rounding of its square."""


def _format(template: str, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda values: template.format(*values))


@cache
def exact(depth: int) -> st.SearchStrategy[str]:
    """Draw a series whose bytes are qlib's."""
    if depth == 0:
        return FIELDS
    x = st.deferred(lambda: exact(depth - 1))
    return st.one_of(
        FIELDS,
        _format("({} {} {})", x, st.sampled_from("+-*"), x | NUMBER),
        _format("({} / {})", x, FIELDS | NUMBER.filter(lambda n: n != "0")),
        _format("{}({}, {})", st.sampled_from(["Greater", "Less"]), x, x | NUMBER),
        _format("Ref({}, {})", x, SHIFT),
        _format("Delta({}, {})", x, SHIFT),
        _format("{}({}, {})", st.sampled_from(["Max", "Min", "Count", "IdxMax", "IdxMin", "Rank"]),
                x, WINDOW),
        _format("Abs({})", x),
        _format("Sign({})", x),
        _format("Log(Abs({}) + 1)", x),
        _format("If({}, {}, {})", condition(depth - 1), x, x | NUMBER),
    )  # fmt: skip


@cache
def condition(depth: int) -> st.SearchStrategy[str]:
    """Draw true and false."""
    x = st.deferred(lambda: exact(depth))
    plain = _format("({} {} {})", x, st.sampled_from([">", "<", ">=", "<=", "==", "!="]), x)
    return st.one_of(
        plain, _format("({} {} {})", plain, st.sampled_from("&|"), plain), _format("Not({})", plain)
    )


@cache
def smooth(depth: int) -> st.SearchStrategy[str]:
    """Draw a series that may differ from qlib's in its last digits."""
    x = st.deferred(lambda: exact(depth - 1))
    if depth == 1:
        return x
    y = st.deferred(lambda: smooth(depth - 1)) | x
    means = st.sampled_from(["Mean", "Sum", "Mad", "WMA", "EMA", "Med"])
    spreads = st.sampled_from(["Std", "Var"])
    lines = st.sampled_from(["Slope", "Resi"])
    return st.one_of(
        _format("{}({}, {})", means, y, WINDOW),
        _format("{}({}, {})", means, condition(depth - 1), WINDOW),
        _format("{}({}, {})", spreads, y, st.sampled_from([5, 8, 20])),
        _format("{}({}, {})", lines, FIELDS, st.sampled_from([5, 8, 20])),
        _format("Quantile({}, {}, {})", y, WINDOW, st.sampled_from([0.1, 0.5, 0.8])),
        _format("Cov({}, {}, {})", x, x, st.sampled_from([3, 10])),
        _format("({} {} {})", y, st.sampled_from("+-"), y),
        _format("({} / {})", y, FIELDS),
        _format("Ref({}, {})", y, SHIFT),
        _format("Greater({}, {})", y, y),
    )


@st.composite
def four(draw, kind):
    """Draw four expressions; written out, what they are drawn from has gigabytes."""
    return draw(st.lists(kind(DEPTH), min_size=4, max_size=4, unique=True))


@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(texts=four(exact))
def test_exact_expressions(texts, market, judge, differ) -> None:
    judged = judge(texts)
    ours = evaluate(market, {str(i): text for i, text in enumerate(texts)})
    for i, text in enumerate(texts):
        assert differ(judged[str(i)], ours[str(i)], relative=2e-7) == "", text


@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(texts=four(smooth))
def test_smooth_expressions(texts, market, judge, differ) -> None:
    judged = judge(texts)
    ours = evaluate(market, {str(i): text for i, text in enumerate(texts)})
    for i, text in enumerate(texts):
        want, got = judged[str(i)], ours[str(i)]
        largest = max(want.filter(want.is_finite()).abs().max() or 0.0, 1.0)
        assert differ(want, got, relative=1e-5, noise=NOISE * largest) == "", text
