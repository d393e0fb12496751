"""`qraft events`: what is published is kept, and a person decides about what is dead."""

from __future__ import annotations

import json

import pytest

from configs.errors import BadInput
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS
from storage.events.inbox import Arrived, Route
from storage.events.spool import Spool
from tests.unit.agent.cli.conftest import Terminal

STUDY = """
name: woken
data: {source: file, path: prices.csv}
signal: {expression: "$close"}
triggers: [{on: custom.go, where: {size: {min: 3}}}]
"""
ESCAPE = b"\x1b[2Jnot JSON"


@pytest.fixture
def terminal(tmp_path):
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "woken.yaml").write_text(STUDY)
    return Terminal(tmp_path)


@pytest.fixture
def boxes(terminal):
    with Boxes(terminal.workspace / ".qraft" / "events") as opened:
        yield opened


@pytest.fixture
def letters(boxes):
    """A message that is no event, and two events that a study could not handle."""
    boxes.inbox.follow(["woken"])
    boxes.inbox.keep([
        Arrived(EVENTS, ESCAPE, "sha256:0", reason="no event: \x1b[2J"),
        Arrived(EVENTS, b"{}", "id:x", "custom.go", "s"),
        Arrived("qraft.files", b"{}", "id:y", "custom.go", "s"),
    ])  # fmt: skip
    boxes.inbox.route({"woken": Route(["custom.go"], lambda _: (0.0, 0.0))})
    boxes._file.rows("UPDATE work SET state = 'dead', kind = 'failed' WHERE study = 'woken'")
    return boxes.dead


def listed(terminal: Terminal, *filters: str) -> list[str]:
    shown = terminal.call("events", "dead", "list", *filters, "--json")
    return [row["id"] for row in json.loads(shown.stdout)]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (["custom.go", "--payload", '{"size": 3}'], "it wakes woken"),
        (["custom.go", "--payload", '{"size": 2}'], "the conditions of woken do not hold"),
        (["custom.other"], "waits for custom.other; they wait for custom.go"),
        (["file_arived"], "did you mean 'file_arrived'"),
        (["nosuch"], "none could"),
    ],
)
def test_publishing_says_whether_anyone_listens(terminal, event, said):
    done = terminal.call("events", "publish", *event)
    assert said in done.stderr
    spool = Spool(terminal.workspace / ".qraft" / "events")
    with spool.subscribe(EVENTS, "test") as subscription:
        (told,) = subscription.receive(0.0)
    spool.close()
    assert json.loads(told.body)["type"] == event[0]


def test_an_event_published_while_the_bus_is_away_is_told_later(terminal, boxes, monkeypatch):
    monkeypatch.setattr("storage.events.outbox.DEADLINE_S", 0.2)
    monkeypatch.setenv("QRAFT_EVENTS", "nsq://127.0.0.1:9")
    done = terminal.call("events", "publish", "custom.go", "--payload", '{"size": 3}', "--json")
    assert json.loads(done.stdout)["told"] is False
    assert "kept and told later" in done.stderr
    assert boxes.outbox.untold() == 1
    boxes._file.rows("UPDATE outgoing SET due = 0")
    monkeypatch.delenv("QRAFT_EVENTS")
    terminal.call("events", "publish", "custom.go", "--payload", '{"size": 4}')
    assert boxes.outbox.untold() == 0


def test_an_event_that_was_told_before_is_said_to_be(terminal):
    terminal.call("events", "publish", "custom.go", "--id", "once")
    assert (
        "was told before" in terminal.call("events", "publish", "custom.go", "--id", "once").stderr
    )


def test_dead_letters_are_listed_by_study_topic_and_reason(terminal, letters):
    assert listed(terminal) == ["1", "2.woken", "3.woken"]
    assert listed(terminal, "--study", "woken") == ["2.woken", "3.woken"]
    assert listed(terminal, "--topic", "qraft.files") == ["3.woken"]
    assert listed(terminal, "--reason", "unreadable") == ["1"]
    assert "\x1b" not in terminal.call("events", "dead", "list").stdout


def test_a_dead_letter_is_shown_as_it_came_and_harms_no_terminal(terminal, letters):
    assert "\x1b" not in terminal.call("events", "dead", "show", "1").stdout
    value = json.loads(terminal.call("events", "dead", "show", "1", "--json").stdout)
    assert value["body"].encode() == ESCAPE
    with pytest.raises(BadInput) as wrong:
        terminal.call("events", "dead", "show", "2.wokn")
    assert "2.woken" in wrong.value.hint


def test_replayed_letters_wait_again(terminal, letters, boxes):
    done = terminal.call("events", "dead", "replay", "--all", "--json")
    assert json.loads(done.stdout) == {"replayed": 2, "unreadable": ["1"]}
    assert boxes.work.waiting_for() == {"woken": 2}
    assert listed(terminal) == ["1"]


def test_a_letter_that_can_be_read_by_now_is_an_event(terminal, boxes):
    body = json.dumps({"event_id": "x", "type": "custom.go", "source": "s",
                       "ts": "2024-01-01T00:00:00Z"}).encode()  # fmt: skip
    boxes.inbox.keep([Arrived(EVENTS, body, "sha256:0", reason="an earlier version could not")])
    assert terminal.call("events", "dead", "replay", "1").stdout == "1\n"
    assert listed(terminal) == []
    assert boxes._file.rows("SELECT type FROM event WHERE ident = 'id:x'") == [("custom.go",)]


def test_dropped_letters_are_gone(terminal, letters):
    assert terminal.call("events", "dead", "drop", "1").stdout == "1\n"
    terminal.call("events", "dead", "drop", "--all", "--study", "woken")
    assert listed(terminal) == []
    assert "there are no dead letters" in terminal.call("events", "dead", "list").stderr


@pytest.mark.parametrize("verb", ["replay", "drop"])
def test_which_letters_are_meant_must_be_said(terminal, letters, verb):
    for said in ([], ["1", "--all"], ["1", "--study", "woken"]):
        with pytest.raises(BadInput):
            terminal.call("events", "dead", verb, *said)
    assert listed(terminal) == ["1", "2.woken", "3.woken"]
