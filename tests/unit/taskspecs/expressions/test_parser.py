import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.errors import BadInput
from taskspecs.expressions import Call, Field, Number, Text, parse, to_text
from taskspecs.expressions.nodes import walk
from taskspecs.expressions.operators import OPERATORS, Kind


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("$a+$b*$c", "$a+($b*$c)"),
        ("$a-$b-$c", "($a-$b)-$c"),
        ("$a**$b**$c", "$a**($b**$c)"),
        ("-$a**2", "-($a**2)"),
        ("2**-$a", "2**(-$a)"),
        ("$a>$b+1", "Gt($a,Add($b,1))"),
        ("($a>$b)&($c>1)|($d<2)", "Or(And($a>$b,$c>1),$d<2)"),
        ("Mean( $close ,\n  2*10 )", "Mean($close, 20)"),
        ("Ref($close,-2)", "Ref($close, 0-2)"),
        ("+$a / 1e-12", "$a/0.000000000001"),
        ("$a * .5", "$a*0.5"),
        ("Less($a,$b,)", "Less($a,$b)"),
    ],
)
def test_reads_as_python_does(text: str, same: str) -> None:
    assert parse(text) == parse(same)


def test_whole_numbers_and_fractions_are_different_things() -> None:
    assert parse("$a+1") != parse("$a+1.0")
    assert hash(parse("$a+1")) == hash(parse("($a+1)"))


def test_positions_are_kept_but_not_compared() -> None:
    tree = parse("  $a + $b")
    assert isinstance(tree, Call)
    assert [argument.at for argument in tree.arguments] == [2, 7]


FIELDS = st.sampled_from(["close", "open", "ma_5", "收益"]).map(Field)
NUMBERS = st.one_of(
    st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)
).map(Number)


def _calls(children: st.SearchStrategy) -> st.SearchStrategy:
    series = children.filter(lambda node: not isinstance(node, Number))

    def arguments(operator) -> st.SearchStrategy:
        kinds = {
            Kind.SERIES: series,
            Kind.VALUE: children,
            Kind.WINDOW: st.integers(5, 99).map(Number),
            Kind.SHIFT: st.integers(-9, 9).map(Number),
            Kind.SPAN: st.sampled_from([0, 5, 0.25]).map(Number),
            Kind.FRACTION: st.sampled_from([0, 0.25, 1.0]).map(Number),
            Kind.CONDITION: st.tuples(series, series).map(lambda pair: Call("Gt", pair)),
            Kind.SYMBOL: st.sampled_from(["SPY", "^GSPC", "O'X"]).map(Text),
            Kind.TAIL: st.sampled_from([0.01, 0.2]).map(Number),
        }
        return st.tuples(*(kinds[p.kind] for p in operator.parameters)).map(
            lambda values: Call(operator.name, values)
        )

    return st.sampled_from([o for o in OPERATORS.values() if not o.refused]).flatmap(arguments)


@given(st.recursive(FIELDS | NUMBERS, _calls, max_leaves=12))
def test_text_reads_back_as_the_same_tree(tree) -> None:
    try:
        again = parse(to_text(tree))
    except BadInput:
        return  # a bare number, arithmetic on conditions: refused, never misread
    literal_arithmetic = any(
        isinstance(part, Call) and all(isinstance(a, Number) for a in part.arguments)
        for part in walk(tree)
    )
    assert again == tree or literal_arithmetic
    assert parse(to_text(again)) == again


@given(st.text(alphabet="$close123 +-*/()<>=&|,.'\"MeanRefCorr\n~^%!é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except BadInput:
        return
    assert parse(to_text(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "$a" + ")" * 10_000,
        "(" * 4_000 + "$a" + ")" * 4_000,
        "Abs(" * 1_000 + "$a" + ")" * 1_000,
        "-" * 9_000 + "$a",
        "$a" + "+$a" * 2_000,
        "$a" + "**$a" * 2_000,
        "9**9**9**9**9 * $a",
        "$a * " + "9" * 9_000,
    ],
)
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="column"):
        parse(text)


def test_a_hundred_levels_are_enough_for_anyone() -> None:
    assert parse("$a" + "+$a" * 99).depth == 99
    assert parse("Abs(" * 99 + "$a" + ")" * 99).depth == 99
