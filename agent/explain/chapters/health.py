"""What was wrong with the data, and what was done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.explain.book import Book
    from agent.explain.rows import RunRows

ACTIONS: Final = {
    "refused": "refused",
    "dropped": "dropped",
    "repaired": "repaired",
    "flagged": "kept and marked",
    "guessed": "guessed",
    "kept": "kept",
}
"""By how much they ask to be looked at."""


def tell_health(rows: RunRows, book: Book) -> list[str]:
    """Say which rules applied, how often, and to how many symbols."""
    if not rows.health:
        return []
    order = list(ACTIONS)
    found = sorted(
        (row for row in rows.health if row["count"]),
        key=lambda row: (order.index(row["action"]) if row["action"] in order else 99, row["rule"]),
    )
    if not found:
        return ["Nothing in the data had to be repaired, dropped, refused or guessed."]
    sentences = []
    for number, row in enumerate(found, 1):
        name = f"health.H{number}"
        book.read(f"{name}.rule", row, "rule")
        book.read(f"{name}.count", row, "count", "count")
        book.read(f"{name}.symbols", row, "symbols", "count")
        book.read(f"{name}.meaning", row, "meaning")
        action = ACTIONS.get(row["action"], "treated")
        sentences.append(
            f"{{{{{name}.rule}}}} ({{{{{name}.meaning}}}}): {{{{{name}.count}}}} {action}, symbols "
            f"touched: {{{{{name}.symbols}}}}."
        )
    return sentences
