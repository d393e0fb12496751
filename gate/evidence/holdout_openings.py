"""Looks: how often the gate opened a holdout, for which strategy, and what it saw. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gate.statistics.moments import Moments
from storage.lake.guard import OPENED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.ledger import Entry

OUTCOME = "outcome"
"""The kind of entry that ends a look, as it ends a trial; it names the number of the opening."""


@dataclass(frozen=True, slots=True)
class Look:
    """One opening of a holdout.

    Attributes
    ----------
    seq, hash, at
        Of the ledger's entry.
    strategy, run_id
        For which it was opened.
    data
        sha256 of the source's bytes.
    sealed_from
        The first sealed day, ISO.
    reason
        Why, in a person's words.
    found
        What the strategy's returns were there; none while the look has not ended, or where they do
        not vary.
    ended
        Whether it has.
    """

    seq: int
    hash: str
    at: str
    strategy: str
    run_id: str
    data: str
    sealed_from: str
    reason: str
    found: Moments | None = None
    ended: bool = False


def looks(entries: Iterable[Entry]) -> list[Look]:
    """Return all looks, the oldest first."""
    found: dict[int, Look] = {}
    for entry in entries:
        if entry.kind == OPENED:
            found[entry.seq] = _opened(entry)
        elif entry.kind == OUTCOME and entry.body.get("opening") in found:
            before = found[entry.body["opening"]]
            # The first word counts: a second one for the same look is no result.
            if not before.ended:
                found[before.seq] = _opened_and_ended(before, entry)
    return list(found.values())


def _opened(entry: Entry) -> Look:
    return Look(
        seq=entry.seq,
        hash=entry.hash,
        at=entry.at,
        strategy=entry.body["strategy"],
        run_id=entry.body["run_id"],
        data=entry.body["data"],
        sealed_from=entry.body["sealed_from"],
        reason=entry.body["reason"],
    )


def _opened_and_ended(look: Look, entry: Entry) -> Look:
    seen = entry.body.get("moments")
    return replace(look, found=Moments(**seen) if seen else None, ended=True)
