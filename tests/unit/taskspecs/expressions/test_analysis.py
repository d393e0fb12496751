import pytest

from taskspecs.expressions import analyse, fields, parse


@pytest.mark.parametrize(
    ("text", "back", "ahead"),
    [
        ("$close", 0, 0),
        ("$close / Ref($close, 20)", 20, 0),
        ("Mean($close, 20)", 19, 0),
        ("Mean(Ref($close, 5), 20)", 24, 0),
        ("Ref(Mean($close, 20), 5)", 24, 0),
        ("Std(Mean($close, 5), 10) + Ref($close, 7)", 13, 0),
        ("Corr($close, Ref($volume, 3), 10)", 12, 0),
        ("Delta($close, 5)", 5, 0),
        ("Delta($close, -5)", 0, 5),
        ("Ref($close, -2) / Ref($close, -1) - 1", 0, 2),
        ("Ref(Ref($close, -5), 5)", 0, 0),
        ("Ref(Mean($close, 3), -5)", 0, 5),
        ("If($close > Ref($close, 4), Ref($close, 9), 0)", 9, 0),
        ("Quantile($close, 60, 0.8)", 59, 0),
        ("Ref($close, 0)", None, 0),
        ("Mean($close, 0)", None, 0),
        ("EMA($close, 12)", None, 0),
        ("Ref(EMA($close, 12), -1)", None, 1),
        ("Mean($close, 1)", 0, 0),
    ],
)
def test_reach(text: str, back: int | None, ahead: int) -> None:
    analysis = analyse(parse(text))
    assert (analysis.lookback_rows, analysis.lookahead_rows) == (back, ahead)


def test_cost_counts_common_parts_once() -> None:
    one = analyse(parse("Std($close, 20)")).cost
    two = analyse(parse("Std($close, 20) + Std($close, 20) * 2")).cost
    assert one < two < 2 * one


def test_fields() -> None:
    assert fields(parse("Corr($close, Log($volume + 1), 20) / $close")) == {"close", "volume"}
