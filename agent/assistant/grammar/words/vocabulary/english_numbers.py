"""English vocabulary: numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ("UNITS", 0, "zero"),
    ("UNITS", 1, "one"),
    ("UNITS", 2, "two"),
    ("UNITS", 3, "three"),
    ("UNITS", 4, "four"),
    ("UNITS", 5, "five"),
    ("UNITS", 6, "six"),
    ("UNITS", 7, "seven"),
    ("UNITS", 8, "eight"),
    ("UNITS", 9, "nine"),
    ("UNITS", 10, "ten"),
    ("UNITS", 11, "eleven"),
    ("UNITS", 12, "twelve"),
    ("UNITS", 13, "thirteen"),
    ("UNITS", 14, "fourteen"),
    ("UNITS", 15, "fifteen"),
    ("UNITS", 16, "sixteen"),
    ("UNITS", 17, "seventeen"),
    ("UNITS", 18, "eighteen"),
    ("UNITS", 19, "nineteen"),
    ("TENS", 20, "twenty"),
    ("TENS", 30, "thirty"),
    ("TENS", 40, "forty|fourty"),
    ("TENS", 50, "fifty"),
    ("TENS", 60, "sixty"),
    ("TENS", 70, "seventy"),
    ("TENS", 80, "eighty"),
    ("TENS", 90, "ninety"),
    ("UNITS", 12, "dozen"),
    ("HUNDRED", 100, "hundred"),
    ("SCALE", 1000.0, "thousand|k"),
    ("SCALE", 1000000.0, "million|millions|mln|mn|mio"),
    ("SCALE", 1000000000.0, "billion|billions|bn"),
    ("M", 1000000.0, "m"),
    ("ORD", 1, "first|1st"),
    ("ORD", 2, "second|2nd"),
    ("ORD", 3, "third|3rd"),
    ("ORD", 4, "fourth|4th"),
)
"""Kind, value, phrases separated by bars."""
