"""What is kept in the inbox, for whom, and for how long."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from configs.errors import Damaged
from storage.events.boxes import Boxes
from storage.events.inbox import BODY_S, KEPT_S, Arrived, Inbox, Route
from storage.events.work import OFTEN, Policy, Worklist

NOW = 1_700_000_000.0
NEVER = Policy(lambda _tries, _age: False, lambda _failures: 60.0)
AT_ONCE = Policy(lambda _tries, _age: True, lambda _failures: 60.0)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def boxes(tmp_path, clock):
    with Boxes(tmp_path) as opened:
        opened.inbox = Inbox(opened._file, now=clock)
        opened.work = Worklist(opened._file, now=clock)
        yield opened


def came(name: str, type_: str = "custom.x") -> Arrived:
    return Arrived("qraft.events", name.encode(), f"id:{name}", type_, "test")


def route(quiet: float = 0.0, longest: float = 0.0) -> Route:
    return Route(["custom.x"], lambda _: (quiet, longest))


def waits(boxes, *names: str, study: str = "a", **times: float) -> None:
    """Let events come and wait for a study."""
    boxes.inbox.follow([study])
    boxes.inbox.keep(map(came, names))
    boxes.inbox.route({study: route(**times)})


def test_an_event_is_kept_once_also_by_another_process(boxes, tmp_path):
    assert boxes.inbox.keep([came("x"), came("y"), came("x")]).fresh == 2
    with Boxes(tmp_path) as other:
        kept = other.inbox.keep([came("x"), came("z")])
    assert (kept.fresh, kept.repeated) == (1, 1)


def test_a_burst_is_due_when_it_is_quiet_and_no_later_than_it_may_wait(boxes, clock):
    for _ in range(20):  # every 4 s, with 10 s of quiet wanted
        waits(boxes, f"e{clock.time}", quiet=10.0, longest=45.0)
        ready = boxes.work.ready(["a"])
        assert bool(ready) == (clock.time - NOW >= 45.0)
        if ready:
            break
        clock.time += 4.0
    assert len(boxes.work.claim("a", "me")) == 13


def test_a_study_that_fails_is_waited_with_and_its_events_stay_together(boxes, clock):
    waits(boxes, "x", "y")
    boxes.work.claim("a", "me")
    assert boxes.work.failed("a", "me", "failed", "no", NEVER, letter=None) == []
    waits(boxes, "z")
    assert boxes.work.ready(["a"]) == []
    assert boxes.inbox.state().failing == {"a": 1}
    clock.time += 61.0
    assert boxes.work.ready(["a"]) == ["a"]
    assert [work.tries for work in boxes.work.claim("a", "me")] == [1, 1, 0]
    boxes.work.done("a", "me", "r1")
    assert boxes.inbox.state().failing == {}
    assert [work.ident for work in boxes.work.of_run("r1")] == ["id:x", "id:y", "id:z"]


def test_where_all_that_failed_is_dead_the_next_event_is_not_waited_with(boxes):
    waits(boxes, "x")
    boxes.work.claim("a", "me")
    letter = lambda work: ("dead", work.reason.encode())  # noqa: E731
    (dead,) = boxes.work.failed("a", "me", "bad_input", "no", AT_ONCE, letter=letter)
    assert (dead.tries, dead.kind) == (1, "bad_input")
    assert boxes.outbox.untold() == 1
    waits(boxes, "y")
    assert boxes.work.ready(["a"]) == ["a"]


def test_who_ran_longest_ago_comes_first(boxes, clock):
    waits(boxes, "x", study="a")
    waits(boxes, "y", study="b")
    assert boxes.work.ready(["a", "b"]) == ["a", "b"]
    boxes.work.claim("a", "me")
    boxes.work.done("a", "me", "r")
    clock.time += 1
    waits(boxes, "z", study="a")
    assert boxes.work.ready(["a", "b"]) == ["b", "a"]
    assert boxes.work.ready(["a"]) == ["a"]


def test_one_study_is_claimed_once(boxes):
    waits(boxes, "x")
    assert len(boxes.work.claim("a", "me")) == 1
    waits(boxes, "y")
    assert boxes.work.claim("a", "other") == []
    assert boxes.work.ready(["a"]) == []


def test_only_the_owner_settles(boxes):
    waits(boxes, "x")
    boxes.work.claim("a", "me")
    boxes.work.done("a", "someone", "r")
    assert boxes.inbox.state().running == 1


def test_what_the_dead_held_waits_at_once_and_is_no_try(boxes):
    waits(boxes, "x", quiet=0.0, longest=0.0)
    for _ in range(OFTEN):
        assert len(boxes.work.claim("a", "gone")) == 1
        assert boxes.work.take_over(lambda owner: owner == "gone") == 1
        assert boxes.work.ready(["a"]) == ["a"]
    boxes.work.claim("a", "gone")
    boxes.work.take_over(lambda owner: owner == "gone")
    assert boxes.work.ready(["a"]) == []  # a run that ends its listener lets others have a turn
    assert boxes.inbox.state().dead == {}


def test_a_study_goes_on_where_it_was(boxes):
    waits(boxes, "x", study="a")
    boxes.inbox.keep([came("y"), came("other", "custom.y")])
    waits(boxes, "z", study="b")  # another listener's, who came later
    boxes.inbox.route({"a": route()})
    assert boxes.work.waiting_for() == {"a": 3, "b": 1}


def test_what_is_done_is_let_go_of_and_its_id_is_not(boxes, clock, monkeypatch):
    monkeypatch.setattr("storage.events.inbox.KEPT_IDS", 2)
    waits(boxes, "x", "open")
    boxes.inbox.keep([came("nobody", "custom.y")])
    boxes.work.claim("a", "me")
    boxes.work.done("a", "me", "r")
    boxes._file.rows("UPDATE work SET state = 'dead' WHERE event = 2")
    clock.time += BODY_S + 1
    boxes.inbox.compact()
    kept = boxes._file.rows("SELECT ident, body IS NULL FROM event ORDER BY id")
    assert kept == [("id:x", 1), ("id:open", 0), ("id:nobody", 1)]
    assert boxes.inbox.keep([came("x")]).repeated == 1
    clock.time += KEPT_S
    boxes.inbox.compact()  # of three, the newest two stay by their number, whatever their age
    assert [row[0] for row in boxes._file.rows("SELECT ident FROM event ORDER BY id")] == [
        "id:open", "id:nobody",
    ]  # fmt: skip
    assert boxes.dead.find()[0].body == b"open"


def test_a_clock_that_jumped_ahead_and_back_delays_nothing(boxes, clock):
    clock.time += 10 * 365 * 86_400.0
    waits(boxes, "x", quiet=5.0, longest=50.0)
    boxes.work.take_over(lambda _: True)
    boxes._file.rows("UPDATE study SET not_before = ?", (clock.time,))
    clock.time = NOW
    assert boxes.work.ready(["a"]) == ["a"]


def test_the_state_says_what_there_is(boxes, clock):
    waits(boxes, "x", "y")
    waits(boxes, "z", study="b")
    boxes.work.claim("b", "me")
    boxes.work.done("b", "me", "r")
    boxes.work.heard("me", 7, connected=True)
    clock.time += 12.0
    state = boxes.inbox.state()
    assert (state.waiting, state.running, state.dead, state.untold) == (2, 0, {}, 0)
    assert state.oldest_waiting_s == 12.0
    assert state.last_success == {"b": NOW}
    assert (state.listeners, state.last_round_s, state.connected) == (1, 12.0, True)
    boxes.work.left("me")
    assert boxes.inbox.state().last_round_s is None


def test_dead_letters_are_found_replayed_and_dropped(boxes):
    waits(boxes, "x", "y")
    boxes.inbox.keep([Arrived("qraft.files", b"{", "sha256:0", reason="no JSON")])
    boxes._file.rows("UPDATE work SET state = 'dead', kind = 'failed' WHERE study = 'a'")
    find = lambda **what: [work.id for work in boxes.dead.find(**what)]  # noqa: E731
    assert find() == ["1.a", "2.a", "3"]
    assert find(study="a", kind="failed") == ["1.a", "2.a"]
    assert find(topic="qraft.files") == find(kind="unreadable") == ["3"]
    first, second, unread = boxes.dead.find()
    assert boxes.dead.replay([first]) == 1
    assert boxes.dead.replay([first]) == 0
    assert boxes.work.ready(["a"]) == ["a"]
    assert boxes.dead.drop([second, unread]) == 2
    assert boxes.dead.find() == []
    assert boxes.inbox.keep([came("y")]).repeated == 1


def test_what_listeners_noted_before_there_was_an_inbox_is_taken_over(tmp_path):
    with closing(sqlite3.connect(tmp_path / "memory.sqlite")) as earlier:
        earlier.executescript("""
            CREATE TABLE handled (event TEXT, study TEXT, at REAL, PRIMARY KEY (event, study));
            CREATE TABLE told (study TEXT PRIMARY KEY, until TEXT NOT NULL);
            CREATE TABLE promoted (event TEXT PRIMARY KEY);
            INSERT INTO handled VALUES ('x', 'a', 1700000000.0), ('x', 'b', 1700000001.0);
            INSERT INTO told VALUES ('a', '2024-01-01T00:00:00+00:00');
            INSERT INTO promoted VALUES ('promotion-1');
        """)
        earlier.commit()
    for _ in range(2):
        with Boxes(tmp_path) as boxes:
            assert boxes.inbox.keep([came("x")]).repeated == 1
            assert boxes.outbox.told_until("a") == "2024-01-01T00:00:00+00:00"
            assert boxes._file.rows("SELECT count(*) FROM work WHERE state = 'done'") == [(2,)]
    assert not (tmp_path / "memory.sqlite").exists()


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path):
    (tmp_path / "boxes.sqlite").write_bytes(b"not a database, but long enough to look at" * 40)
    with Boxes(tmp_path) as boxes, pytest.raises(Damaged, match=r"boxes\.sqlite is damaged"):
        boxes.inbox.keep([came("x")])
