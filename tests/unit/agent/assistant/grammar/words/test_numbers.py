import pytest

from agent.assistant.grammar.words.lexicon import read
from agent.assistant.grammar.words.numbers import combine


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-five", 25), ("two hundred and fifty thousand", 250_000), ("dozen", 12),
        ("one hundred", 100), ("million", 1e6), ("1.5 million", 1.5e6), ("50k", 5e4),
        ("1,000,000", 1e6), ("three thousand five hundred", 3_500), ("ninety nine", 99),
        ("十", 10), ("十五", 15), ("二十", 20), ("一百二", 120), ("一百零二", 102),
        ("两千三", 2_300),
        ("一万二", 12_000), ("三千五百万", 3.5e7), ("一亿", 1e8), ("100万", 1e6), ("1.5亿", 1.5e8),
        ("二〇〇八", 2008), ("二零一零", 2010), ("一点五", 1.5), ("十二点二五", 12.25),
        ("１２", 12),
    ],
)  # fmt: skip
def test_number(text: str, value: float) -> None:
    lexemes = combine(read(text))
    assert [lexeme.kind for lexeme in lexemes] == ["NUM"]
    assert lexemes[0].value.value == value
    assert (lexemes[0].start, lexemes[0].end) == (0, len(text))


@pytest.mark.parametrize(("text", "parts"), [("five five", 2), ("twenty thirty", 2)])
def test_two_numbers_stay_two(text: str, parts: int) -> None:
    assert len(combine(read(text))) == parts


def test_what_is_too_large_is_no_number() -> None:
    assert [lexeme.kind for lexeme in combine(read("9" * 400))] == ["UNKNOWN"]
