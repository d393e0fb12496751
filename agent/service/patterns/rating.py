"""What a person thinks of a pattern: it goes to the ledger, and outlives every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.service.patterns.models import Rated
from agent.service.patterns.reading import find_pattern
from agent.service.runs.naming import need_runs

if TYPE_CHECKING:
    from agent.service.patterns.models import Rating
    from agent.service.service import Service


def rate_pattern(
    service: Service, wanted: str, *, rating: Rating, comment: str = "", actor: str
) -> Rated:
    """Put a person's rating of a pattern on the ledger, and into the warehouse.

    That of a live source's pattern goes into the source's journal, too, where it moves thresholds.

    Raises
    ------
    BadInput
        If there is no such pattern, or the comment is too long.
    """
    from agent.live.rating import find_live, rate
    from storage.feedback import VERDICTS, feedback_rows, give_feedback
    from storage.warehouse.schema import WHOLE

    with service.warehouse() as warehouse:
        live = find_live(warehouse, wanted)
        if live is None:
            need_runs(service)
        found = live or find_pattern(warehouse, wanted)[0]
    if live is not None:
        rate(service.workspace, live, rating=rating, comment=comment)
    given = give_feedback(service.ledger, found, rating=rating, comment=comment, actor=actor)
    with service.warehouse() as warehouse:
        warehouse.replace("pattern_feedback", WHOLE, feedback_rows(service.ledger.entries()))
    return Rated(
        feedback=given.feedback_id, pattern=given.pattern_id, rating=given.rating,
        verdict=VERDICTS[given.rating], comment=given.comment, actor=given.actor,
    )  # fmt: skip
