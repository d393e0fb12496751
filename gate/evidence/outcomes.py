"""Outcomes: how each trial ended, and where its returns are; a trial without one never ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.ledger import Entry, Ledger

KIND = "outcome"

Status = Literal["finished", "failed", "refused"]


class Series(msgspec.Struct, frozen=True, gc=False):
    """Where the returns of a trial are: a Parquet file with ``ts`` and ``net_return``."""

    zone: str
    stage: str
    key: str
    name: str
    sha256: str


class Ended(msgspec.Struct, frozen=True, gc=False):
    """How one trial ended.

    Attributes
    ----------
    status
        ``finished``; ``failed`` on the way; ``refused``, where the spec could not be traded.
    sharpe
        Net of costs, of one bar; none where it is undefined.
    bars
        How many returns there are.
    returns
        Where they are.
    why
        Why it failed or was refused.
    """

    run_id: str
    status: Status
    sharpe: float | None = None
    bars: int = 0
    returns: Series | None = None
    why: str = ""


def record_outcomes(ledger: Ledger, ended: Sequence[Ended], *, actor: str) -> None:
    """Write how trials ended, in one entry; what the ledger knows already is not repeated."""
    body = {"outcomes": msgspec.to_builtins(ended)}

    def known(entries: Sequence[Entry]) -> bool:
        newest = outcomes(entries)
        return all(newest.get(one.run_id) == one for one in ended)

    ledger.append(KIND, body, actor=actor, unless=known)


def outcomes(entries: Iterable[Entry]) -> dict[str, Ended]:
    """Return the newest outcome of each trial, by its run."""
    return {
        ended.run_id: ended
        for entry in entries
        if entry.kind == KIND
        for ended in (msgspec.convert(value, Ended) for value in entry.body.get("outcomes", []))
    }
