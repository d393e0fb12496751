"""Text of others, shown so that it can be nothing but text: no control, no direction, no colour."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SHOWN = frozenset({"L", "N", "P", "S"})
"""Categories of Unicode whose letters are shown: letters, numbers, punctuation, symbols."""


def escaped(text: str) -> str:
    r"""Write text as one line, in which whatever does not show, or moves others, is spelt out.

    Line ends, tabs, escape sequences, marks of direction, joiners, combining marks and spaces that
    are none are written as ``\uXXXX``; a backslash is doubled, so that no two texts look the same.

    Examples
    --------
    >>> escaped("us\x1b[31m"), escaped("a\u202eb"), escaped("a\\b"), escaped("动量 é")
    ('us\\u001b[31m', 'a\\u202eb', 'a\\\\b', '动量 é')
    """
    return "".join(_shown(letter) for letter in text)


def harmless(text: str) -> str:
    r"""Write text as :func:`escaped` does, but for backslashes, which stay single.

    For lines that are escaped already and come from elsewhere.

    Examples
    --------
    >>> harmless("a\\u202e"), harmless("a\x1b")
    ('a\\u202e', 'a\\u001b')
    """
    return escaped(text).replace("\\\\", "\\")


@lru_cache(maxsize=4_096)
def plain_ascii(text: str) -> str:
    r"""Write text as :func:`escaped` does, and spell out all that is not ASCII.

    Examples
    --------
    >>> plain_ascii("аnn"), plain_ascii("ann")
    ('\\u0430nn', 'ann')
    """
    return "".join(letter if letter.isascii() else _spelt(letter) for letter in escaped(text))


def _shown(letter: str) -> str:
    if letter == "\\":
        return "\\\\"
    if letter == " " or unicodedata.category(letter)[0] in _SHOWN:
        return letter
    return _spelt(letter)


def _spelt(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
