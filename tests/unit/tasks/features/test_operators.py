"""Every operator on its own against qlib's."""

import pytest

from tasks.features import evaluate
from taskspecs.expressions.operators import OPERATORS

ROWWISE = [
    "Abs($close-$open)", "Abs($close>$open)", "Sign($close-$open)", "Log($volume)",
    "Log($volume+1)", "Power($close, 2)", "$close**0.5", "$close**-1.5", "$close**$open",
    "2**Sign($close-$open)", "$close+$open", "1+$close", "$close-$open", "1-$close", "$close*3",
    "$close/$open", "1/$volume", "$close/0", "Greater($close, $open)", "Less($close, 20)",
    "$close>$open", "$close>=$open", "$close<$open", "$close<=$open", "$close==$open",
    "$close!=Ref($close, 1)", "($close>$open)&($volume>0)", "($close>$open)|($volume>0)",
    "Not($close>$open)", "If($close>$open, $volume, 0)", "If($close-$open, 1, -1)",
    "If($close>$open, $close>$low, $volume>0)", "($close>$open)+1", "($close>$open)*2.5",
    "($close>$open)*($volume>0)", "($close>$open)+($volume>0)", "Greater($close>$open, $volume>0)",
    "Ref($close, 1)", "Ref($close, 0)", "Ref($close, 60)", "Delta($close, 5)", "Delta($close, 0)",
    "Log($close>$open)",
]  # fmt: skip
WINDOWED = [
    "Mean", "Sum", "Std", "Var", "Skew", "Kurt", "Max", "Min", "IdxMax", "IdxMin", "Med", "Mad",
    "Rank", "Count", "Slope", "Rsquare", "Resi", "WMA", "EMA",
]  # fmt: skip
ROLLING = [f"{name}({x}, {n})" for name in WINDOWED for x in ("$close", "$volume")
           for n in (5, 7, 61, 0)]  # fmt: skip
OTHERS = [
    *(f"Quantile($close, {n}, {q})" for n in (5, 30, 0) for q in (0, 0.2, 0.5, 1)),
    *(f"{name}($close, $volume, {n})" for name in ("Corr", "Cov") for n in (5, 10, 61)),
    "Corr($close, $close, 5)", "EMA($close, 0.3)", "Mean($close, 1)", "Max($close, 1)",
]  # fmt: skip
INFINITE = [
    f"{name}(Log($volume), 10)" for name in WINDOWED if name not in {"Slope", "Rsquare", "Resi"}
]  # qlib's Cython loops keep an infinity in their sums for good
NESTED = [
    "Mean(Std($close, 5), 3)", "Sum(Rank($close, 5)>0.5, 4)", "Ref(Mean($close, 5), 3)",
    "Mean($close>$open, 5)", "Std(Abs($close/Ref($close, 1)-1), 10)",
    "Corr($close/Ref($close, 1), Log($volume/Ref($volume, 1)+1), 20)", "Rank(Sign($close), 5)",
]  # fmt: skip
LABELS = ["Ref($close, -2)/Ref($close, -1)-1", "Delta($close, -3)", "Mean(Ref($close, -5), 5)"]

NOISE = {"Std": 1e-3, "Var": 1e-3}
"""Where a window is flat, pandas' running variance keeps what larger values left behind."""


@pytest.mark.parametrize(
    "group", [ROWWISE, ROLLING, OTHERS, INFINITE, NESTED, LABELS],
    ids=["rowwise", "rolling", "others", "infinite", "nested", "labels"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_values_are_qlibs(group, market, judge, differ) -> None:
    judged = judge(group)
    ours = evaluate(market, {str(i): text for i, text in enumerate(group)}, allow_lookahead=True)
    assert ours.columns == ["symbol", "ts", *(str(i) for i in range(len(group)))]
    differences = {
        text: difference
        for i, text in enumerate(group)
        if (
            difference := differ(
                judged[str(i)], ours[str(i)], noise=NOISE.get(text.split("(", maxsplit=1)[0], 0.0)
            )
        )
    }
    assert differences == {}


def test_every_operator_was_judged() -> None:
    texts = " ".join([*ROWWISE, *ROLLING, *OTHERS])
    ours_only = {o.name for o in OPERATORS.values() if not o.qlib or o.scope == "cross"}
    infix = {o.name for o in OPERATORS.values() if o.sign}
    unjudged = [
        o.name for o in OPERATORS.values()
        if not o.refused and o.name not in ours_only | infix and f"{o.name}(" not in texts
    ]  # fmt: skip
    assert unjudged == []
