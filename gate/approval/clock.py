"""The clock of decisions: it never runs behind the ledger. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from configs.errors import Forbidden
from configs.remedies import Mend
from storage.ledger.entry import VOID
from storage.ledger.trust import CLOCK, in_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.ledger import Entry


SLACK = timedelta(seconds=60)
"""By how much machines that share a ledger may differ."""


def now_utc() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def decision_time(entries: Sequence[Entry], now: datetime) -> datetime:
    """Return the time by which is decided: the clock's, or the newest that the ledger has seen.

    Raises
    ------
    Forbidden
        If the clock was set back: what expired would seem to be valid again.
    """
    newest = latest(entries, datetime.min.replace(tzinfo=UTC))
    if now < newest - SLACK:
        raise Forbidden(
            f"the clock says {now:%Y-%m-%d %H:%M:%S}, and the ledger has an entry of "
            f"{newest:%Y-%m-%d %H:%M:%S} UTC: the clock was set back",
            hint="nothing is approved or promoted until the clock is right; halting always works",
            remedy=Mend.RESET_CLOCK(),
        )
    return max(now, newest)


def latest(entries: Sequence[Entry], now: datetime) -> datetime:
    """Return the newest of the clock's time and all times that the ledger has seen."""
    told = ""
    for entry in entries:
        told = later(told, entry)
    return max(now, datetime.fromisoformat(told)) if told else now


def later(told: str, entry: Entry) -> str:
    """Return the ledger's time after one more entry, as it is written.

    Entries that count for nothing have no say in it; a person's word on the clock ends what entries
    before it say.
    """
    if entry.kind == CLOCK:
        return in_utc(entry.body["now"])
    return told if entry.kind == VOID else max(told, entry.at)
