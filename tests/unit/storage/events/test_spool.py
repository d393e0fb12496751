"""Looking at what waits in a spool, without taking it."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.settings import Settings
from configs.workspace import Workspace
from storage.open import open_spool


def test_what_waits_is_seen_once_in_order_and_stays(tmp_path):
    spool = open_spool(Settings(), Workspace(tmp_path))
    assert spool.waiting("t") == []
    spool.publish("t", [b"one", b"two"])
    with spool.subscribe("t", "a"), spool.subscribe("t", "b") as other:
        spool.publish("t", [b"three", b"one"])
        spool.publish("another", [b"four"])
        assert spool.waiting("t") == [b"one", b"two", b"three"]
        assert [each.body for each in other.receive(0.1)] == [b"three", b"one"]
        assert spool.waiting("t") == [b"one", b"two", b"three"]
    spool.close()


def test_a_broker_shows_nothing_without_handing_it_out(tmp_path):
    with pytest.raises(BadInput, match="without handing them out"):
        open_spool(Settings(events="nsq://127.0.0.1:4150"), Workspace(tmp_path))
