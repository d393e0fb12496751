"""Numbers with their units: durations and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from agent.assistant.grammar.words.grammar import Made, Rule
from taskspecs.frequencies import FREQUENCIES, MINUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.assistant.grammar.words.lexeme import Lexeme

BARS: Final = {"bar": 1, "day": 1, "week": 5, "month": 21, "quarter": 63, "year": 252}
"""Daily bars to a unit, by the convention of the field."""


def _of_minutes(minutes: int) -> dict[str, int]:
    """Return how many bars of so many minutes make a unit, of units that they fill."""
    units = {"minute": 1, "hour": 60}
    return {"bar": 1} | {u: each // minutes for u, each in units.items() if not each % minutes}


BARS_OF: Final[Mapping[str, Mapping[str, int]]] = {
    **{name: _of_minutes(minutes) for name, minutes in MINUTES.items()},
    "day": BARS,
    "week": {"bar": 1, "week": 1, "quarter": 13, "year": 52},
    "month": {"bar": 1, "month": 1, "quarter": 3, "year": 12},
}
"""Bars of each length to a unit; what is not here is not a whole number of them."""

BAR_NAMES: Final = {str(name): bars.adjective for name, bars in FREQUENCIES.items()}

UNITS_OF: Final = {"decade": ("year", 10)}
"""Units that are so many of another."""


class Duration(NamedTuple):
    """So many of a unit."""

    number: int
    unit: str

    @property
    def bars(self) -> int | None:
        """How many daily bars that is; none for hours and minutes."""
        return self.number * BARS[self.unit] if self.unit in BARS else None

    def bars_of(self, frequency: str) -> int | None:
        """How many bars of a length that is; none where no convention says so.

        Examples
        --------
        >>> Duration(6, "month").bars_of("week"), Duration(1, "month").bars_of("week")
        (26, None)
        """
        if frequency == "week" and self.unit == "month" and self.number % 3 == 0:
            return self.number // 3 * 13
        each = BARS_OF[frequency].get(self.unit)
        return self.number * each if each else None

    def __str__(self) -> str:
        """Write it out."""
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"


def _duration(m: Mapping[str, Lexeme]) -> Made | None:
    unit, times = UNITS_OF.get(m["u"].value, (m["u"].value, 1))
    return Made("DUR", Duration(m["n"].value.whole * times, unit))


def _half_year(_: Mapping[str, Lexeme]) -> Made | None:
    return Made("DUR", Duration(6, "month"))


def _rate(kind: str, factor: float) -> Callable[[Mapping[str, Lexeme]], Made | None]:
    def make(m: Mapping[str, Lexeme]) -> Made | None:
        return Made(kind, round(m["n"].value.value * factor, 9))

    return make


RULES: Final = (
    Rule("n=COUNT DASH? u=UNIT TERM?", _duration),
    Rule("u=AUNIT", lambda m: Made("DUR", Duration(1, m["u"].value))),
    Rule("HALF DASH? YEARWORD", _half_year),
    Rule("HALFYEAR TERM?", _half_year),
    Rule("n=NUM BP", _rate("BPS", 1)),
    Rule("PERTENK_OF n=NUM", _rate("BPS", 1)),
    Rule("PERMIL_OF n=NUM", _rate("BPS", 10)),
    Rule("PERCENT_OF n=NUM", _rate("PCT", 1)),
    Rule("n=NUM PERTENK", _rate("BPS", 1)),
    Rule("n=NUM PERMIL", _rate("BPS", 10)),
    Rule("n=NUM PCTSIGN|PERCENT", _rate("PCT", 1)),
    Rule("w=HAN_SCALE n=NUM", lambda m: _rate("BPS", 1)(m) if m["w"].value == 10_000 else None),
    Rule("w=HAN_TEN n=NUM", lambda m: _rate("BPS", 10)(m) if m["w"].value == 1_000 else None),
)
"""`60-day`, `三个月`, `10 bps`, `千分之二`, and the traders' `万三` for three in ten thousand."""
