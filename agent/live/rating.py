"""Ratings of a live source's patterns: into its journal, where they move thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.live.home import SourceHome
from agent.live.recording.mail import send
from configs.errors import BadInput
from storage.journal.record import Kind
from storage.warehouse.patterns import live_patterns_of

if TYPE_CHECKING:
    from configs.workspace import Workspace
    from storage.warehouse.port import Warehouse


def find_live(warehouse: Warehouse, pattern: str) -> dict[str, Any] | None:
    """Return the row of a live source's pattern, by the beginning of its id; None if there is none.

    Raises
    ------
    BadInput
        If several begin so.
    """
    rows = live_patterns_of(warehouse, pattern) if pattern else []
    if len(rows) > 1:
        raise BadInput(
            f"several patterns begin with `{pattern}`",
            hint=", ".join(str(row["pattern_id"]) for row in rows),
        )
    return rows[0] if rows else None


def rate(workspace: Workspace, row: dict[str, Any], *, rating: int, comment: str) -> str:
    """Send a rating to the pattern's source; return the letter's id.

    It is written into the journal by the process that records, when it runs.
    """
    body = {
        "pattern_id": row["pattern_id"], "rating": rating, "detector": row["detector"],
        "source": row["source"], "comment": comment,
    }  # fmt: skip
    return send(SourceHome(workspace, str(row["stream"])).mail, Kind.FEEDBACK, body)
