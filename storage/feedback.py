"""What people think of patterns: entries of the ledger, for no run can make them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import polars as pl

    from storage.ledger import Entry, Ledger

KIND = "feedback"
VERDICTS = {-1: "useless", 0: "undecided", 1: "useful"}
"""What a rating says."""
LONGEST_COMMENT = 2_000
SAID = ("pattern_id", "detector", "source", "card_id", "rating", "comment")


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's rating of a pattern.

    Attributes
    ----------
    feedback_id
        The beginning of the hash of its entry on the ledger.
    pattern_id, detector, source, card_id
        The pattern, and what found it.
    rating
        -1, 0 or 1; see `VERDICTS`.
    """

    feedback_id: str
    pattern_id: str
    detector: str
    source: str
    card_id: str
    rating: int
    comment: str
    actor: str
    at: datetime


def give_feedback(
    ledger: Ledger, pattern: Mapping[str, Any], *, rating: int, comment: str, actor: str
) -> Feedback:
    """Put a rating on the ledger; a later one by the same person outranks it, none is lost.

    Parameters
    ----------
    pattern
        Its row in the warehouse.

    Raises
    ------
    BadInput
        If there is no such rating, or the comment is too long.
    """
    if rating not in VERDICTS:
        raise BadInput(f"there is no rating {rating}", hint="-1 useless, 0 undecided, 1 useful")
    if len(comment) > LONGEST_COMMENT:
        raise BadInput(f"the comment has {len(comment)} characters; {LONGEST_COMMENT} are kept")
    body = {
        **{name: pattern[name] for name in ("pattern_id", "detector", "source", "card_id")},
        "rating": rating,
        "comment": comment,
    }
    entry = ledger.append(KIND, body, actor=actor)
    if entry is None:  # pragma: no cover - nothing forbids it
        raise BadInput("the ledger refused the rating")
    return _read(entry)


def all_feedback(entries: Iterable[Entry]) -> list[Feedback]:
    """Return all ratings among entries of a ledger, the oldest first."""
    return [_read(entry) for entry in entries if entry.kind == KIND]


def feedback_rows(entries: Iterable[Entry]) -> pl.DataFrame:
    """Return the projection of all ratings: the rows of table ``pattern_feedback``."""
    import polars as pl

    text = ("pattern_id", "feedback_id", "verdict", "actor", "note")
    origin = ("detector", "source", "card_id")
    schema: dict[str, Any] = {
        **dict.fromkeys(text, pl.String),
        "at": pl.Datetime("us", "UTC"),
        "rating": pl.Int64,
        **dict.fromkeys(origin, pl.String),
    }
    rows = [
        {
            "pattern_id": one.pattern_id,
            "feedback_id": one.feedback_id,
            "verdict": VERDICTS[one.rating],
            "actor": one.actor,
            "note": one.comment,
            "at": one.at,
            "rating": one.rating,
            "detector": one.detector,
            "source": one.source,
            "card_id": one.card_id,
        }
        for one in all_feedback(entries)
    ]
    return pl.DataFrame(rows, schema=schema)


def _read(entry: Entry) -> Feedback:
    return Feedback(
        feedback_id=entry.hash[:16], actor=entry.actor, at=datetime.fromisoformat(entry.at),
        **{name: entry.body[name] for name in SAID},
    )  # fmt: skip
