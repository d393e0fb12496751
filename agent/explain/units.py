"""Values as text, by their unit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from configs.numbers import NONE, percent, plain, ratio, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DAILY: Final = frozenset({"day", "week", "month"})
"""Distances between bars of which the day says all."""


def _basis_points(value: float | None) -> str:
    return f"{plain(value)} basis points"


def _money(value: float | None) -> str:
    return f"{whole(value)} in money"


def _error(value: float | None) -> str:
    """Write a probability; one that is nearly none is not written as none."""
    return plain(value, 2) if value is None or value >= 1e-4 else "below 0.0001"


def _confidence(value: float | None) -> str:
    """Write a confidence; one that is nearly certain is not written as certain."""
    return plain(value, 4) if value is None or value <= 0.9999 else "above 0.9999"


WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "fraction": percent,
    "percent2": lambda value: percent(value, 2),
    "ratio": ratio,
    "coefficient": lambda value: plain(value, 2),
    "count": whole,
    "bars": lambda value: f"{whole(value)} bars",
    "days": lambda value: f"{whole(value)} days",
    "money": _money,
    "bps": _basis_points,
    "probability": _error,
    "confidence": _confidence,
    "times": lambda value: f"{plain(value, 2)} times",
    "standard errors": lambda value: f"{ratio(value)} standard errors",
    "standard deviations": lambda value: f"{ratio(value)} standard deviations",
    "score": lambda value: plain(value, 3),
    "source": lambda value: plain(value, 3),
    "number": plain,
    "text": str,
}
"""How a value of each unit is written; any other unit follows its number."""


def write(value: Any, unit: str, *, zone: str = "UTC", frequency: str = "day") -> str:
    """Write a value.

    Examples
    --------
    >>> write(-0.1234, "fraction"), write(31.0, "bars"), write(None, "ratio"), write(5.0, "pips")
    ('−12.3%', '31 bars', '–', '5 pips')
    """
    if value is None:
        return NONE
    if unit == "time" and isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        local = value.astimezone(ZoneInfo(zone))
        return f"{local:%Y-%m-%d}" if frequency in DAILY else f"{local:%Y-%m-%d %H:%M} ({zone})"
    writer = WRITERS.get(unit)
    return writer(value) if writer else f"{plain(value)} {unit}"
