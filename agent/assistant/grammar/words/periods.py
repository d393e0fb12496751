"""Periods: which days of the source a prompt means."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.dates import back, span_of
from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask, Fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.assistant.grammar.words.dates import Span
    from agent.assistant.grammar.words.lexeme import Lexeme
    from agent.assistant.grammar.words.quantities import Duration
    from agent.assistant.grammar.words.sources import Source

DAY: Final = timedelta(days=1)
START, END = "data.start", "data.end"
CALENDAR: Final = frozenset({"day", "week", "month", "quarter", "year"})
"""Units that the calendar alone tells; trading days need the exchange's own."""

POINT: Final = "DATE|YM|YEAR"


def period(start: date | None = None, end: date | None = None, note: str = "") -> Made:
    """Return what a period says: a first day, a last day, or both."""
    bounds = ((START, start), (END, end))
    return Made("SLOT", tuple(Fill(key, str(day), note) for key, day in bounds if day))


def _whole(_: Mapping[str, Lexeme]) -> Made:
    return Made("SLOT", (Fill(START, None, "all there is"), Fill(END, None, "all there is")))


def _between(m: Mapping[str, Lexeme]) -> Made:
    first, last = span_of(m["a"]), span_of(m["b"])
    if first.first > last.last:
        return Made("ASK", Ask("backwards", {"a": str(first.first), "b": str(last.last)}))
    return period(first.first, last.last)


def _since(m: Mapping[str, Lexeme]) -> Made:
    return period(start=span_of(m["a"]).first)


def _until(m: Mapping[str, Lexeme]) -> Made:
    return period(end=span_of(m["b"]).last)


def _after(m: Mapping[str, Lexeme]) -> Made:
    return period(start=span_of(m["a"]).last + DAY, note="after its last day")


def _before(m: Mapping[str, Lexeme]) -> Made:
    return period(end=span_of(m["b"]).first - DAY, note="before its first day")


def _sometime_after(m: Mapping[str, Lexeme]) -> Made:
    span = span_of(m["a"])
    if span.first == span.last:
        return _after(m)
    return Made("ASK", Ask("after", {"a": str(span.first), "b": str(span.last + DAY)}))


def _within(m: Mapping[str, Lexeme]) -> Made:
    span = span_of(m["a"])
    if m["a"].kind == "YM":
        year, short = span.first.year, span.first.month
        return Made(
            "ASK", Ask("month_or_year", {"a": f"{year}-{short:02}", "b": f"{year}-20{short:02}"})
        )
    if span.first == span.last:
        return Made("ASK", Ask("one_day", {"a": str(span.first)}))
    return period(span.first, span.last)


def _lasting(begin: Callable[[Span], date]) -> Callable[[Mapping[str, Lexeme]], Made | None]:
    """So long from a point on."""

    def make(m: Mapping[str, Lexeme]) -> Made | None:
        start = begin(span_of(m["a"]))
        end = _shift(start, m["d"].value, -1)
        return period(start, end - DAY) if end else None

    return make


def _up_to(finish: Callable[[Span], date]) -> Callable[[Mapping[str, Lexeme]], Made | None]:
    """So long up to a point."""

    def make(m: Mapping[str, Lexeme]) -> Made | None:
        end = finish(span_of(m["b"]))
        start = _shift(end + DAY, m["d"].value, 1)
        return period(start, end) if start else None

    return make


def _shift(day: date, duration: Duration, direction: int) -> date | None:
    """Move a day by a duration; None where the calendar or the unit does not reach."""
    if duration.unit not in CALENDAR:
        return None
    try:
        return back(day, duration.unit, direction * duration.number)
    except (ValueError, OverflowError):
        return None


def rules(source: Source) -> tuple[Rule, ...]:
    """Return the rules; `last five years` counts back from the source's last day."""

    def recent(m: Mapping[str, Lexeme]) -> Made | None:
        if source.last is None:
            return Made("ASK", Ask("file_period", {}))
        start = _shift(source.last, m["d"].value, 1)
        note = f"counted back from {source.last}, the last day of the prices"
        return period(start=start, note=note) if start else None

    def opening(m: Mapping[str, Lexeme]) -> Made | None:
        if "n" in m and m["n"].value != 1:
            return None
        if source.first is None:
            return Made("ASK", Ask("file_period", {}))
        end = _shift(source.first, m["d"].value, -1)
        note = f"counted from {source.first}, the first day of the prices"
        return period(end=end - DAY, note=note) if end else None

    def front(m: Mapping[str, Lexeme]) -> Made:
        return Made("ASK", Ask("first_or_last", {"a": m["d"].value}))

    def last_unit(m: Mapping[str, Lexeme]) -> Made | None:
        if source.last is None:
            return Made("ASK", Ask("file_period", {}))
        return Made("ASK", Ask("last_unit", {"a": m["u"].value}))

    table: tuple[tuple[str, Callable[[Mapping[str, Lexeme]], Made | None]], ...] = (
        ("FROM? a=POINT TO|UNTIL|DASH b=POINT IN|BETWEENS?", _between),
        ("IN a=POINT TO|UNTIL|DASH b=POINT IN|BETWEENS?", _between),
        ("a=POINT DOT DOT b=POINT", _between),
        ("BETWEEN a=POINT AND|TO|DASH b=POINT BETWEENS?", _between),
        ("SINCE a=POINT TO|UNTIL b=POINT", _between),
        ("IN? a=POINT AND b=POINT BETWEENS", _between),
        ("FROM|SINCE? a=POINT TO|UNTIL|DASH NOW", _since),
        ("FROM|SINCE? a=POINT NOW", _since),
        ("FROM|SINCE a=POINT ONWARDS?", _since),
        ("a=POINT ONWARDS", _since),
        ("BEGIN IN? a=POINT ONWARDS?", _since),
        ("FINISH IN? b=POINT", _until),
        ("FROM OUTSET TO|UNTIL b=POINT", _until),
        ("TO|UNTIL b=POINT IN?", _until),
        ("FROM OUTSET TO|UNTIL NOW", _whole),
        ("FROM OUTSET", _whole),
        ("WHOLE", _whole),
        ("IN WHOLE", _whole),
        ("AFTER a=POINT", _after),
        ("IN? a=POINT SOMETIMEAFTER", _sometime_after),
        ("BEFORE b=POINT", _before),
        ("IN? b=POINT ASFOR|FRONT", _before),
        ("IN? a=POINT IN?", _within),
        ("IN? LAST d=DUR", recent),
        ("IN? LAST d=DUR IN? DATA", recent),
        ("IN? LAST? d=DUR BEFORE b=POINT", _up_to(lambda span: span.first - DAY)),
        ("IN? LAST? d=DUR TO|UNTIL b=POINT", _up_to(lambda span: span.last)),
        ("IN? d=DUR FROM|SINCE a=POINT ONWARDS?", _lasting(lambda span: span.first)),
        ("IN? d=DUR AFTER a=POINT", _lasting(lambda span: span.last + DAY)),
        ("FROM|SINCE a=POINT ONWARDS? IN? d=DUR", _lasting(lambda span: span.first)),
        ("a=POINT ONWARDS IN? d=DUR", _lasting(lambda span: span.first)),
        ("IN? n=ORD d=DUR", opening),
        ("IN? OPENING d=DUR", opening),
        ("IN? FRONT d=DUR", front),
        ("IN|FROM|SINCE|TO|UNTIL|BEFORE|AFTER? LAST u=UNIT", last_unit),
    )
    return tuple(Rule(pattern.replace("POINT", POINT), make) for pattern, make in table)
