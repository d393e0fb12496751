import pytest

from configs.errors import BadInput
from taskspecs.expressions import check

KNOWN = ("close", "open", "high", "low", "volume")

CASES = [
    ("", 1, "cannot be empty"),
    ("   ", 1, "cannot be empty"),
    ("Maen($close, 5)", 1, "did you mean 'Mean'"),
    ("mean($close, 5)", 1, "did you mean 'Mean'?"),
    ("ts_rank($close, 5)", 1, "here it is called Rank"),
    ("close / $open", 1, "did you mean $close?"),
    ("$clse / $open", 1, "did you mean 'close'"),
    ("Mean($close)", 1, "takes 2 arguments, not 1"),
    ("Abs($close, 5)", 1, "takes 1 argument, not 2"),
    ("Mean($close, -3)", 14, "not -3"),
    ("Mean($close, 1.5)", 14, "not 1.5"),
    ("Mean($close, 20.0)", 14, "whole number"),
    ("Mean($close, 10000000)", 14, "not 10,000,000"),
    ("Mean($close, $open)", 14, "not a series"),
    ("Ref($close, 10000000)", 13, "at most 100,000 rows"),
    ("Skew($close, 2)", 14, "from 3 to"),
    ("Kurt($close, 3)", 14, "from 4 to"),
    ("EMA($close, 1.5)", 13, "between 0 and 1"),
    ("Quantile($close, 5, 1.5)", 21, "from 0 to 1"),
    ("Mean(5, 3)", 6, "must be a series"),
    ("1 + 2", 1, "reads no field"),
    ("Corr($close, 5, 10)", 14, "must be a series"),
    ("Mean($close, 5", 5, "never closed"),
    ("Mean($close, 5))", 16, "never opened"),
    ("Mean(, 5)", 6, "not expected"),
    ("$close $open", 8, "not expected"),
    ("$close +", 9, "ends too early"),
    ("$close > $open > $low", 16, "cannot be chained"),
    ("$close > $open & $volume > 5", 10, "need parentheses"),
    ("$close and $open", 8, "write & between"),
    ("not ($close > 1)", 1, "there is no operator 'not'"),
    ("~($close > 1)", 1, "Not(...)"),
    ("$close % 2", 8, "no remainder"),
    ("$close // 2", 8, "no integer division"),
    ("$close ^ 2", 8, "Power(a, b)"),
    ("Mean($close, N=5)", 15, "arguments have no names"),
    ("Mean", 1, "needs its arguments"),
    ("1.2.3 * $close", 1, "not a number"),
    ("5x * $close", 1, "not a number"),
    ("$ + 1", 1, "name is missing"),
    ("$$roewa_q", 1, "point-in-time"),
    ("'AAPL' + $close", 1, "not a quoted word"),
    ("Mean('AAPL, 5)", 6, "does not end"),
    ("$close € 2", 8, "unexpected character"),
    ("Not($close)", 5, "must be a condition"),
    ("($close > 1) - ($open > 1)", 14, "these are conditions"),
    ("1/0 * $close", 2, "division by zero"),
    ("(-8) ** 0.5 * $close", 6, "not a number of ordinary size"),
    ("(1 > 2) * $close", 4, "plain numbers"),
    ("Add(1, 2)", 1, "needs a series"),
    ("ChangeInstrument(SPY, $close)", 18, "did you mean $SPY"),
    ("ChangeInstrument($close, 'SPY')", 18, "a quoted symbol"),
    ("Mask('SPY', 'SPY')", 6, "not a quoted word"),
    ("TResample($close, '5min', 'last')", 1, "aggregation.every"),
    ("P($close)", 1, "not computed here"),
    ("Ref($close, -1)", 13, "only a label may read the future"),
    ("Delta($close, -1)", 15, "looks 1 rows ahead"),
    ("Mean(Ref(Ref($close, -5), 5), 3)", 22, "looks 5 rows ahead"),
]


@pytest.mark.parametrize(("text", "column", "says"), CASES, ids=[c[0][:40] for c in CASES])
def test_is_refused_with_place_and_advice(text: str, column: int, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(text, known_fields=KNOWN, allow_lookahead=False)
    message = str(caught.value)
    assert says in message
    assert f"column {column} of" in message
    lines = message.splitlines()
    caret = next(i for i, line in enumerate(lines) if line.strip() == "^")
    assert lines[caret].index("^") == column + 1
    assert caught.value.exit_code == 2


def test_points_into_the_right_line() -> None:
    with pytest.raises(BadInput, match="line 2, column 5"):
        check("$close +\n    Foo($open)", known_fields=KNOWN, allow_lookahead=False)


def test_long_lines_are_cut_around_the_place() -> None:
    text = "$close + " * 60 + "Foo($open)"
    with pytest.raises(BadInput) as caught:
        check(text, known_fields=KNOWN, allow_lookahead=False)
    drawn, caret = str(caught.value).splitlines()[1:3]
    assert len(drawn) < 140
    assert drawn[caret.index("^") :].startswith("Foo(")


def test_labels_may_look_ahead_and_unknown_fields_may_wait() -> None:
    check("Ref($x, -2) / Ref($x, -1) - 1", known_fields=None, allow_lookahead=True)
