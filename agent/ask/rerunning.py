"""What a prompt says about running again: by the clock, or when something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent.ask.grammar import Made, Rule
from agent.ask.lexeme import Fill
from agent.ask.making import asks, slot, valued

if TYPE_CHECKING:
    from agent.ask.lexeme import Lexeme
    from agent.ask.making import Matched

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


def _triggered(m: Matched) -> Made:
    trigger: dict[str, Any] = {"on": m["e"].value if "e" in m else "drift_detected"}
    if "s" in m:
        trigger["source"] = m["s"].value
    return slot(Fill("triggers", (trigger,)))


def _drift(m: Matched) -> Made | None:
    return _triggered(m) if m["d"].value == "drift" else None


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    scheduled = (Rule(pattern, _scheduled) for pattern in SCHEDULES)
    return (
        *scheduled,
        Rule("IN? z=ZONE", lambda m: slot(Fill(ZONE, m["z"].value))),
        Rule("RERUN SEP? WHEN|IN|AFTER? FILL? e=EVENT IN?", _triggered),
        Rule("WHEN|IN|AFTER? FILL? e=EVENT IN|SOMETIMEAFTER? SEP? FILL? RERUN", _triggered),
        Rule("RERUN WHEN|IN|AFTER FILL? FOUND? d=DETECTOR FOUND? FROM|IN? s=TOPIC?", _drift),
        Rule("WHEN|IN|AFTER FILL? FOUND? d=DETECTOR FOUND? IN|SOMETIMEAFTER? SEP? RERUN", _drift),
        Rule("n=NUM? DASH? FINEBARS", asks("finer_bars")),
        Rule("v=BARSIZE", valued("aggregation.bars")),
    )
