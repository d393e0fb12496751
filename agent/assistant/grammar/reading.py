"""All stages of the grammar, from a prompt to what it says and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.saying import (
    detecting,
    filing,
    modelling,
    reacting,
    rerunning,
    studying,
    trading,
)
from agent.assistant.grammar.words import dates, lexicon, numbers, periods, quantities
from agent.assistant.grammar.words.grammar import rewrite
from agent.assistant.grammar.words.kinds import kinds_of
from agent.assistant.grammar.words.lexeme import Lexeme
from agent.assistant.grammar.words.sources import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from agent.assistant.grammar.questions import Span
    from agent.assistant.grammar.words.lexeme import Ask, Fill
    from agent.assistant.grammar.words.sources import Source

HARMLESS: Final = frozenset(
    {"FILL", "LINK", "FROM", "TO", "IN", "OVER", "AND", "SEP", "DASH", "SLASH", "DOT", "MARK",
     "TOPIC", "RANKED", "HOLD", "BUY", "STOCK", "PORTFOLIO", "COST", "CAPITAL", "REBALANCE", "DATA",
     "DEALT", "ATATIME", "WINDOW", "BOTH", "MAY", "FOLLOWED", "COLON", "PAREN", "FOUND", "SETWORD",
     "AM", "VERIFY", "ADD", "TESTWORD"}
)  # fmt: skip
"""Kinds that ask for nothing by themselves: what they would change is a default anyhow."""

BREAKS: Final = frozenset({"SEP", "DOT", "MARK", "PAREN"})
"""Kinds that part what is left over into several questions."""

RERUNS: Final = frozenset({"schedule.cron", "triggers"})
"""What `rerun` is about."""

PERIOD: Final = frozenset({periods.START, periods.END})

TOPICS: Final = frozenset({"TOPIC", "RANKED", "RANKTOP"})


@dataclass(frozen=True)
class Reading:
    """What a prompt says.

    Attributes
    ----------
    source
        What is studied: a file where one is named, else what was given.
    topics
        Names of studies, each with the words that name it.
    fills
        What is said about the TaskSpec, with the words.
    asks
        Questions that the grammar itself has.
    leftovers
        Runs of lexemes that nothing used.
    used, harmless
        Spans that were used, or ask for nothing; with `asks` and `leftovers` they cover the prompt.
    """

    source: Source
    topics: list[tuple[str, Span]] = field(default_factory=list)
    fills: list[tuple[Fill, Span]] = field(default_factory=list)
    asks: list[tuple[Ask, Span]] = field(default_factory=list)
    leftovers: list[list[Lexeme]] = field(default_factory=list)
    used: list[Span] = field(default_factory=list)
    harmless: list[Span] = field(default_factory=list)


def read(prompt: str, today: date, source: Source) -> Reading:
    """Read a prompt; every word of it lands somewhere."""
    words = numbers.combine(lexicon.read(prompt))
    topics = [(word.value, (word.start, word.end)) for word in words if word.kind in TOPICS]
    if any(word.kind == "FILE" for word in words):
        source = FILE
    reading = Reading(topics=topics, source=source)
    for lexeme in _let_go_of_only(_parse(words, today, source)):
        _sort_in(reading, lexeme)
    if any(fill.key in RERUNS for fill, _ in reading.fills):
        _let_go(reading, "RERUN")
    return reading


def _let_go_of_only(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Take `only` before a period for nothing: a period is all that is looked at, anyhow."""
    kept = list(lexemes)
    for place, lexeme in enumerate(lexemes):
        rest = (other for other in lexemes[place + 1 :] if other.kind not in HARMLESS - BREAKS)
        following = next(rest, None)
        said = following.value if following and following.kind == "SLOT" else ()
        if lexeme.kind == "ONLY" and said and all(fill.key in PERIOD for fill in said):
            kept[place] = replace(lexeme, kind="FILL")
    return kept


def _let_go(reading: Reading, kind: str) -> None:
    """Ask nothing about words whose kind has been said already, in other words."""
    for run in reading.leftovers:
        if run and all(lexeme.kind == kind for lexeme in run):
            reading.harmless.extend((lexeme.start, lexeme.end) for lexeme in run)
            run.clear()


def _parse(words: Sequence[Lexeme], today: date, source: Source) -> list[Lexeme]:
    lexemes = list(words)
    stages = (
        rerunning.TIMES,
        dates.points(today),
        dates.EDGES,
        quantities.RULES,
        reacting.ACTIONS,
    )
    for stage in stages:
        lexemes = rewrite(lexemes, stage, kinds_of)
    rules = (
        *periods.rules(source),
        *trading.rules(),
        *studying.rules(),
        *detecting.rules(),
        *modelling.rules(),
        *reacting.rules(),
        *rerunning.rules(source),
        *filing.rules(),
    )
    return rewrite(gather_symbols(lexemes), rules, kinds_of)


def gather_symbols(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Join symbols that stand in a list: `$AAPL, MSFT and IBM`."""
    joined: list[Lexeme] = []
    place = 0
    while place < len(lexemes):
        found = _symbols_at(lexemes, place)
        end = found[-1] + 1 if found else place + 1
        first = lexemes[place]
        if found:
            symbols = tuple(dict.fromkeys(lexemes[i].value for i in found))
            last = lexemes[end - 1]
            joined.append(Lexeme("SYMBOLS", symbols, first.start, last.end, first.glued))
        else:
            joined.append(first)
        place = end
    return joined


def _symbols_at(lexemes: Sequence[Lexeme], place: int) -> list[int]:
    """Return the places of the symbols of a list that begins at `place`."""
    found: list[int] = []
    here = place
    while here < len(lexemes):
        here += lexemes[here].kind == "DOLLAR"
        if here >= len(lexemes) or lexemes[here].kind != "SYMBOL":
            return found
        found.append(here)
        here += 1
        while here < len(lexemes) and kinds_of(lexemes[here]) & {"SEP"}:
            here += 1
    return found


def _sort_in(reading: Reading, lexeme: Lexeme) -> None:
    span = (lexeme.start, lexeme.end)
    if lexeme.kind == "SLOT":
        reading.fills.extend((fill, span) for fill in lexeme.value)
        reading.used.append(span)
    elif lexeme.kind == "ASK":
        reading.asks.append((lexeme.value, span))
    elif lexeme.kind in HARMLESS:
        reading.harmless.append(span)
        if lexeme.kind in BREAKS and reading.leftovers and reading.leftovers[-1]:
            reading.leftovers.append([])
        return
    else:
        if not reading.leftovers:
            reading.leftovers.append([])
        reading.leftovers[-1].append(lexeme)
        return
    if reading.leftovers and reading.leftovers[-1]:
        reading.leftovers.append([])
