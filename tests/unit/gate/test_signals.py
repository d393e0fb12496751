"""Signals as events, and the example of what consumes them."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configs.settings import Settings
from configs.workspace import Workspace
from gate.authority import Authority
from gate.signals import TOPICS, Signal
from gate.stages import Stage
from storage.events.envelope import LIVE, from_bytes, to_bytes
from storage.open import open_bus

NOW = datetime.now(UTC)
AUTHORITY = Authority("f" * 64, ("ann", "bob"), (NOW + timedelta(days=9)).isoformat())
SCRIPT = Path(__file__).parents[3] / "scripts" / "consume_signals.py"


def signal(hours=0.0, *, stage=Stage.LIVE, targets=(("AAPL", 0.5), ("IBM", 0.45)), valid=48):
    ts = NOW + timedelta(hours=hours)
    return Signal(
        "study@1", stage, "r1", ts, NOW + timedelta(hours=valid), targets, "signals/study@1/x.json"
    )


@pytest.fixture(scope="module")
def consumer():
    spec = importlib.util.spec_from_file_location("consume_signals", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_decision_told_twice_has_one_key_and_any_other_has_another():
    key = signal().key
    assert signal(targets=(("MSFT", 1.0),)).key == key
    assert signal().event(AUTHORITY).event_id == key
    assert len({key, signal(1).key, signal(stage=Stage.PAPER).key}) == 3


def test_nothing_goes_live_without_authority():
    with pytest.raises(ValueError, match="without authority"):
        signal().event(None)
    assert "approval" not in signal(stage=Stage.PAPER).event(None).payload
    assert TOPICS[Stage.LIVE] == LIVE
    assert set(TOPICS) == {Stage.PAPER, Stage.LIVE}


def test_an_event_carries_what_the_contract_says():
    payload = from_bytes(to_bytes(signal().event(AUTHORITY))).payload
    assert payload.keys() == {
        "strategy", "stage", "run_id", "ts", "valid_until", "targets", "scores",
        "idempotency_key", "approval", "approved_by", "approval_expires",
    }  # fmt: skip
    assert payload["targets"][0] == {"symbol": "AAPL", "weight": 0.5}


def test_the_example_acts_once_in_order_while_valid_and_approved(consumer, tmp_path):
    book = consumer.open_book(tmp_path / "book.sqlite")

    def tell(one, authority=AUTHORITY):
        return consumer.handle(book, one.event(authority), NOW)

    assert tell(signal()) == "acted"
    assert tell(signal()) == "seen already"
    assert tell(signal(2, targets=(("MSFT", 0.9),))) == "acted"
    assert tell(signal(1)) == "a newer one was acted on"
    assert tell(signal(3, valid=-1)).startswith("too late: valid_until")
    ended = Authority("f" * 64, ("ann",), (NOW - timedelta(days=1)).isoformat())
    assert tell(signal(4), ended).startswith("too late: approval_expires")
    assert tell(signal(5, stage=Stage.PAPER), None) == "not approved"
    assert book.execute("SELECT symbol, weight FROM wanted").fetchall() == [("MSFT", 0.9)]
    book.close()


def test_the_example_consumes_what_is_on_the_bus(consumer, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(consumer, "WAIT_S", 0.2)
    run = ["--workspace", str(tmp_path), "--book", str(tmp_path / "book.sqlite"), "--once"]
    consumer.main(run)  # a channel begins with its first subscription
    bus = open_bus(Settings(), Workspace(tmp_path))
    body = to_bytes(signal().event(AUTHORITY))
    bus.publish(LIVE, [body, b"rm -rf /", body])
    bus.close()
    consumer.main(run)
    told = capsys.readouterr().out.splitlines()
    assert sum(line.endswith("acted") for line in told) == 1
    assert "  AAPL 50.0%" in told
    assert sum(line.startswith("not a signal") for line in told) == 1
