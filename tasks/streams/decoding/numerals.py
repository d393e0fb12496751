"""Numbers as text, and as integers of so many decimals: exactly, by no float."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Final

from tasks.streams.event import Malformed

LARGEST: Final = (1 << 63) - 1
"""What a column of integers holds."""
LONGEST: Final = 64
"""Letters of a number, at most."""
_TENS: Final[tuple[int, ...]] = tuple(10**power for power in range(13))
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_EXACT: Final = Context(prec=2_000, Emin=-2_000, Emax=2_000, traps=[])


def scaled(text: str, decimals: int, *, cut: bool = False) -> int:
    """Return a number, times ten to the power of `decimals`.

    Parameters
    ----------
    text
        As `0.0120`, `-3`, `1e-05`.
    cut
        Leave out digits behind the last decimal that counts, instead of refusing them.

    Raises
    ------
    Malformed
        `number` if it is none, `decimals` if it has more digits than count, `range` if it is
        larger than 64 bits.

    Examples
    --------
    >>> scaled("0.10", 2), scaled("12", 3), scaled("1e-05", 8), scaled("-1.50", 1)
    (10, 12000, 1000, -15)
    >>> scaled("1.239", 2, cut=True)
    123
    """
    whole, _, part = text.partition(".")
    if len(part) > decimals:
        part = part.rstrip("0")
    digits = whole + part
    missing = decimals - len(part)
    if missing >= 0 and len(digits) <= 18 and digits.isdigit() and digits.isascii():
        value = int(digits) * _TENS[missing]
    else:
        value = _unusual(text, decimals, cut=cut)
    if not -LARGEST <= value <= LARGEST:
        raise Malformed("range", "a number that 64 bits do not hold")
    return value


def _unusual(text: str, decimals: int, *, cut: bool) -> int:
    if len(text) > LONGEST or not text.isascii() or not _NUMBER.fullmatch(text):
        raise Malformed("number", "no number")
    shifted = Decimal(text).scaleb(decimals, _EXACT)
    if shifted.adjusted() > 20:
        raise Malformed("range", "a number that 64 bits do not hold")
    whole = int(shifted)
    if not cut and shifted != whole:
        raise Malformed("decimals", f"a number of more than {decimals} decimals")
    return whole


def price(text: str, decimals: int) -> int:
    """Return a price; see :func:`scaled`.

    Raises
    ------
    Malformed
        `price` if it is not above zero.
    """
    value = scaled(text, decimals)
    if value <= 0:
        raise Malformed("price", "a price that is not above zero")
    return value


def size(text: str, decimals: int) -> int:
    """Return how much changed hands; see :func:`scaled`.

    Raises
    ------
    Malformed
        `size` if it is below zero.
    """
    value = scaled(text, decimals)
    if value < 0:
        raise Malformed("size", "a size below zero")
    return value


def amount(text: str, decimals: int) -> int:
    """Return an amount of money, cut to its decimals; see :func:`size`."""
    value = scaled(text, decimals, cut=True)
    if value < 0:
        raise Malformed("size", "an amount below zero")
    return value


def sequence(number: int) -> int:
    """Return a number that counts.

    Raises
    ------
    Malformed
        `sequence` if it is below zero, or larger than 64 bits.
    """
    if not 0 <= number <= LARGEST:
        raise Malformed("sequence", "a sequence number below zero, or of more than 64 bits")
    return number


def sequence_text(text: str) -> int:
    """Return a number that counts, from text; see :func:`sequence`."""
    if not (text.isdigit() and text.isascii() and len(text) <= 19):
        raise Malformed("sequence", "a sequence number that is no whole number")
    return sequence(int(text))
