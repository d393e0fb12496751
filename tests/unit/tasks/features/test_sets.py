"""The named sets against qlib's."""

import pytest

from tasks.features import evaluate
from taskspecs.expressions.sets import expand

NOISE = {"STD": 2e-6, "WVMA": float("inf"), "VSTD": float("inf")}
"""Where a window is flat, qlib's deviation is what larger values left behind in a running sum, and
WVMA and VSTD divide it by 1e-12 where there is no volume; ours is 0 there."""


@pytest.mark.parametrize("name", ["kbar", "alpha158", "alpha360"])
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_values_are_qlibs(name, market, judge, differ) -> None:
    expressions = expand(name)
    judged = judge(list(expressions.values()))
    ours = evaluate(market, expressions)
    differences = {}
    for i, feature in enumerate(expressions):
        noise = NOISE.get(feature.rstrip("0123456789"), 0.0)
        alive = judged[str(i)].is_null() | (ours[feature] != 0) if noise else slice(None)
        want, got = judged[str(i)], ours[feature]
        if noise:
            want, got = want.filter(alive), got.filter(alive)
        if difference := differ(want, got, noise=0.0 if noise == float("inf") else noise):
            differences[feature] = difference
    assert differences == {}
