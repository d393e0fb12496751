"""What every bus promises, whatever carries it."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from configs.errors import BadInput
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus
from storage.events.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.events.port import Bus, Delivery, Subscription

SHORT_S = 0.5
LONG_S = 15.0


@pytest.fixture(params=["spool", pytest.param("nsq", marks=pytest.mark.server)])
def bus(request, tmp_path) -> Iterator[Bus]:
    if request.param == "spool":
        opened: Bus = Spool(tmp_path)
    else:
        servers = request.getfixturevalue("servers")
        opened = NsqBus(parse_address(servers.environment["QRAFT_EVENTS"]))
    yield opened
    opened.close()


@pytest.fixture
def topic() -> str:
    return f"qraft.test.{uuid.uuid4().hex[:12]}"


def receive(subscription: Subscription, count: int, timeout_s: float = LONG_S) -> list[Delivery]:
    """Receive so many messages, or as many as come in time."""
    found: list[Delivery] = []
    deadline = time.monotonic() + timeout_s
    while len(found) < count and time.monotonic() < deadline:
        found += subscription.receive(0.2)
    return found


def test_what_is_published_is_received_once_it_is_finished(bus, topic):
    bus.publish(topic, [b"one", b"two"])
    with bus.subscribe(topic, "all") as subscription:
        deliveries = receive(subscription, 2)
        assert sorted(d.body for d in deliveries) == [b"one", b"two"]
        assert {d.attempts for d in deliveries} == {1}
        for delivery in deliveries:
            delivery.finish()
        assert receive(subscription, 1, SHORT_S) == []


def test_each_channel_gets_all(bus, topic):
    with bus.subscribe(topic, "a") as first, bus.subscribe(topic, "b") as second:
        bus.publish(topic, [b"x"])
        assert [d.body for d in receive(first, 1)] == [b"x"]
        assert [d.body for d in receive(second, 1)] == [b"x"]


def test_what_is_requeued_comes_again_and_not_before_its_time(bus, topic):
    bus.publish(topic, [b"again"])
    with bus.subscribe(topic, "all") as subscription:
        (first,) = receive(subscription, 1)
        began = time.monotonic()
        first.requeue(1.0)
        (second,) = receive(subscription, 1)
        assert time.monotonic() - began > 0.8
        assert second.body == b"again"
        assert second.attempts == 2
        second.finish()


def test_an_unsettled_message_comes_again_after_its_lease(bus, topic):
    bus.publish(topic, [b"lost"])
    with bus.subscribe(topic, "all", lease_s=1.0) as subscription:
        receive(subscription, 1)
        (again,) = receive(subscription, 1)
        assert again.attempts == 2
        again.finish()


def test_a_touched_message_stays_ours(bus, topic):
    bus.publish(topic, [b"long"])
    with bus.subscribe(topic, "all", lease_s=1.5) as subscription:
        (held,) = receive(subscription, 1)
        for _ in range(5):
            time.sleep(0.5)
            held.touch()
        assert receive(subscription, 1, SHORT_S) == []
        held.finish()
        assert receive(subscription, 1, 2.0) == []


def test_no_more_are_here_than_in_flight(bus, topic):
    bus.publish(topic, [b"%d" % n for n in range(10)])
    with bus.subscribe(topic, "all", in_flight=3) as subscription:
        held = receive(subscription, 10, SHORT_S)
        assert len(held) == 3
        for delivery in held:
            delivery.finish()
        assert len(receive(subscription, 3)) == 3


def test_what_is_not_settled_is_found_by_the_next_subscriber(bus, topic):
    bus.publish(topic, [b"kept"])
    with bus.subscribe(topic, "all", lease_s=1.0) as subscription:
        receive(subscription, 1)
    with bus.subscribe(topic, "all", lease_s=1.0) as subscription:
        (delivery,) = receive(subscription, 1)
        assert delivery.body == b"kept"
        delivery.finish()


def test_many_threads_publish_and_nothing_is_lost_or_mixed(bus, topic):
    def publish(thread: int) -> None:
        for number in range(20):
            bus.publish(topic, [f"{thread}-{number}".encode()])

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with bus.subscribe(topic, "all") as subscription:
        bodies = [d.body for d in receive(subscription, 80)]
    assert sorted(bodies) == sorted(f"{t}-{n}".encode() for t in range(4) for n in range(20))


def test_many_are_finished_at_once(bus, topic):
    bus.publish(topic, [b"%d" % n for n in range(30)])
    with bus.subscribe(topic, "all") as subscription:
        deliveries = receive(subscription, 30)
        subscription.finish(deliveries)
        subscription.finish(deliveries)
        assert receive(subscription, 1, SHORT_S) == []
        assert subscription.connected


def test_settling_twice_is_harmless(bus, topic):
    bus.publish(topic, [b"x"])
    with bus.subscribe(topic, "all") as subscription:
        (delivery,) = receive(subscription, 1)
        delivery.finish()
        delivery.finish()
        delivery.requeue(0.0)
        assert receive(subscription, 1, SHORT_S) == []


@pytest.mark.parametrize("body", [b"", b"x" * 300_000], ids=["empty", "huge"])
def test_what_no_bus_could_carry_is_refused(bus, topic, body):
    with pytest.raises(BadInput):
        bus.publish(topic, [body])


def test_names_are_checked(bus):
    with pytest.raises(BadInput):
        bus.publish("../escape", [b"x"])
