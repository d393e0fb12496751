"""English vocabulary: dates and durations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ("MONTH", 1, "january|jan"),
    ("MONTH", 2, "february|feb"),
    ("MONTH", 3, "march|mar"),
    ("MONTH", 4, "april|apr"),
    ("MONTH", 6, "june|jun"),
    ("MONTH", 7, "july|jul"),
    ("MONTH", 8, "august|aug"),
    ("MONTH", 9, "september|sept|sep"),
    ("MONTH", 10, "october|oct"),
    ("MONTH", 11, "november|nov"),
    ("MONTH", 12, "december|dec"),
    ("MAY", 5, "may"),
    ("Q", None, "q"),
    ("QUARTER", None, "quarter"),
    ("H", None, "h"),
    ("HALF", None, "half"),
    ("NTH", None, "st|nd|rd|th"),
    ("DECADE", None, "s"),
    ("BEGINNING", None, "beginning of|start of|the start of|the beginning of"),
    ("ENDING", None, "end of|the end of"),
    ("YEARWORD", "year", "year|calendar year|the year"),
    (
        "NOW",
        None,
        (
            "now|today|the present|present|the end|the last day|the latest|the end of the data"
            "|the end of the sample"
        ),
    ),
    ("OUTSET", None, "the beginning|the start|the outset"),
    ("UNIT", "day", "day|days|d"),
    ("UNIT", "bar", "trading day|trading days|session|sessions|bar|bars"),
    ("UNIT", "week", "week|weeks|w|wk|wks"),
    ("UNIT", "month", "month|months|mo|mos"),
    ("UNIT", "quarter", "quarters"),
    ("UNIT", "year", "years|y|yr|yrs"),
    ("UNIT", "decade", "decade|decades"),
    ("AUNIT", "day", "a day|a trading day"),
    ("AUNIT", "week", "a week"),
    ("AUNIT", "month", "a month"),
    ("AUNIT", "quarter", "a quarter"),
    ("AUNIT", "year", "a year"),
    ("UNIT", "hour", "hour|hours|hr|hrs"),
    ("UNIT", "minute", "minute|minutes|min|mins"),
    (
        "FROM",
        None,
        ("from|starting|starting in|starting from|starting on|beginning in|beginning|ranging from"),
    ),
    ("BEGIN", None, "start|starts|start date|starts in|start year|begin|begins|start in"),
    ("FINISH", None, "end|ends|end date|ends in|end year|end in|finish|finishes|stop in"),
    ("BETWEEN", None, "between|in between"),
    ("SINCE", None, "since|ever since|onwards from|from the beginning of"),
    ("ONWARDS", None, "onwards|onward|and on|and later|and after|forward"),
    ("TO", None, "to|through|thru|till|up until|up to and including|ending in|ending on|ending"),
    ("UNTIL", None, "until|up to|up till|not later than"),
    ("BEFORE", None, "before|prior to|earlier than"),
    ("AFTER", None, "after|later than"),
    ("IN", None, "in|during|within|throughout|for|on|at"),
    ("OVER", None, "over|across"),
    ("LAST", None, "last|past|latest|most recent|recent|previous|trailing|final"),
    ("THIS", None, "this"),
    (
        "WHOLE",
        None,
        (
            "all data|all the data|all available data|whole period|entire period|full period"
            "|whole sample|entire sample|full sample|full history|whole history|entire history"
            "|all history|all years|all the years"
        ),
    ),
)
"""Kind, value, phrases separated by bars."""
