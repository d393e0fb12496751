"""A prompt as tokens: words, numbers, Chinese characters and signs, each with its place."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Kind = Literal["word", "number", "han", "sign"]

_TOKEN = re.compile(
    r"(?P<number>(?<![.\d])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\.?\d)|(?<![.\d])\d+\.\d+(?!\.?\d)|\d+)"
    r"|(?P<han>[\u3007\u3400-\u9fff])"
    r"|(?P<word>['’](?:s|t|re|ve|ll|d)(?![^\W\d_])|[^\W\d_\u3007\u3400-\u9fff]+)"
    r"|(?P<sign>\S)"
)
_ALIKE = str.maketrans(
    {"、": "，", "。": ".", "；": ";", "–": "-", "—": "-", "−": "-", "‑": "-", "～": "-",
     "~": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}
)  # fmt: skip


class Token(NamedTuple):
    """A piece of a prompt; `prompt[start:end]` is what was written."""

    text: str
    """In lower case and narrow forms."""
    kind: Kind
    start: int
    end: int
    written: str
    """In narrow forms, as written otherwise."""


def tokenise(prompt: str) -> tuple[Token, ...]:
    """Cut a prompt into tokens; only white space lies between them.

    Examples
    --------
    >>> [token.text for token in tokenise("Top-3，20日动量, $1,000.50")]
    ['top', '-', '3', '，', '20', '日', '动', '量', ',', '$', '1,000.50']
    """
    narrow = "".join(_narrow(character) for character in prompt)
    return tuple(
        Token(found[0].lower(), found.lastgroup, found.start(), found.end(), found[0])  # type: ignore[arg-type]
        for found in _TOKEN.finditer(narrow)
    )


def _narrow(character: str) -> str:
    """Fold full-width forms, one character to one, so that places stay true."""
    if character == "，":
        return character  # it lists; only the narrow one may part thousands
    folded = unicodedata.normalize("NFKC", character).translate(_ALIKE)
    return folded if len(folded) == 1 else character
