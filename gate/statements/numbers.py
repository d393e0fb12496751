"""Numbers as statements write them: one way, for good, so that a text can be made again. Pure."""

from __future__ import annotations

YES_OR_NO = "yes or no"
_LARGE = 1e6


def write_number(value: float | None, unit: str) -> str:
    """Write a number and its unit.

    Examples
    --------
    >>> write_number(0.84123456, "ratio"), write_number(80.0, "bars"), write_number(2e7, "money")
    ('0.841235 ratio', '80 bars', '20,000,000 money')
    >>> write_number(None, "bars"), write_number(1.0, ""), write_number(0.0, "yes or no")
    ('not known', '1', 'no')
    """
    if value is None:
        return "not known"
    if unit == YES_OR_NO:
        return "yes" if value >= 1 else "no"
    text = f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.6g}"
    return f"{text} {unit}".rstrip()
