"""What is said clearly and yet cannot hold together: contradictions become questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.drafts.document import get, has_field
from agent.assistant.grammar.merging import bar_length
from agent.assistant.grammar.questions import ask
from agent.assistant.grammar.saying.modelling import KIND, SETS
from agent.assistant.grammar.saying.reacting import REACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.grammar.merging import Merged
    from agent.assistant.grammar.questions import Span
    from agent.assistant.grammar.studies import Study
    from agent.assistant.grammar.words.sources import Source

BARS_A_YEAR: Final = {"day": 252, "week": 52, "month": 12}
LEAST_BARS: Final = 20
"""Bars that should be left to trade on after the window is full."""

MODEL: Final = "signal.model"
START, END = "data.start", "data.end"


@dataclass(frozen=True)
class Said:
    """What a prompt says, one value for each key, with the words.

    Attributes
    ----------
    document
        The study as it was filled in.
    merged
        What was said, with the words.
    symbols
        What is studied: all of the source or what the prompt names.
    """

    prompt: str
    study: Study
    source: Source
    document: Mapping[str, Any]
    merged: Merged
    symbols: tuple[str, ...]

    def words(self, *keys: str) -> list[Span]:
        """Return the words behind some keys, each once, in the order of the prompt."""
        return sorted({span for key in keys for span in self.merged.spans.get(key, ())})

    def ask(self, about: str, keys: tuple[str, ...], **values: object) -> Question:
        """Ask about the words behind some keys."""
        return ask(about, self.prompt, *self.words(*keys), **values)

    def day(self, key: str) -> date | None:
        """Return a day that was said."""
        said = self.merged.values.get(key)
        return date.fromisoformat(said) if said else None


def check_all(said: Said) -> list[Question]:
    """Run all checks."""
    return [question for check in CHECKS for question in check(said)]


def _period(said: Said) -> Iterator[Question]:
    start, end = said.day(START), said.day(END)
    first, last = said.source.first, said.source.last
    if first is None or last is None:
        if start and end and start >= end:
            yield said.ask("no_days", (START, END), a=start, b=end)
        return
    relative = any("back from" in said.merged.notes.get(key, "") for key in (START,))
    if relative and end and said.merged.spans.get(END) != said.merged.spans.get(START):
        yield said.ask("relative_to_what", (START, END))
    elif start and end and start >= end:
        yield said.ask("no_days", (START, END), a=start, b=end)
    elif _beyond(start, end, first, last):
        yield said.ask("outside", (START, END), first=first, last=last)
    else:
        yield from _length(said, max(start or first, first), min(end or last, last))


def _beyond(start: date | None, end: date | None, first: date, last: date) -> bool:
    """Whether a period leaves the years of the prices, or has no day in common with them."""
    if start and (start > last or start.year < first.year):
        return True
    return bool(end and (end < first or end.year > last.year))


def _length(said: Said, start: date, end: date) -> Iterator[Question]:
    bars = round(
        (end - start).days / 365.25 * BARS_A_YEAR[get(said.document, "aggregation.bars", "day")]
    )
    key = f"window.{said.study.feature}"
    window = said.merged.values.get(key, _default_window(said))
    if bars < window + LEAST_BARS:
        yield said.ask("too_short", (START, END, key), a=bars, b=said.study.feature, c=window)


def _default_window(said: Said) -> int:
    from agent.assistant.grammar.studies import EXPRESSIONS

    written = str(get(said.document, f"features.define.{said.study.feature}", ""))
    if not written:
        return 0
    before, _, after = EXPRESSIONS[said.study.feature].partition("{n}")
    return int(written.removeprefix(before).removesuffix(after))


def _symbols(said: Said) -> Iterator[Question]:
    count = said.merged.values.get("symbols.count")
    first = said.source.first
    if first is None:
        yield from _symbols_of_file(said, count)
        return
    if not said.symbols:
        yield said.ask("no_symbols", ("symbols.leave", "symbols.take"))
    elif len(said.symbols) == 1 and _ranks(said):
        known = ", ".join(said.source.symbols)
        yield said.ask(
            "one_symbol", ("symbols.take", "symbols.leave"), a=said.symbols[0], known=known
        )
    if count is not None and count != len(said.symbols):
        yield said.ask("count_differs", ("symbols.count",), a=count, b=len(said.symbols))
    end = said.day(END)
    for listed in said.source.listed:
        named = listed.symbol in (said.merged.values.get("symbols.take") or ())
        if named and end and listed.first > end >= first:
            yield said.ask("no_prices", ("symbols.take", END), a=listed.symbol, b=listed.first)


def _symbols_of_file(said: Said, count: int | None) -> Iterator[Question]:
    """Ask about what cannot be known of a file: what else is in it, and how many."""
    if "symbols.leave" in said.merged.values:
        yield said.ask("file_symbols", ("symbols.leave",))
    if count is not None and count != len(said.symbols):
        yield said.ask("unused", ("symbols.count",))
    if len(said.symbols) == 1 and _ranks(said):
        yield said.ask("file_one_symbol", ("symbols.take",), a=said.symbols[0])


def _ranks(said: Said) -> bool:
    """Whether symbols are ranked against each other, rather than each held for its own signal."""
    alone = get(said.document, "backtest.positive_only", False)
    return not alone or get(said.document, "aggregation.normalise", "none") != "none"


def _holding(said: Said) -> Iterator[Question]:
    topk = get(said.document, "backtest.topk")
    count = len(said.symbols)
    # Of one symbol the shipped number is not asked about: that there is but one already is.
    if 1 < count <= topk or (count == 1 < topk and "backtest.topk" in said.merged.values):
        yield said.ask("holds_all", ("backtest.topk",), a=topk, b=count)
    yield from _replacing(said, topk, count)


def _replacing(said: Said, topk: int, count: int) -> Iterator[Question]:
    """Ask about replacing more than are held, more than there are others, or where none is."""
    keys = ("backtest.topk", "backtest.n_drop")
    # As it was said: what cannot be is left out of the document.
    named = said.merged.values.get("backtest.n_drop")
    if get(said.document, "backtest.strategy", "topk_dropout") != "topk_dropout":
        if named is not None:
            yield said.ask("unused", keys[1:])
        return
    drops = get(said.document, "backtest.n_drop", 1) if named is None else named
    if named is not None and drops > topk:
        yield said.ask("drops_more", keys, a=topk, b=topk, c=drops)
    elif topk < count < topk + drops:
        yield said.ask("drops_all", keys, a=topk, b=drops, c=count, d=topk + drops)


def _benchmark(said: Said) -> Iterator[Question]:
    benchmark = get(said.document, "backtest.benchmark", "equal_weight")
    if not said.symbols:
        return
    if benchmark != "equal_weight" and benchmark not in said.symbols:
        yield said.ask(
            "benchmark_missing", ("backtest.benchmark",), a=benchmark, b=", ".join(said.symbols)
        )


def _window_in_other_bars(said: Said) -> Iterator[Question]:
    bars = bar_length(said.merged.values)
    window = f"window.{said.study.feature}"
    expression = get(said.document, "signal.expression")
    if bars != "day" and expression and window not in said.merged.values:
        yield said.ask(
            "coarse_window", ("aggregation.bars", "data.frequency"), a=said.study.feature, b=bars
        )


def _model(said: Said) -> Iterator[Question]:
    values = said.merged.values
    parts = tuple(key for key in values if key.startswith(f"{MODEL}.") and key != KIND)
    if parts and KIND not in values:
        yield said.ask("no_model", parts)
    if SETS in values and KIND not in values:
        yield said.ask("set_unused", (SETS,), a=said.study.feature)


def _rerun(said: Said) -> Iterator[Question]:
    cron, zone = "schedule.cron", "schedule.timezone"
    if cron in said.merged.values and zone not in said.merged.values:
        yield said.ask("schedule_zone", (), a=said.merged.words(said.prompt, cron))
    if zone in said.merged.values and cron not in said.merged.values:
        yield said.ask("unused", (zone,))


def _parameters(said: Said) -> Iterator[Question]:
    rows = said.document.get("detection", [])
    for key in said.merged.values:
        name = key.removeprefix("detection.parameter.")
        if name != key and not any(has_field(row["detector"], name) for row in rows):
            yield said.ask("unused", (key,))
    confidence = "reaction.min_confidence"
    reacts = any(f"{key}.types" in said.merged.values for key in REACTIONS)
    if confidence in said.merged.values and not reacts:
        yield said.ask("unused", (confidence,))


CHECKS: Final[tuple[Callable[[Said], Iterator[Question]], ...]] = (
    _period, _symbols, _holding, _benchmark, _window_in_other_bars, _model, _rerun, _parameters,
)  # fmt: skip
