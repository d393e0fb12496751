"""What else a lexeme passes for, beside its own kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.sources import SAMPLE

if TYPE_CHECKING:
    from agent.assistant.grammar.words.lexeme import Lexeme

ALSO: Final = {
    "YEARWORD": frozenset({"UNIT"}),
    "DAYWORD": frozenset({"UNIT", "DAYNUMBER"}),
    "MAY": frozenset({"MONTH"}),
    "AND": frozenset({"SEP"}),
    "SLASH": frozenset({"SEP"}),
    "TOPIC": frozenset({"FEATURE"}),
    "BUY": frozenset({"HOLD"}),
    "OVER": frozenset({"IN"}),
    "COLON": frozenset({"LINK"}),
    "PAREN": frozenset({"MARK"}),
    "WHEN": frozenset({"CONDITION"}),
    "ABOVE": frozenset({"CONDITION"}),
    "FRIDAYS": frozenset({"DAYSET"}),
    "TRADINGDAILY": frozenset({"FREQ"}),
    "SETWORD": frozenset({"FILL"}),
    "VERIFY": frozenset({"FILL"}),
    "TESTWORD": frozenset({"FILL"}),
    "ADD": frozenset({"FILL"}),
}
"""Kinds that pass for others wherever they stand."""


def kinds_of(lexeme: Lexeme) -> frozenset[str]:
    """Return all kinds that a lexeme passes for.

    Numbers pass for what they could be: ``YEAR`` (four digits), ``COUNT`` (a whole number above
    zero), ``ALLCOUNT`` (as many as the source has symbols), ``NIL`` (zero), ``TWO`` (two digits),
    ``YY`` (two digits, the first a zero).
    """
    kinds = {lexeme.kind} | ALSO.get(lexeme.kind, frozenset())
    if lexeme.kind == "NUM":
        number = lexeme.value
        if number.year:
            kinds.add("YEAR")
        if number.whole:
            kinds.add("COUNT")
        if number.whole == len(SAMPLE.listed):
            kinds.add("ALLCOUNT")
        if number.value == 0:
            kinds.add("NIL")
        if len(number.digits) == 2:
            kinds.add("TWO")
        if len(number.digits) == 2 and number.digits[0] == "0":
            kinds.add("YY")
    return frozenset(kinds)
