"""From tokens to lexemes: the longest phrase of the tables that stands there."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.words.lexeme import Lexeme, Number
from agent.assistant.grammar.words.sources import ELSEWHERE, SAMPLE
from agent.assistant.grammar.words.tokens import tokenise
from agent.assistant.grammar.words.vocabulary.table import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.assistant.grammar.words.tokens import Token

Phrase = tuple[str, ...]

SIGNS: Final = {
    ",": "SEP", "/": "SLASH", "-": "DASH", ".": "DOT", ":": "COLON", "=": "LINK", "%": "PCTSIGN",
    "$": "DOLLAR", "(": "PAREN", ")": "PAREN", "+": "PLUS", "?": "MARK", "!": "MARK", ";": "MARK",
    "'": "MARK", "，": "SEP",
    '"': "MARK", "《": "MARK", "》": "MARK", "「": "MARK", "」": "MARK", "…": "MARK",
    "&": "AND", "[": "MARK", "]": "MARK", "_": "MARK", "·": "MARK",
}  # fmt: skip
"""What signs are to the grammar; any other sign is an unknown word."""

FILE: Final = re.compile(
    r"(?<![A-Za-z0-9_./\\\-])[A-Za-z0-9_][A-Za-z0-9_.\-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*"
    r"\.(?:csv|parquet)(?![A-Za-z0-9_/])"
)
"""A file below the workspace, as `data/prices.csv`."""

JOINERS: Final = frozenset("-_")
"""Signs that may stand inside a phrase that is listed without them."""

UNLESS_BEFORE: Final[dict[Phrase, frozenset[str]]] = {
    ("一", "个"): frozenset("月季星交基百小"),
    ("每", "个"): frozenset("交"),
}
"""Phrases that are none where one of these follows: 一个 is a filler, 一个月 is a month."""


@cache
def phrases() -> dict[Phrase, tuple[str, Any]]:
    """Return all phrases by their tokens: kind and value."""
    table: dict[Phrase, tuple[str, Any]] = {}
    for kind, value, row in _rows():
        for text in row.split("|"):
            key = tuple(t.text for t in tokenise(text) if t.text not in JOINERS)
            if table.setdefault(key, (kind, value)) != (kind, value):
                raise ValueError(f"{text!r} is both {table[key]} and {(kind, value)}")
    return table


def _rows() -> Iterator[tuple[str, Any, str]]:
    yield from TABLES
    for listed in SAMPLE.listed:
        yield "SYMBOL", listed.symbol, f"{listed.symbol}|{listed.names}"
    for name, words in ELSEWHERE:
        yield "ELSEWHERE", name, words


@cache
def _longest() -> int:
    return max(len(key) for key in phrases())


def read(prompt: str) -> list[Lexeme]:
    """Read a prompt as lexemes; together they cover all of it but white space."""
    tokens = tokenise(prompt)
    files = {found.start(): found for found in FILE.finditer(prompt)}
    lexemes: list[Lexeme] = []
    place = 0
    while place < len(tokens):
        if found := files.get(tokens[place].start):
            lexemes.append(Lexeme("FILE", found[0], found.start(), found.end()))
            place = next((i for i, t in enumerate(tokens) if t.start >= found.end()), len(tokens))
            continue
        kind, value, end = _at(tokens, place)
        first, last = tokens[place], tokens[end - 1]
        glued = place > 0 and tokens[place - 1].end == first.start
        lexemes.append(Lexeme(kind, value, first.start, last.end, glued))
        place = end
    return lexemes


def _at(tokens: Sequence[Token], place: int) -> tuple[str, Any, int]:
    token = tokens[place]
    if found := _phrase_at(tokens, place):
        # Written large, it is the month; written small, most likely the verb.
        return ("MONTH", *found[1:]) if token.written == "May" else found
    if token.kind == "number":
        digits = token.text if token.text.isdecimal() else ""
        return "NUM", Number(float(token.text.replace(",", "")), digits), place + 1
    if token.kind == "sign":
        return SIGNS.get(token.text, "UNKNOWN"), token.text, place + 1
    return ("TICKER" if _like_ticker(token) else "UNKNOWN"), token.written, place + 1


def _phrase_at(tokens: Sequence[Token], place: int) -> tuple[str, Any, int] | None:
    best = None
    key: Phrase = ()
    for end in range(place, min(place + 2 * _longest(), len(tokens))):
        token = tokens[end]
        if token.text in JOINERS:
            if not key:
                return None
            continue
        key = (*key, token.text)
        if key in phrases() and _stands(key, tokens, end + 1):
            best = (*phrases()[key], end + 1)
    return best


def _stands(key: Phrase, tokens: Sequence[Token], end: int) -> bool:
    """Whether a phrase is one here, for all that follows it."""
    return end >= len(tokens) or tokens[end].text not in UNLESS_BEFORE.get(key, ())


def _like_ticker(token: Token) -> bool:
    return token.kind == "word" and token.written.isascii() and token.written.isupper()
