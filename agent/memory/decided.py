"""What people decided and said, as documents: rejected ideas, and ratings of patterns.

Of the ledger only these kinds are remembered; what the gate measured past a seal is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.memory.document import Document
from storage.feedback import VERDICTS, all_feedback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.ledger import Entry

AGAINST: Final = {
    "rejection": "rejected", "demotion": "demoted", "retirement": "retired",
}  # fmt: skip
"""Decisions against a strategy, whose reasons are worth remembering."""


def decided(entries: Sequence[Entry]) -> list[Document]:
    """Return decisions against strategies and ratings of patterns as documents."""
    return [
        *(_decision(entry) for entry in entries if entry.kind in AGAINST),
        *(
            Document(
                id=f"feedback:{one.feedback_id}",
                kind="feedback",
                title=f"{one.actor} on pattern {one.pattern_id}: {VERDICTS[one.rating]}",
                text=f"{one.comment}\nfound by {one.detector} in {one.source}",
                date=one.at.date().isoformat(),
            )
            for one in all_feedback(entries)
        ),
    ]


def _decision(entry: Entry) -> Document:
    body = entry.body
    return Document(
        id=f"rejection:{entry.seq}",
        kind="rejection",
        title=f"{body.get('strategy', 'a strategy')} was {AGAINST[entry.kind]} by {entry.actor}",
        text=f"because: {body.get('reason', '')}",
        date=entry.at[:10],
        run=str(body.get("run_id", "")),
    )
