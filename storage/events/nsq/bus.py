"""The bus on NSQ; see :class:`storage.events.port.Bus`."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storage.events.envelope import LARGEST_BYTES
from storage.events.names import checked, checked_bodies
from storage.events.nsq.publisher import Publisher
from storage.events.nsq.pump import Pump
from storage.events.port import PUBLISH_DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nsq.response import Message

    from storage.events.nsq.address import Address
    from storage.events.port import Delivery

LONGEST_DELAY_S = 3_600.0
"""nsqd's own limit, by default; a longer delay would close the connection."""


SUBSCRIBE_S = 3.0
"""How long to wait for a first broker; without one, the subscription goes on trying."""


class NsqBus:
    """Topics of the brokers at an address."""

    durable = False
    """Killed, nsqd loses what is in flight, and what it wrote since its last sync."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._publisher = Publisher(address.nsqd)

    def publish(
        self, topic: str, bodies: Sequence[bytes], *, deadline_s: float = PUBLISH_DEADLINE_S
    ) -> None:
        """Publish, and return when nsqd has confirmed."""
        messages = checked_bodies(list(bodies), LARGEST_BYTES)
        self._publisher.publish(checked(topic), messages, deadline_s=deadline_s)

    @contextmanager
    def subscribe(
        self, topic: str, channel: str, *, in_flight: int = 200, lease_s: float = 60.0
    ) -> Iterator[NsqSubscription]:
        """Receive the messages of a topic, from every broker that has it."""
        subscription = NsqSubscription()
        pump = Pump(
            self._address, checked(topic), checked(channel),
            in_flight=in_flight, lease_s=lease_s, arrived=subscription.arrived,
        )  # fmt: skip
        subscription.pump = pump
        pump.start()
        pump.subscribed.wait(SUBSCRIBE_S)
        try:
            yield subscription
        finally:
            pump.end()

    def close(self) -> None:
        """Close the publisher's connection."""
        self._publisher.close()


class NsqSubscription:
    """What arrived and was not taken yet."""

    pump: Pump

    def __init__(self) -> None:
        self._here: deque[Message] = deque()
        self._news = threading.Condition()
        self._taken: set[bytes] = set()

    def arrived(self, messages: list[Message]) -> None:
        """Take messages from the pump."""
        with self._news:
            self._here.extend(messages)
            self._news.notify_all()

    def receive(self, timeout_s: float, *, at_most: int = 100) -> Sequence[NsqDelivery]:
        """Wait for messages; none if none come in time."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while not self._here and (left := deadline - time.monotonic()) > 0:
                self._news.wait(left)
            found = [self._here.popleft() for _ in range(min(at_most, len(self._here)))]
            self._taken.update(message.id for message in found)
        return [NsqDelivery(self, message) for message in found]

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Tell nsqd that they were handled."""
        for delivery in deliveries:
            delivery.finish()

    @property
    def connected(self) -> bool:
        """Whether a broker is at the other end."""
        return bool(self.pump.wires)

    def settle(self, message: Message, command: bytes) -> None:
        """Send the command that settles a message, once."""
        if message.id in self._taken:
            self._taken.discard(message.id)
            self.pump.settle(message.connection, command)


class NsqDelivery:
    """One message that nsqd counts as in flight to us."""

    __slots__ = ("_message", "_subscription")

    def __init__(self, subscription: NsqSubscription, message: Message) -> None:
        self._subscription = subscription
        self._message = message

    @property
    def body(self) -> bytes:
        """What was published."""
        return bytes(self._message.body)

    @property
    def attempts(self) -> int:
        """How often it was delivered, this time included."""
        return int(self._message.attempts)

    def finish(self) -> None:
        """Tell nsqd that it was handled."""
        self._subscription.settle(self._message, b"FIN " + self._message.id)

    def requeue(self, delay_s: float) -> None:
        """Tell nsqd to deliver it again; NSQ counts in milliseconds."""
        delay_ms = int(min(max(0.0, delay_s), LONGEST_DELAY_S) * 1000)
        self._subscription.settle(self._message, b"REQ %s %d" % (self._message.id, delay_ms))

    def touch(self) -> None:
        """Tell nsqd that it is still being handled."""
        self._subscription.pump.settle(self._message.connection, b"TOUCH " + self._message.id)
