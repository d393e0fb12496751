"""What the detectors found, the strongest of it, and whether it fell into the worst fall."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

from agent.explain.book import column_of
from agent.explain.chapters.drawdown import worst_fall
from tasks.report.verdict.estimate import CRITICAL

if TYPE_CHECKING:
    from agent.explain.book import Book
    from agent.explain.chapters.drawdown import Fall
    from agent.explain.rows import Row, RunRows

STRONGEST: Final = 3
"""Of each type."""

TYPES: Final = {"drift": "drift", "anomaly": "anomalies", "cluster_change": "changes of cluster"}


def tell_findings(rows: RunRows, book: Book) -> list[str]:
    """Say how many patterns there are, which are the strongest, and where they lie."""
    if not rows.patterns:
        return [_nothing(rows, book)]
    counts = []
    strongest = []
    for kind, word in TYPES.items():
        found = [row for row in rows.patterns if row["type"] == kind]
        if not found:
            continue
        book.derive(
            f"patterns.{kind}",
            len(found),
            "count",
            "number of rows",
            column_of(found, "pattern_id", run_id=rows.run["run_id"], type=kind),
        )
        counts.append(f"{word}: {{{{patterns.{kind}}}}}")
        strongest += sorted(found, key=_strength)[:STRONGEST]
    return [
        f"The detectors found {', '.join(counts)}. The strongest of each:",
        *(_one(row, book, f"pattern.P{number}") for number, row in enumerate(strongest, 1)),
        *tell_coincidence(rows, book),
    ]


def _nothing(rows: RunRows, book: Book) -> str:
    """Say whether there was no alarm, or none that survived."""
    alarms = sum(card["alarms"] for card in rows.cards)
    if not alarms:
        return "The detectors found nothing."
    book.derive(
        "alarms.withheld",
        alarms,
        "count",
        "sum of the alarms of all cards",
        column_of(rows.cards, "alarms", run_id=rows.run["run_id"]),
    )
    return (
        "None of the detectors' alarms survives: null data made from the series watched bring "
        "alarms like them too often. Withheld: {{alarms.withheld}}."
    )


def _strength(row: Row) -> tuple[float, str]:
    return -(row["confidence"] or 0.0), row["pattern_id"]


def _one(row: Row, book: Book, name: str) -> str:
    book.read(f"{name}.id", row, "pattern_id")
    book.read(f"{name}.ts", row, "ts")
    book.read(f"{name}.source", row, "source")
    book.read(f"{name}.confidence", row, "confidence", "confidence")
    kind = {"drift": "Drift", "anomaly": "An anomaly"}.get(row["type"], "A change of cluster")
    whom = "the market"
    if row["symbol"] is not None:
        book.read(f"{name}.symbol", row, "symbol")
        whom = f"{{{{{name}.symbol}}}}"
    return (
        f"{kind} of {whom} on {{{{{name}.ts}}}} in {{{{{name}.source}}}}, "
        f"confidence {{{{{name}.confidence}}}} (pattern {{{{{name}.id}}}})."
    )


def tell_coincidence(rows: RunRows, book: Book, year: int | None = None) -> list[str]:
    """Compare the share of patterns within the fall with the share of bars within it."""
    fall = worst_fall(rows.equity, year) if rows.equity else None
    if fall is None:
        return []
    inside, among, share = _placed(rows, book, fall)
    expected = among * share
    spread = sqrt(among * share * (1 - share))
    if among == 0 or spread == 0:
        return []
    said = (
        "Of the {{patterns.traded}} patterns of the traded bars, {{patterns.inside}} lie in that "
        "fall, which spans {{drawdown.share}} of those bars: "
    )
    if abs(inside - expected) < CRITICAL * spread:
        return [f"{said}about as many as its length lets one expect."]
    more = "more" if inside > expected else "fewer"
    return [
        (
            f"{said}{more} than its length lets one expect. That they coincide does not say that "
            "one brought the other."
        )
    ]


def _placed(rows: RunRows, book: Book, fall: Fall) -> tuple[int, int, float]:
    """Enter how many patterns lie in the fall, of how many, and the fall's share of the bars."""
    equity = rows.equity
    first, peak, trough, last = (
        equity[place]["ts"] for place in (0, fall.peak, fall.trough, len(equity) - 1)
    )
    among = [row for row in rows.patterns if first <= row["ts"] <= last]
    inside = [row for row in among if peak < row["ts"] <= trough]
    share = (fall.trough - fall.peak) / len(equity)
    run_id = {"run_id": rows.run["run_id"]}
    if among:
        source = column_of(
            among, "ts", **run_id, first=equity[0].key["ts"], last=equity[-1].key["ts"]
        )
        ends = (book.source("drawdown.peak"), book.source("drawdown.trough"))
        book.derive("patterns.traded", len(among), "count", "number of rows", source)
        book.derive(
            "patterns.inside",
            len(inside),
            "count",
            "number of rows after the peak and up to the trough",
            source,
            *ends,
        )
        book.derive(
            "drawdown.share",
            share,
            "fraction",
            "bars from the peak to the trough / all bars",
            column_of(equity, "ts", **run_id),
            *ends,
        )
    return len(inside), len(among), share
