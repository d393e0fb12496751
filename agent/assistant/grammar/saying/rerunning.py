"""What a prompt says about running again: by the clock, or when something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.saying.filing import fine_bars
from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Fill
from agent.assistant.grammar.words.making import asks, slot, valued
from agent.assistant.grammar.words.sources import FILE

if TYPE_CHECKING:
    from agent.assistant.grammar.words.lexeme import Lexeme
    from agent.assistant.grammar.words.making import Matched
    from agent.assistant.grammar.words.sources import Source

CRON, ZONE, CALENDAR = "schedule.cron", "schedule.timezone", "schedule.calendar"
NEW_YORK: Final = "America/New_York"


def _hour(lexeme: Lexeme) -> int:
    number = lexeme.value.value
    return int(number) if number == int(number) else -1


def _time(m: Matched) -> Made | None:
    """``18:30``, ``6:30 pm``, ``6 pm``, ``18点30分``, ``下午六点半``."""
    if "c" in m and not (m["c"].glued and m["m"].glued):
        return None
    hour, minute = _hour(m["h"]), 0
    if "m" in m:
        minute = m["m"].value if m["m"].kind == "HALFPAST" else _hour(m["m"])
    if "p" in m:
        if not 1 <= hour <= 12 and m["p"].value == 12:
            return _clock(hour, minute) if hour > 12 else None
        hour = hour % 12 + m["p"].value
    return _clock(hour, minute)


def _clock(hour: int, minute: int) -> Made | None:
    return Made("TIME", (hour, minute)) if 0 <= hour < 24 and 0 <= minute < 60 else None


TIMES: Final = (
    Rule("h=NUM c=COLON m=TWO p=AM|PM?", _time),
    Rule("p=AM|PM h=NUM c=COLON m=TWO", _time),
    Rule("h=NUM p=AM|PM", _time),
    Rule("h=NUM HAN_POINT m=NUM|HALFPAST? MINUTEWORD|OCLOCK?", _time),
    Rule("p=AM|PM h=NUM HAN_POINT m=NUM|HALFPAST? MINUTEWORD|OCLOCK?", _time),
    Rule("h=NUM OCLOCK", _time),
    Rule("x=NOON", lambda m: Made("TIME", (m["x"].value, 0))),
)
"""Times of the day, before any number is taken for something else; a stage of its own."""


def _scheduled(m: Matched) -> Made | None:
    hour, minute = m["t"].value
    days, trading = _days(m)
    if days is None:
        return None
    fills = [Fill(CRON, f"{minute} {hour} * * {days}")]
    if "z" in m:
        fills.append(Fill(ZONE, m["z"].value))
    if trading:
        fills.append(Fill(CALENDAR, "XNYS", "the sessions of the New York Stock Exchange"))
    return slot(*fills)


def _monthly(m: Matched) -> Made | None:
    """``on the first of every month at 06:00``, ``每月1日早上6点``."""
    if "v" in m and m["v"].value != "month":
        return None
    if "u" in m and m["u"].value != "month":
        return None
    day = m["n"].value.number if m["n"].kind == "DUR" else _nth(m["n"])
    if (m["n"].kind == "DUR" and m["n"].value.unit != "day") or not 1 <= day <= LAST_OF_ALL:
        return None
    hour, minute = m["t"].value
    fills = [Fill(CRON, f"{minute} {hour} {day} * *")]
    fills += [Fill(ZONE, m["z"].value)] if "z" in m else []
    return slot(*fills)


def _nth(lexeme: Lexeme) -> int:
    return int(lexeme.value) if lexeme.kind == "ORD" else lexeme.value.whole or 0


def _days(m: Matched) -> tuple[str | None, bool]:
    """Return the weekdays of a cron line, and whether an exchange's sessions are meant."""
    if "d" in m:
        return m["d"].value, False
    if "u" in m:
        unit = m["u"].value
        return ("1-5", True) if unit == "bar" else ("*" if unit == "day" else None, False)
    if m["v"].kind == "TRADINGDAILY":
        return "1-5", True
    return ("*" if m["v"].value == "day" else None), False


_AT: Final = "IN? z=ZONE? MARK? IN? t=TIME IN? MARK? z=ZONE? MARK?"
_BEFORE: Final = "RERUN|FILL? z=ZONE? MARK? SEP?"
SCHEDULES: Final = (
    f"{_BEFORE} EVERY|IN? d=DAYSET SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} EVERY u=UNIT SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} v=FREQ SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} FREQ IN d=DAYSET SEP? {_AT} RERUN?",
    f"RERUN? {_AT} SEP? EVERY|IN? d=DAYSET z=ZONE?",
    f"RERUN? {_AT} SEP? EVERY u=UNIT z=ZONE?",
    f"RERUN? {_AT} SEP? v=FREQ z=ZONE?",
)
"""`every weekday at 18:30 New York time`, in all its orders."""

LAST_OF_ALL: Final = 28
"""The last day that every month has."""

MONTHLY: Final = (
    f"{_BEFORE} IN? n=ORD|COUNT NTH? IN? EVERY u=UNIT SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} v=FREQ IN? n=ORD|COUNT NTH? SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} v=FREQ n=DUR SEP? FILL? {_AT} RERUN?",
    f"{_BEFORE} v=FREQ n=COUNT DAYNUMBER SEP? FILL? {_AT} RERUN?",
    f"RERUN? {_AT} SEP? IN? n=ORD|COUNT NTH? IN? EVERY u=UNIT z=ZONE?",
)
"""`on the first of every month at 06:00 UTC`."""


def _triggered(m: Matched) -> Made:
    trigger: dict[str, Any] = {"on": m["e"].value if "e" in m else "drift_detected"}
    if "s" in m:
        trigger["source"] = m["s"].value
    return slot(Fill("triggers", (trigger,)))


def _drift(m: Matched) -> Made | None:
    return _triggered(m) if m["d"].value == "drift" else None


def rules(source: Source) -> tuple[Rule, ...]:
    """Return the rules; of a file, finer bars than a day's may be meant."""
    scheduled = (Rule(pattern, _scheduled) for pattern in SCHEDULES)
    return (
        *scheduled,
        *(Rule(pattern, _monthly) for pattern in MONTHLY),
        Rule("IN? z=ZONE", lambda m: slot(Fill(ZONE, m["z"].value))),
        Rule("RERUN SEP? WHEN|IN|AFTER? FILL? e=EVENT IN?", _triggered),
        Rule("WHEN|IN|AFTER? FILL? e=EVENT IN|SOMETIMEAFTER? SEP? FILL? RERUN", _triggered),
        Rule("RERUN WHEN|IN|AFTER FILL? FOUND? d=DETECTOR FOUND? FROM|IN? s=TOPIC?", _drift),
        Rule("WHEN|IN|AFTER FILL? FOUND? d=DETECTOR FOUND? IN|SOMETIMEAFTER? SEP? RERUN", _drift),
        Rule("IN? n=NUM? DASH? b=FINEBARS", fine_bars if source is FILE else asks("finer_bars")),
        Rule("v=BARSIZE", valued("aggregation.bars")),
    )
