"""A topic of the bus: what is published there is a source's message."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

from storage.journal.record import Kind

if TYPE_CHECKING:
    from storage.connectors.port import Sink
    from storage.events.port import Bus, Subscription
    from taskspecs.sources.connection import TopicConnection

WAIT_S: Final = 0.5
AT_MOST: Final = 500


class TopicConnector:
    """Brings the messages of a topic; one is finished on the bus once it is kept here.

    Parameters
    ----------
    spec
        The topic.
    bus
        The workspace's.
    """

    def __init__(self, spec: TopicConnection, bus: Bus) -> None:
        self._spec = spec
        self._bus = bus
        self.connections = 0
        self.trouble = ""

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled; see `Connector`."""
        topic, channel = self._spec.topic, self._spec.channel
        with self._bus.subscribe(topic, channel, in_flight=AT_MOST) as subscription:
            self.connections += 1
            await sink.put(Kind.OPENED, json.dumps({"connection": 1, "place": topic}).encode())
            while True:
                await self._take(subscription, sink)

    async def _take(self, subscription: Subscription, sink: Sink) -> None:
        found = await asyncio.to_thread(subscription.receive, WAIT_S, at_most=AT_MOST)
        if not found:
            return
        for delivery in found:
            await sink.put(Kind.RAW, delivery.body)
        await sink.durable()
        await asyncio.to_thread(subscription.finish, found)
