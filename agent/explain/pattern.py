"""A pattern in sentences: what changed, by how much, how surely, and what the market did. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from agent.explain.book import Book, column_of
from agent.explain.chapters.result import series
from agent.explain.prose.text import Explanation, explain, sections_of
from agent.explain.rows import plain

if TYPE_CHECKING:
    from agent.explain.rows import PatternRows

NEAR_BARS: Final = 5
"""Patterns so many bars apart or less are told as neighbours."""

KINDS: Final = {
    "drift": "a drift",
    "anomaly": "an anomaly",
    "cluster_change": "a change of cluster",
}
FALSE_ALARMS: Final = "false alarms per 1,000 bars"
CONFIDENCE: Final = (
    "Of the run's alarms at least as surprising as this one, that share is expected to be true: "
    "one minus the false discovery rate, learnt on null data made from the series watched."
)

WITHHELD: Final = (
    "It is an alarm that was withheld: null data made from the series watched bring alarms like it "
    "too often for it to count as a pattern."
)

STATES: Final = {
    "drift": ("before", "from then on"),
    "anomaly": ("in the middle of the bars before", "at this bar"),
}
"""What the previous and the new state are states of."""

MARKET: Final = (
    ("equal_weight_return", "mean return of all symbols", "percent2"),
    ("breadth", "share of symbols that rose", "fraction"),
    ("dispersion", "standard deviation of returns across symbols", "percent2"),
    ("average_correlation", "average correlation of returns", "coefficient"),
)
"""Series of the market: column, what it is, unit."""


def explain_pattern(rows: PatternRows) -> Explanation:
    """Explain a pattern from rows alone.

    Returns
    -------
    Explanation
        In English; every value carries the row or rows that it was read from.

    Notes
    -----
    Look-ahead: the market is told up to the pattern; neighbours may come after it.
    """
    book = Book(zone=rows.run["zone"], frequency=rows.run["frequency"])
    pairs = (
        ("What was found", _found(rows, book)),
        ("What changed", _changed(rows, book)),
        ("What contributed", _contributors(rows, book)),
        ("How sure", _confidence(rows, book)),
        ("What the market did", _market(rows, book)),
        ("What people said", _feedback(rows, book)),
    )
    return explain(f"pattern {rows.pattern['pattern_id']}", sections_of(pairs), book)


def _found(rows: PatternRows, book: Book) -> list[str]:
    pattern = rows.pattern
    for column in ("pattern_id", "ts", "source", "detector"):
        book.read(f"pattern.{column}", pattern, column)
    book.read("run.run_id", rows.run, "run_id")
    book.read("run.name", rows.run, "name")
    whom = "the market as a whole"
    if pattern["symbol"] is not None:
        book.read("pattern.symbol", pattern, "symbol")
        whom = "{{pattern.symbol}}"
    kind = KINDS.get(pattern["type"], "a pattern")
    sentences = [
        (
            f"Pattern {{{{pattern.pattern_id}}}} is {kind} of {whom} on {{{{pattern.ts}}}}, found "
            "by {{pattern.detector}} in {{pattern.source}}, in run {{run.run_id}} of {{run.name}}."
        )
    ]
    if rows.twins:
        book.derive(
            "pattern.twins",
            len(rows.twins),
            "count",
            "number of rows",
            column_of(rows.twins, "run_id", pattern_id=pattern["pattern_id"]),
        )
        sentences.append("Other runs that hold the very same pattern: {{pattern.twins}}.")
    return sentences


def _changed(rows: PatternRows, book: Book) -> list[str]:
    """Put both states side by side, each figure in its unit."""
    before: dict[str, Any] = json.loads(rows.pattern["prev_state"])
    after: dict[str, Any] = json.loads(rows.pattern["new_state"])
    earlier, later = STATES.get(rows.pattern["type"], ("before", "then"))
    sentences = []
    for number, name in enumerate(sorted(before.keys() & after.keys())):
        for state, column in (("prev", "prev_state"), ("new", "new_state")):
            unit = json.loads(rows.pattern[column])[name]["unit"]
            book.read(
                f"pattern.{state}[{number}]", rows.pattern, column, unit, path=(name, "value")
            )
        book.derive(
            f"pattern.figures[{number}]",
            name,
            "text",
            "the figure's key in both states",
            book.source(f"pattern.prev[{number}]"),
        )
        unit = " (in the unit of what is watched)" if before[name]["unit"] == "source" else ""
        sentences.append(
            f"{{{{pattern.figures[{number}]}}}}: {{{{pattern.prev[{number}]}}}} {earlier}, "
            f"{{{{pattern.new[{number}]}}}} {later}{unit}."
        )
    return [*sentences, *_since(rows, book)]


def _since(rows: PatternRows, book: Book) -> list[str]:
    """Say how large the change is, and when it began."""
    measured: dict[str, Any] = json.loads(rows.pattern["metrics"])
    sentences = []
    if "effect" in measured:
        book.read(
            "pattern.effect",
            rows.pattern,
            "metrics",
            "standard deviations",
            path=("effect", "value"),
        )
        sentences.append("The means differ by {{pattern.effect}}.")
    if "score" in measured:
        book.read("pattern.score", rows.pattern, "metrics", "score", path=("score", "value"))
        book.read(
            "pattern.threshold", rows.pattern, "metrics", "score", path=("threshold", "value")
        )
        sentences.append(
            "The bar's score is {{pattern.score}}; an anomaly begins above {{pattern.threshold}}."
        )
    since = measured.get("since", {}).get("value")
    if since and datetime.fromisoformat(since) != rows.pattern["ts"]:
        book.read("pattern.since", rows.pattern, "metrics", "time", path=("since", "value"))
        sentences.append(
            "The new state began about {{pattern.since}}; it could be told on {{pattern.ts}}."
        )
    return sentences


def _contributors(rows: PatternRows, book: Book) -> list[str]:
    found = rows.pattern["contributors"]
    order = sorted(range(len(found)), key=lambda place: (-found[place]["score"], place))
    sentences = []
    for place in order:
        name = f"pattern.contributors[{place}]"
        row = rows.pattern
        source = book.source("pattern.pattern_id")
        where = type(source)(source.table, source.key, f"contributors[{place}]", row.sha256)
        book.derive(f"{name}.field", found[place]["field"], "text", "", where)
        book.derive(f"{name}.score", found[place]["score"], "fraction", "", where)
        sentences.append(f"{{{{{name}.score}}}} of it is due to {{{{{name}.field}}}}.")
    return sentences


def _confidence(rows: PatternRows, book: Book) -> list[str]:
    if rows.pattern["confidence"] is None:
        return []
    book.read("pattern.confidence", rows.pattern, "confidence", "confidence")
    withheld = [WITHHELD] if rows.pattern.table == "withheld_patterns" else []
    sure = f"The confidence is {{{{pattern.confidence}}}}. {CONFIDENCE}"
    return [*withheld, sure, *_card(rows, book)]


def _card(rows: PatternRows, book: Book) -> list[str]:
    """Say how often the detector is wrong on these data."""
    if rows.card is None or rows.card["false_alarms_per_1000"] is None:
        return []
    book.read("card.rate", rows.card, "false_alarms_per_1000", FALSE_ALARMS)
    book.read("card.upper", rows.card, "false_alarms_per_1000_upper", "number")
    return ["Where nothing changes, it raises {{card.rate}}, hardly more than {{card.upper}}."]


def _market(rows: PatternRows, book: Book) -> list[str]:
    sentences = []
    if rows.market:
        sentences = [text for row in MARKET if (text := _series(rows, book, *row))]
    if rows.equity is not None:
        book.read("equity.drawdown", rows.equity, "drawdown", "fraction")
        sentences.append("The drawdown of the strategy's account was {{equity.drawdown}}.")
    return [*sentences, *_neighbours(rows, book)]


def _series(rows: PatternRows, book: Book, column: str, meaning: str, unit: str) -> str | None:
    """Say where the market's value of that bar lies among those before it."""
    now = rows.market[-1]
    earlier = [row for row in rows.market[:-1] if row[column] is not None]
    if now[column] is None or not earlier:
        return None
    book.read(f"market.{column}", now, column, unit)
    below = float(np.mean(series(earlier, column) < now[column]))
    book.derive(
        f"market.{column}_rank",
        below,
        "fraction",
        f"share of earlier bars below {column}",
        column_of(earlier, column, run_id=rows.run["run_id"], before=now.key["ts"], known=column),
        book.source(f"market.{column}"),
    )
    return (
        f"The {meaning} was {{{{market.{column}}}}}, above {{{{market.{column}_rank}}}} of the "
        "bars before."
    )


def _neighbours(rows: PatternRows, book: Book) -> list[str]:
    """Count the patterns of the run within a few bars of this one."""
    times = [row["ts"] for row in rows.market]
    if len(times) <= NEAR_BARS:
        return []
    reach = times[-1] - times[-1 - NEAR_BARS]
    near = [row for row in rows.others if abs(row["ts"] - rows.pattern["ts"]) <= reach]
    if not near:
        return ["No other pattern of the run lies near it."]
    book.derive(
        "others.near",
        len(near),
        "count",
        f"rows within {NEAR_BARS} bars",
        column_of(
            near,
            "ts",
            run_id=rows.run["run_id"],
            first=plain(near[0]["ts"]),
            last=plain(near[-1]["ts"]),
        ),
    )
    return ["Other patterns of the run within a few bars of it: {{others.near}}."]


def _feedback(rows: PatternRows, book: Book) -> list[str]:
    sentences = []
    for number, row in enumerate(rows.feedback):
        name = f"feedback[{number}]"
        for column in ("actor", "verdict", "note", "at"):
            book.read(f"{name}.{column}", row, column)
        note = f": {{{{{name}.note}}}}" if row["note"] else ""
        sentences.append(f"{{{{{name}.actor}}}} on {{{{{name}.at}}}}: {{{{{name}.verdict}}}}{note}")
    return sentences
