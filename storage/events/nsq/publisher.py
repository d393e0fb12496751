"""Publish to nsqd, and return only when it said OK."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from configs.errors import Failed, Unreachable
from configs.remedies import Mend
from storage.events.nsq.wire import CONNECT_S, Error, Wire
from storage.jitter import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.events.nsq.address import Host

BATCH_BYTES = 1 << 20
"""nsqd's own limit of a batch is five times that, by default."""
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
NO_HEARTBEAT = -1
"""A publisher that is idle is asked nothing, so that it need not answer; it learns of a dead peer
when it publishes, in time."""


class Publisher:
    """One connection, one command on it at a time, so that an answer belongs to its command."""

    def __init__(self, addresses: Sequence[Host]) -> None:
        self._addresses = addresses
        self._turn = 0
        self._lock = threading.Lock()
        self._wire: Wire | None = None

    def publish(self, topic: str, bodies: Sequence[bytes], *, deadline_s: float) -> None:
        """Publish in batches; each is tried again, at the next address, until the deadline.

        Raises
        ------
        Unreachable
            If nsqd did not confirm in time.
        Failed
            If nsqd refuses.
        """
        deadline = time.monotonic() + deadline_s
        with self._lock:
            for batch in _batches(bodies):
                self._confirmed(topic.encode(), batch, deadline)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _confirmed(self, topic: bytes, batch: list[bytes], deadline: float) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                return self._send(topic, batch, deadline)
            except (Unreachable, OSError) as error:
                self._drop()
                self._turn += 1
                rest = deadline - time.monotonic()
                if rest <= pause:
                    raise Unreachable(
                        f"publishing to {topic.decode()} was not confirmed in time: {error}",
                        remedy=Mend.CHECK_UP(),
                    ) from error
            time.sleep(spread(pause, 0.5, 1.0))
            pause = min(2.0 * pause, LONGEST_PAUSE_S)

    def _send(self, topic: bytes, batch: list[bytes], deadline: float) -> None:
        left = max(0.001, deadline - time.monotonic())
        if self._wire is None:
            host, port = self._addresses[self._turn % len(self._addresses)]
            self._wire = Wire(
                host, port, timeout=min(left, CONNECT_S), heartbeat_interval=NO_HEARTBEAT
            )
        answer = self._wire.ask(topic, batch, left)
        if isinstance(answer, Error):
            self._drop()
            raise Failed(f"nsqd refused to publish to {topic.decode()}: {answer.data.decode()}")
        if answer.data != b"OK":
            raise Unreachable(f"nsqd answered {answer.data[:50]!r} instead of OK")

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.drop()
            self._wire = None


def _batches(bodies: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for body in bodies:
        if batch and size + len(body) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += len(body)
    if batch:
        yield batch
