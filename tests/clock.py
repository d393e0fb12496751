"""A clock that a test sets: for ledger and gate, for ingest, and for what follows a strategy."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Self

import gate.approval.clock
import storage.ledger.clocks
import storage.ledger.ledger
import storage.ledger.trust
import tasks.ingest.origin.landing
import tasks.ingest.reader

if TYPE_CHECKING:
    import pytest


class Clock:
    """Tells one time until it is set to another.

    Parameters
    ----------
    patch
        Takes the clock away again.
    moment
        UTC.
    """

    def __init__(self, patch: pytest.MonkeyPatch, moment: datetime) -> None:
        self.moment = moment
        told = self

        class Told(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromtimestamp(told.moment.timestamp(), tz or UTC)

        for module in (
            gate.approval.clock, storage.ledger.ledger, storage.ledger.trust,
            tasks.ingest.reader, tasks.ingest.origin.landing,
        ):  # fmt: skip
            patch.setattr(module, "datetime", Told)
        # Those beside it would say that it is out.
        patch.setattr(storage.ledger.clocks.Witnesses, "doubt", lambda _, at: "")
