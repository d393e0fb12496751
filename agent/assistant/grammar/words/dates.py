"""Points of the calendar as spans of days: a year, a half, a quarter, a month, a day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.grammar.words.lexeme import Lexeme


class Span(NamedTuple):
    """The first and the last day, both inclusive."""

    first: date
    last: date


def months(year: int, first: int, last: int) -> Span:
    """Return the span of some months of a year."""
    return Span(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def year_span(year: int) -> Span:
    """Return the span of a year."""
    return months(year, 1, 12)


def span_of(lexeme: Lexeme) -> Span:
    """Return the span of a lexeme of kind ``DATE``, ``YM`` or ``YEAR``."""
    if isinstance(lexeme.value, Span):
        return lexeme.value
    year = int(lexeme.value.value)
    return year_span(year + 2000 if year < 100 else year)


def _made(span: Span | None) -> Made | None:
    return Made("DATE", span) if span else None


def _int(lexeme: Lexeme) -> int:
    """Return the whole number of a lexeme; -1, which no calendar has, where it is none."""
    if isinstance(lexeme.value, int):
        return lexeme.value
    number = lexeme.value.value
    return int(number) if number == int(number) else -1


def _year(m: Mapping[str, Lexeme]) -> int:
    """Return the year of a match; ``08年`` is 2008."""
    number = m["y"].value
    return int(number.value) + (2000 if number.value < 100 else 0)


def _whole_year(m: Mapping[str, Lexeme]) -> Made | None:
    return _made(year_span(_year(m)))


def _month(m: Mapping[str, Lexeme]) -> Made | None:
    number = _int(m["m"])
    return _made(months(_year(m), number, number) if 1 <= number <= 12 else None)


def _iso_month(m: Mapping[str, Lexeme]) -> Made | None:
    made = _month(m)
    return Made("YM", made.value) if made else None


def _day(m: Mapping[str, Lexeme]) -> Made | None:
    day = _valid(_year(m), _int(m["m"]), _int(m["d"]))
    return _made(Span(day, day)) if day else None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_or_month_first(m: Mapping[str, Lexeme]) -> Made | None:
    """``15/9/2008`` is clear; ``3/4/2008`` is not."""
    one, two, year = _int(m["a"]), _int(m["b"]), _year(m)
    days = {d for d in (_valid(year, one, two), _valid(year, two, one)) if d}
    if len(days) == 1:
        day = days.pop()
        return Made("DATE", Span(day, day))
    if len(days) == 2:
        first, second = sorted(days)
        return Made("ASK", Ask("day_or_month", {"a": str(first), "b": str(second)}))
    return None


def _quarter(m: Mapping[str, Lexeme]) -> Made | None:
    quarter = _int(m["n"])
    valid = 1 <= quarter <= 4
    return _made(months(_year(m), 3 * quarter - 2, 3 * quarter) if valid else None)


def _half(m: Mapping[str, Lexeme]) -> Made | None:
    half = _int(m["n"])
    return _made(months(_year(m), 6 * half - 5, 6 * half) if half in {1, 2} else None)


def _decade(m: Mapping[str, Lexeme]) -> Made | None:
    year = _year(m)
    glued = m["s"].glued and year % 10 == 0
    return _made(Span(date(year, 1, 1), date(year + 9, 12, 31)) if glued else None)


def _first_day(m: Mapping[str, Lexeme]) -> Made | None:
    span = span_of(m["d"])
    return _made(Span(span.first, span.first))


def _last_day(m: Mapping[str, Lexeme]) -> Made | None:
    span = span_of(m["d"])
    return _made(Span(span.last, span.last))


def _rules(table: tuple[tuple[str, Any], ...]) -> tuple[Rule, ...]:
    return tuple(Rule(pattern, make) for pattern, make in table)


POINTS: Final = _rules(
    (
        ("y=YEAR DASH|SLASH|DOT m=NUM DASH|SLASH|DOT d=NUM", _day),
        ("a=NUM DASH|SLASH|DOT b=NUM DASH|SLASH|DOT y=YEAR", _day_or_month_first),
        ("y=YEAR YEARWORD m=NUM MONTHWORD d=NUM DAYNUMBER", _day),
        ("y=YY YEARWORD m=NUM MONTHWORD d=NUM DAYNUMBER", _day),
        ("m=MONTH DOT? d=NUM NTH? SEP? y=YEAR", _day),
        ("m=MONTH DOT? d=ORD SEP? y=YEAR", _day),
        ("d=ORD m=MONTH SEP|DOT? y=YEAR", _day),
        ("m=TWO DASH|SLASH|DOT y=YEAR", _month),
        ("d=NUM NTH? m=MONTH SEP|DOT? y=YEAR", _day),
        ("m=MONTH SEP|DOT? y=YEAR", _month),
        ("y=YEAR SEP? m=MONTH", _month),
        ("y=YEAR YEARWORD m=NUM MONTHWORD", _month),
        ("y=YY YEARWORD m=NUM MONTHWORD", _month),
        ("y=YEAR DASH|SLASH|DOT m=TWO", _iso_month),
        ("Q n=NUM SEP|DASH? y=YEAR", _quarter),
        ("n=NUM Q SEP|DASH? y=YEAR", _quarter),
        ("y=YEAR SEP|DASH? Q n=NUM", _quarter),
        ("y=YEAR SEP|DASH? n=NUM Q", _quarter),
        ("y=YEAR YEARWORD Q n=NUM", _quarter),
        ("n=ORD QUARTER IN? y=YEAR", _quarter),
        ("y=YEAR YEARWORD? NTH_OF? n=NUM QUARTER", _quarter),
        ("y=YY YEARWORD NTH_OF? n=NUM QUARTER", _quarter),
        ("y=YEAR n=ORD QUARTER", _quarter),
        ("H n=NUM SEP|DASH? y=YEAR", _half),
        ("n=NUM H SEP|DASH? y=YEAR", _half),
        ("y=YEAR SEP|DASH? H n=NUM", _half),
        ("n=ORD HALF IN? y=YEAR", _half),
        ("y=YEAR n=ORD HALF", _half),
        ("y=YEAR n=FIRSTHALF", _half),
        ("y=YY n=FIRSTHALF", _half),
        ("y=YEAR YEARWORD n=FIRSTHALF", _half),
        ("y=YEAR s=DECADE", _decade),
        ("y=YEAR YEARWORD", _whole_year),
        ("YEARWORD y=YEAR", _whole_year),
        ("y=YY YEARWORD", _whole_year),
    )
)
"""What names a point by itself."""


def points(today: date) -> tuple[Rule, ...]:
    """Return the rules of the first stage; `this year` is the year of `today`."""

    def counted_back(m: Mapping[str, Lexeme]) -> Made:
        return Made("DATE", year_span(today.year - (m["n"].value if "n" in m else 0)))

    return (*POINTS, Rule("n=LASTYEAR", counted_back), Rule("THIS YEARWORD", counted_back))


EDGES: Final = _rules(
    (
        ("BEGINNING d=DATE|YM|YEAR", _first_day),
        ("ENDING d=DATE|YM|YEAR", _last_day),
        ("d=YEAR|YY YEARBEGIN", _first_day),
        ("d=YEAR|YY YEAREND", _last_day),
    )
)
"""The second stage: the first or last day of a point."""


def back(day: date, unit: str, count: int) -> date:
    """Return the day `count` units before `day`; ahead where `count` is negative.

    Examples
    --------
    >>> back(date(2012, 2, 29), "year", 1), back(date(2013, 3, 31), "month", 1)
    (datetime.date(2011, 2, 28), datetime.date(2013, 2, 28))
    """
    if unit in {"day", "week"}:
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    total = day.year * 12 + day.month - 1 - count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
