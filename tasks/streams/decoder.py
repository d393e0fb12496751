"""What a flow asks of the decoder of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales


class Decoder(Protocol):
    """Makes events of messages; what it returns depends on the messages since it was made, alone.

    Attributes
    ----------
    scales
        What numbers are to be divided by.
    """

    scales: Scales

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Return the events of a message; none where it says something else.

        Raises
        ------
        Malformed
            If it means nothing.
        """

    def answer(self, body: bytes, arrival_us: int) -> list[Event]:
        """Return the events of an answer of the history, the body of a record HISTORY."""

    def opened(self) -> None:
        """Forget what only held while the line before was open."""

    def freeze(self) -> bytes:
        """Return what is kept for the next message."""

    def thaw(self, state: bytes) -> None:
        """Go on from what `freeze` returned."""
