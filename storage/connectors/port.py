"""What connectors put messages into, and what a connector is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from storage.journal.record import Kind


class Sink(Protocol):
    """A journal, as a connector sees it."""

    async def put(self, kind: Kind, body: bytes) -> None:
        """Take a message, stamped with the time at which it came; waits while too much is held."""

    async def durable(self) -> object:
        """Return once all that was put would survive a crash."""


class Connector(Protocol):
    """Brings the messages of one source, for as long as it is let.

    It never ends because the other side failed: that is a record of kind CLOSED, and another try.
    """

    async def run(self, sink: Sink) -> None:
        """Bring messages until there are no more, as of a recording, or until cancelled.

        Raises
        ------
        MissingSecret
            If the environment lacks a secret that the source names.
        BadInput
            If what the source names cannot be used, as a path that is gone.
        """


class Resume(NamedTuple):
    """How far a journal has come, for connectors that have to go on from there.

    Attributes
    ----------
    opened
        The body of its last record of kind OPENED.
    messages
        How many records of kind RAW follow it.
    """

    opened: bytes
    messages: int
