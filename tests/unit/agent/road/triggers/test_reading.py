"""Whatever comes is read as events or kept as it is; nothing raises."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.road.triggers.reading import READERS, read
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS, FILES, from_bytes, make_event, to_bytes
from tests.unit.agent.road.triggers.hostile import HOSTILE, envelope, notification

NOW = datetime(2024, 1, 1, tzinfo=UTC)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_what_is_no_event_is_kept_with_a_reason(number):
    topic, body = HOSTILE[number]
    (kept,) = read(topic, body)
    assert kept.arrived.reason
    assert kept.arrived.body == body
    assert kept.arrived.ident.startswith("sha256:")


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=200))
def test_any_bytes_are_survived(topic, body):
    assert all(each.arrived.body for each in read(topic, body) if body)


@settings(max_examples=50)
@given(st.fixed_dictionaries({}, optional={
    "key": ANY_JSON, "size": ANY_JSON, "eTag": ANY_JSON, "eventTime": ANY_JSON,
}))  # fmt: skip
def test_any_notification_is_survived(changed):
    for each in read(FILES, notification(**changed)):
        assert each.arrived.reason or from_bytes(each.arrived.body).type == "file_arrived"


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["event_id", "type", "ts", "payload", "meta"]), ANY_JSON))
def test_any_envelope_is_survived_and_what_is_read_is_kept(changed):
    (kept,) = read(EVENTS, envelope(**changed))
    assert kept.arrived.reason or from_bytes(kept.arrived.body).source == "s"


def test_an_event_larger_than_the_bus_carries_is_kept_whole(tmp_path):
    body = b"\xe6\xbc\xa2" * 200_000
    with Boxes(tmp_path) as boxes:
        boxes.inbox.keep(each.arrived for each in read(EVENTS, body))
        (letter,) = boxes.dead.find()
    assert letter.body == body
    assert letter.bytes == len(body)


def test_a_notification_of_several_files_is_several_events():
    records = [json.loads(notification(key=key))["Records"][0] for key in ("a", "b")]
    broken = json.loads(notification(key=None))["Records"][0]
    kept = read(FILES, json.dumps({"Records": [records[0], broken, records[1]]}).encode())
    assert [bool(each.arrived.reason) for each in kept] == [False, True, False]
    names = [from_bytes(each.arrived.body).payload["name"] for each in (kept[0], kept[2])]
    assert names == ["a", "b"]
    assert len({each.arrived.ident for each in kept}) == 3


def test_a_bucket_tells_of_a_file():
    body = notification(key="lake/raw/dropped/a%20b.csv")
    (kept,), (again,) = read(FILES, body), read(FILES, body)
    assert from_bytes(kept.arrived.body).payload["name"] == "a b.csv"
    assert kept == again


def test_files_with_long_names_are_told_apart():
    (a,), (b,) = (read(FILES, notification(key=first + "x" * 400)) for first in "ab")
    assert not a.arrived.reason
    assert a.arrived.ident != b.arrived.ident


def test_an_event_is_itself():
    event = make_event("custom.x", "s", {"text": "\u6f22\x00", "n": 10**30}, ts=NOW)
    (kept,) = read(EVENTS, to_bytes(event))
    assert from_bytes(kept.arrived.body) == event
