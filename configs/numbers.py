"""Numbers as text: with their unit, a true minus sign, and a dash where there is none."""

from __future__ import annotations

import math

NONE = "–"


def percent(value: float | None, digits: int = 1) -> str:
    """Write a fraction as a percentage.

    Examples
    --------
    >>> percent(-0.1234), percent(None)
    ('−12.3%', '–')
    >>> percent(16.269)
    '1,627%'
    """
    if value is None or not math.isfinite(value):
        return NONE
    shown = 0 if abs(value) >= 10 else digits
    return _signless(f"{value * 100:,.{shown}f}") + "%"


def signed_percent(value: float | None, digits: int = 1) -> str:
    """Write a fraction as a percentage that shows its sign either way."""
    text = percent(value, digits)
    return text if value is None or text[0] in "−–" or not value > 0 else f"+{text}"


def ratio(value: float | None) -> str:
    """Write a ratio with two decimals, a small one with three."""
    if value is None or not math.isfinite(value):
        return NONE
    return _signless(f"{value:,.{3 if abs(value) < 0.1 else 2}f}")


def whole(value: float | None) -> str:
    """Write a count or an amount of money without decimals."""
    if value is None or not math.isfinite(value):
        return NONE
    return _signless(f"{value:,.0f}")


def plain(value: float | None, digits: int = 4) -> str:
    """Write any number with a few significant digits.

    Examples
    --------
    >>> plain(-0.000123456), plain(1234567.0), plain(0.1), plain(3)
    ('−0.0001235', '1,235,000', '0.1', '3')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    if isinstance(value, int):
        return _signless(f"{value:,}")
    size = math.floor(math.log10(abs(value)))
    if not -5 <= size < 12:
        return _signless(f"{value:.{digits - 1}e}")
    text = f"{round(value, digits - 1 - size):,.{max(digits - 1 - size, 0)}f}"
    return _signless(text.rstrip("0").rstrip(".") if "." in text else text)


def file_size(count: int | None) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> file_size(512), file_size(1_234_567)
    ('512 B', '1.2 MB')
    """
    if count is None:
        return NONE
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B"


def _signless(text: str) -> str:
    """Give negative numbers a minus sign, and zero none."""
    if not text.startswith("-"):
        return text
    return "−" + text[1:] if any(c in "123456789" for c in text) else text[1:]
