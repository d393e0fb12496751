"""What a bus is to the rest: publish until confirmed, receive, and settle each delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

PUBLISH_DEADLINE_S = 10.0


class Delivery(Protocol):
    """One message, ours until it is settled; unsettled, it comes again after the lease.

    Delivery is at least once and in no order: settling late, twice, or after a lost connection is
    harmless, and so must be handling a message twice.
    """

    @property
    def body(self) -> bytes:
        """What was published."""

    @property
    def attempts(self) -> int:
        """How often it was delivered, this time included."""

    def finish(self) -> None:
        """It was handled: forget it."""

    def requeue(self, delay_s: float) -> None:
        """Deliver it again, not before so many seconds."""

    def touch(self) -> None:
        """It is still being handled: start its lease anew."""


class Subscription(Protocol):
    """The messages of one topic for one channel; the channels of a topic each get all of them."""

    def receive(self, timeout_s: float, *, at_most: int = 100) -> Sequence[Delivery]:
        """Wait for messages; none if none come in time.

        Raises
        ------
        Unreachable
            Never for a lost connection, which is made again; only if the bus was closed.
        """

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Forget messages that were handled, all at once."""

    @property
    def connected(self) -> bool:
        """Whether messages could come now; a broker that is away is called again by itself."""


class Bus(Protocol):
    """Topics with messages."""

    @property
    def durable(self) -> bool:
        """Whether what it confirmed is there whatever is killed.

        nsqd loses what it held in memory, messages in flight above all; who publishes to it keeps
        what is published until it is known to have arrived.
        """

    def publish(
        self, topic: str, bodies: Sequence[bytes], *, deadline_s: float = PUBLISH_DEADLINE_S
    ) -> None:
        """Hand messages to the bus; when this returns, all of them are kept.

        Raises
        ------
        BadInput
            If the topic's name cannot be used, or a body is empty or too large.
        Unreachable
            If that was not confirmed within the deadline: some of them may be kept all the same,
            so publish them again.
        """

    def subscribe(
        self, topic: str, channel: str, *, in_flight: int = 200, lease_s: float = 60.0
    ) -> AbstractContextManager[Subscription]:
        """Receive the messages of a topic; a channel lasts from its first subscription on.

        Parameters
        ----------
        in_flight
            Most messages that are here and not settled.
        lease_s
            Seconds after which an unsettled message is delivered again.
        """

    def close(self) -> None:
        """Let go of connections and files."""
