"""The signal's verdict: whether its order foretold the order of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from agent.explain.book import column_of
from agent.explain.chapters.result import series
from tasks.backtest.remarks import held_and_reach
from tasks.report.verdict.estimate import estimate_mean
from taskspecs.schema import TaskSpec

if TYPE_CHECKING:
    from agent.explain.book import Book
    from agent.explain.rows import RunRows


def tell_signal(rows: RunRows, book: Book) -> list[str]:
    """Say what the rank information coefficient amounts to."""
    estimate = estimate_mean(series(rows.ic, "rank_ic")) if rows.ic else None
    if estimate is None:
        return ["There were too few scores and returns to say anything of the signal."]
    known = [row for row in rows.ic if row["rank_ic"] is not None]
    source = column_of(known, "rank_ic", run_id=rows.run["run_id"], known="rank_ic")
    book.derive("ic.mean", estimate.value, "coefficient", "mean(rank_ic)", source)
    book.derive(
        "ic.error",
        estimate.error,
        "coefficient",
        "Newey-West standard error of mean(rank_ic)",
        source,
    )
    book.derive("ic.count", len(known), "count", "number of rows", source)
    amount = (
        "The rank correlation between scores and the returns that followed (IC) is {{ic.mean}} on "
        "average over {{ic.count}} decisions, with a standard error of {{ic.error}}"
    )
    if not estimate.distinguishable:
        verdict = "the order of the scores says nothing reliable about what follows"
    else:
        right = estimate.value > 0
        side = "more often right than wrong" if right else "more often wrong than right"
        verdict = f"the order of the scores was {side}"
    return [f"{amount}: {verdict}.", *_label(rows)]


def _label(rows: RunRows) -> list[str]:
    """Say where the label is of less than the time for which a decision is held."""
    try:
        spec = TaskSpec.model_validate_json(rows.run["spec"])
    except ValidationError:  # of a run that an earlier version recorded
        return []
    held, reach = held_and_reach(spec)
    if reach > held // 2:
        return []
    return [
        (
            "Its decisions are further apart than the label reaches: this is of the first bars "
            "after each, not of all the time that it is held."
        )
    ]
