"""From text to tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskspecs.expressions.source import Source

_PATTERN: Final = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
  | (?P<period>\$\$\w*)
  | (?P<field>\$\w+)
  | (?P<word>[^\W\d]\w*)
  | (?P<text>'[^'\n]*'|"[^"\n]*")
  | (?P<sign>\*\*|==|!=|>=|<=|//|<<|>>|[-+*/&|<>(),~^%=!\[\]{}.:;@?])
    """,
    re.VERBOSE,
)

_UNSUPPORTED: Final = {
    "~": "write Not(...) around a condition",
    "^": "write Power(a, b) or a ** b for powers",
    "%": "there is no remainder; shares are written 0.05",
    "//": "there is no integer division; write /",
    "=": "write == to compare; arguments have no names",
    "!": "write != or Not(...)",
}
"""Signs that other languages have, and what to write instead."""


class Token(NamedTuple):
    """One word or sign, and the character at which it starts."""

    kind: str
    text: str
    at: int


def tokenize(source: Source) -> Iterator[Token]:
    """Split an expression into tokens, an `end` token last.

    Raises
    ------
    BadInput
        At a character that the language does not have.
    """
    text, at = source.text, 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise source.error(at, *_explain(text, at))
        kind, word = str(match.lastgroup), match.group()
        if kind == "sign" and word not in _SIGNS:
            hint = _UNSUPPORTED.get(word, "allowed: + - * / ** > >= < <= == != & | ( ) ,")
            raise source.error(at, f"'{word}' is not part of the language", hint)
        if kind != "space":
            yield Token(kind, word, at)
        at = match.end()
    yield Token("end", "", len(text.rstrip()))


_SIGNS: Final = frozenset("+-*/><&|(),") | {"**", ">=", "<=", "==", "!="}


def _explain(text: str, at: int) -> tuple[str, str]:
    character = text[at]
    if character == "$":
        return "a field's name is missing after '$'", "write $close, $volume, ..."
    if character in "'\"":
        return "a quoted word does not end", f"close it with {character}"
    if character.isdigit() or character == ".":
        word = re.match(r"[\w.]+", text[at:])
        return f"'{word.group() if word else character}' is not a number", "as 20, 0.5 or 1e-12"
    return f"unexpected character {character!r}", "expressions look as Mean($close, 20) / $close"
