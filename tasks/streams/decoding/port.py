"""What a decoder is, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from tasks.streams.event import Event, Malformed, Scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.streams.decoding.history import Ask, History
    from tasks.streams.decoding.names import Names


class Enveloped(msgspec.Struct):
    """An answer to a request of ours, with the symbol that was asked for."""

    symbol: str
    answer: str


class Asked(msgspec.Struct):
    """The body of a record of kind HISTORY."""

    asked: msgspec.Raw
    answer: str


class Decoder:
    """Reads the messages of one source.

    Equal messages in equal order give equal events: a decoder knows no clock. What it keeps from
    one message for the next is in :meth:`freeze`.

    Parameters
    ----------
    names
        Symbols by their names and ours.
    scales
        What prices and sizes are multiplied by.
    history
        What reads answers of the source's history, where it has one.
    """

    separator: ClassVar[str] = ""
    """What the exchange writes for the dash in our names of symbols."""

    def __init__(self, names: Names, scales: Scales, history: History | None = None) -> None:
        self.names = names
        self.scales = scales
        self.history = history

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read one message; none for those that tell of the line alone, as a greeting.

        Parameters
        ----------
        body
            The message as it came.
        arrival_us
            When it came, microseconds since 1970, UTC.

        Raises
        ------
        Malformed
            And nothing else, whatever the bytes are. No event of the message is used then.
        """
        raise NotImplementedError

    def answer(self, body: bytes, arrival_us: int) -> list[Event]:
        """Read a record of kind HISTORY.

        Raises
        ------
        Malformed
            As :meth:`decode`; also if the source has no history.
        """
        from tasks.streams.decoding.history import Ask
        from tasks.streams.decoding.json_text import read, reader

        if self.history is None:
            raise Malformed("history", "this source has no history")
        told = read(_ASKED, body)
        ask: Ask = read(reader(Ask), bytes(told.asked))
        body = told.answer.encode("utf-8", "replace")
        return list(self.history.page_of(ask, body, arrival_us, self).events)

    def opened(self) -> None:
        """Forget what only held while the line before was open."""

    def wants(self) -> Sequence[str]:
        """Name the symbols, as the exchange writes them, whose snapshot is missing."""
        return ()

    def freeze(self) -> bytes:
        """Return what is kept for the next message."""
        return b""

    def thaw(self, state: bytes) -> None:
        """Go on from what :meth:`freeze` returned.

        Raises
        ------
        Malformed
            If it is not that.
        """
        if state:
            raise Malformed("state", "this decoder keeps nothing")


_ASKED = msgspec.json.Decoder(Asked)
