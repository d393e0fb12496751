"""What is told is kept until it is known to have arrived, and nothing holds up the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from configs.errors import Failed, Unreachable
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS, from_bytes, make_event
from storage.events.inbox import Arrived
from storage.events.outbox import RETELL_S, UNSEEN_S, Outbox, Owed, receipts
from storage.events.spool import Spool

NOW = 1_700_000_000.0


class ForgetfulBus:
    """A bus that may be away, refuse some bodies, and promises nothing once it has confirmed."""

    durable = False

    def __init__(self) -> None:
        self.away = False
        self.refused = b"\0"
        self.had: list[tuple[str, bytes]] = []

    def publish(self, topic, bodies, *, deadline_s=10.0):
        if self.away:
            raise Unreachable("the bus is away")
        if any(self.refused in body for body in bodies):
            raise Failed("the bus refuses this")
        self.had += [(topic, body) for body in bodies]

    def ids(self) -> list[str]:
        return [from_bytes(body).event_id for topic, body in self.had if topic == EVENTS]


class Bench:
    def __init__(self, folder) -> None:
        self.time = NOW
        self.boxes = Boxes(folder)
        self.outbox = Outbox(self.boxes._file, now=lambda: self.time)
        self.bus = ForgetfulBus()

    def deliver(self, after_s: float = 0.0):
        self.time += after_s
        return self.outbox.deliver(self.bus)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.boxes.close()


def event(name: str, **payload):
    return make_event("custom.x", "s", payload, ts=datetime(2024, 1, 1, tzinfo=UTC), event_id=name)


def test_a_bus_that_was_away_is_told_when_it_is_back(bench):
    bench.bus.away = True
    assert bench.outbox.keep([event("x"), event("y"), event("x")]) == 2
    said = bench.deliver()
    assert (said.told, said.left, said.trouble) == (0, 2, "the bus is away")
    bench.bus.away = False
    assert bench.deliver(60.0).told == 2
    assert bench.bus.ids() == ["x", "y"]


def test_an_outage_of_a_day_is_over_soon_after_it_ends(bench):
    bench.bus.away = True
    bench.outbox.keep([event("x")])
    for _ in range(200):
        bench.deliver(432.0)
    bench.bus.away = False
    assert bench.deliver(16.0).told == 1


def test_what_is_confirmed_and_not_seen_is_told_again_less_and_less_often(bench):
    bench.outbox.keep([event("x")])
    while bench.time < NOW + 86_400:
        bench.deliver(29.0)
    assert 8 <= len(bench.bus.ids()) <= 14
    bench.deliver(UNSEEN_S)
    bench.deliver(UNSEEN_S)
    before = len(bench.bus.ids())
    bench.deliver(UNSEEN_S)
    assert len(bench.bus.ids()) == before  # nobody listens


@pytest.mark.parametrize("how", ["own inbox", "receipt"])
def test_what_was_seen_is_told_no_more(bench, how):
    bench.outbox.keep([event("x"), event("y")])
    bench.deliver()
    if how == "own inbox":
        bench.boxes.inbox.keep([Arrived(EVENTS, b"...", "id:x", "custom.x", "s")])
    else:
        bench.outbox.read_receipts([b"{", b"null", b'{"ids": [7, "x"]}', b'{"ids": 3}'])
    bench.deliver(2 * RETELL_S)
    assert bench.bus.ids() == ["x", "y", "y"]
    assert bench.outbox.unseen() == 1


def test_a_durable_bus_is_told_once(bench, tmp_path):
    bench.bus = Spool(tmp_path)
    bench.outbox.keep([event("x")])
    assert bench.deliver().told == 1
    assert bench.deliver(10 * RETELL_S).told == 0
    bench.bus.close()


def test_one_that_is_refused_does_not_hold_up_the_others(bench):
    bench.bus.refused = b'"poison"'
    bench.outbox.keep([event("a"), event("b", why="poison"), event("c")])
    bench.outbox.keep_raw("dead:1", "qraft.events.dead", b"letter")
    while bench.deliver(1.0).told:
        pass
    assert sorted(bench.bus.ids()) == ["a", "c"]
    assert ("qraft.events.dead", b"letter") in bench.bus.had
    assert bench.outbox.untold() == 1


def test_receipts_go_to_outboxes_and_nowhere_else():
    good = "0123456789abcdef"
    named = [("x", good), ("y", good), ("z", "qraft.events"), ("u", "a" * 16), ("v", 7), ("w", {})]
    (found,) = receipts(named, own="a" * 16).items()
    assert found == (f"qraft.receipts.{good}", [json.dumps({"ids": ["x", "y"]}).encode()])


def test_every_event_says_where_its_receipt_goes(bench):
    bench.outbox.keep([event("x")])
    bench.deliver()
    told = from_bytes(bench.bus.had[0][1])
    assert told.meta["receipt"] == bench.outbox.address
    assert told.event_id == "x"


def test_what_a_run_owes_is_told_in_one_step_with_that_it_is(bench):
    run = Owed("r1", "s", ("first",))
    bench.outbox.owe(run)
    assert bench.outbox.owed() == [run]
    assert bench.outbox.keep_news(run, [event("x")], until="2024-01-02T00:00:00+00:00") == 1
    assert bench.outbox.owed() == []
    assert bench.outbox.keep_news(run, [event("x")], until="2024-01-01T00:00:00+00:00") == 0
    assert bench.outbox.told_until("s") == "2024-01-02T00:00:00+00:00"


def test_a_promotion_is_never_told_twice(bench):
    assert [each.event_id for each in bench.outbox.keep_promotions([event("p")])] == ["p"]
    bench.boxes._file.rows("DELETE FROM outgoing")
    assert bench.outbox.keep_promotions([event("p")]) == []
