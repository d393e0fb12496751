"""Signals of a strategy that is live, by runs on data that grow: whole, bounded, and told once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

import gate.mandate
from agent.cli.context import Context
from agent.cli.signals import signals
from configs.errors import Forbidden
from gate.signals.envelope import read_envelope
from gate.signals.told import REFUSED, SIGNAL
from gate.stages import Stage
from storage.events.envelope import LIVE
from tests.forging import forge, forge_signed
from tests.growing import POLICY, SYMBOLS, GrowingDesk
from tests.office import public_key
from tests.signalling import load_consumer

pytestmark = pytest.mark.slow


def asked(desk, *arguments, lines=b""):
    context = Context(str(desk.workspace.root))
    return CliRunner().invoke(signals, arguments, obj=context, input=lines)


def held(raw):
    return {target.symbol for target in read_envelope(raw).payload.targets}


def test_what_leaves_is_signed_pinned_and_told_once(tmp_path, monkeypatch):
    desk = GrowingDesk(tmp_path, monkeypatch)
    assert desk.received_bytes(LIVE) == []
    desk.goes_live()
    mandate = desk.standing.mandate
    assert mandate.symbols == SYMBOLS
    desk.next_day()
    (first,) = desk.received_bytes(LIVE)
    said = read_envelope(first).payload
    assert said.mandate.symbols == list(SYMBOLS)
    assert said.approved_by == ["ann", "bob"]
    assert {each.statement.mandate for each in said.approvals} == {mandate.digest}
    assert said.sequence == 1

    # run again: the same to the last byte
    desk.run()
    assert desk.received_bytes(LIVE) == [first]

    # bars revised since: another signal for that time stays here, and is shown
    desk.prices[:, desk.days - 1] *= [1.3, 0.7, 1.2, 0.8]
    again = desk.run().following
    assert "another was published for that time, and stands" in again.held_back
    assert desk.received_bytes(LIVE) == [first]
    assert len(desk.ledger.entries(REFUSED)) == 1
    desk.run()
    assert len(desk.ledger.entries(REFUSED)) == 1  # once
    desk.received_bytes(LIVE)
    assert "held back: another was published" in asked(desk, "list", "--json").output

    # G15: a symbol that comes after the approval takes part in nothing
    alone = desk.next_day().following
    (without,) = desk.received_bytes(LIVE)
    desk.extra = [
        {
            "Date": desk.first + timedelta(days=day),
            "Symbol": "E",
            "Close": 9.0 * 1.1 ** (day - desk.days),
        }
        for day in range(desk.days - 8, desk.days + 3)
    ]
    desk.extra = [row for row in desk.extra if row["Date"] >= _proposed_on(desk)]
    joined = desk.run().following
    assert (alone.left_out, joined.left_out) == ((), ("E",))
    assert joined.held_back == ""  # with it in the file, the very same signal
    assert desk.received_bytes(LIVE) == [without]
    later = desk.next_day().following
    (third,) = desk.received_bytes(LIVE)
    assert later.left_out == ("E",)
    assert held(third) <= set(SYMBOLS)

    # an approved symbol without a newest bar is named, and the strategy goes on
    desk.extra, desk.silent = [], {"D"}
    thin = desk.next_day().following
    (fourth,) = desk.received_bytes(LIVE)
    assert (thin.absent, thin.stage) == (("D",), Stage.LIVE)
    assert read_envelope(fourth).payload.absent == ["D"]
    desk.silent = set()

    # G5: a forged entry for the next time, with its scores, changes nothing
    _forge_next(desk)
    honest = desk.next_day().following
    (fifth,) = desk.received_bytes(LIVE)
    assert honest.held_back == ""
    assert read_envelope(fifth).payload.sequence == 5
    assert len(desk.ledger.entries(SIGNAL)) == 8  # three on paper

    _verify(desk, [first, without, third, fourth, fifth])
    _consume(desk, tmp_path, [first, without, third, fourth, fifth])


def _proposed_on(desk):
    return datetime.fromisoformat(desk.standing.proposed).date()


def _forge_next(desk):
    store = desk.ledger._store
    scores = {"ts": "", "run_id": "r", "code": "c", "scores": [["A", 9.0]], "quotes": []}
    store.put_new("signals/forged.json", json.dumps(scores).encode())
    ts = (desk.now + timedelta(hours=23)).isoformat()
    for stage in ("paper", "live"):
        body = {
            "strategy": desk.standing.strategy, "ts": ts, "run_id": "r",
            "path": "signals/forged.json", "sha256": "0" * 64,
            "envelope": {"stage": stage, "sequence": 99, "path": "signals/forged.json",
                         "sha256": "0" * 64},
        }  # fmt: skip
        forge(store, SIGNAL, body, at=ts)
        forge_signed(store, SIGNAL, body, desk.ledger.id, at=ts)


def _verify(desk, raws):
    """By the command: what the lake keeps is what was told, and each is whole."""
    printed = asked(desk, "list", "--stage", "live", "--raw")
    assert printed.output.encode().splitlines() == raws
    lines = b"\n".join(raws) + b"\n"
    whole = asked(desk, "verify", "-", "--json", lines=lines)
    assert [row["verdict"] for row in json.loads(whole.stdout)] == ["whole"] * 5
    assert whole.exit_code == 0
    shown = asked(desk, "show", "grown", "--number", "4", "--stage", "live")
    assert "D" in shown.output
    assert asked(desk, "show", "grown", "--raw").output.encode().strip() == raws[-1]
    bad = asked(desk, "verify", "-", lines=raws[0][:-9] + b"\n" + raws[1])
    assert bad.exception.exit_code == 1
    assert asked(desk, "verify", "-", lines=b"{}\n").exception.exit_code == 2
    assert asked(desk, "verify", "-", lines=b"").exception.exit_code == 2
    assert asked(desk, "verify").exception.exit_code == 2
    assert asked(desk, "show", "grown", "--number", "77").exception.exit_code == 2


def _consume(desk, tmp_path, raws):
    consumer = load_consumer()
    book = consumer.open_book(tmp_path / "book.sqlite")
    rules = consumer.Rules(
        keys={desk.ledger.runner.public}, signers=[public_key("ann"), public_key("bob")],
        halted=[tmp_path / ".qraft" / "lake" / "halted" / "all.json"],
    )  # fmt: skip
    mine = consumer.Consumer(book, rules, consumer.act)
    for raw in raws:
        assert mine.receive(raw, desk.now + timedelta(days=99)).fault == "too late"
        then = datetime.fromisoformat(read_envelope(raw).payload.published_at)
        assert mine.receive(raw, then).acted
    book.close()


def test_a_weight_beyond_its_bound_is_refused_before_it_leaves(tmp_path, monkeypatch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate.mandate, "HEAD_ROOM", 0.5)
        desk = GrowingDesk(tmp_path, monkeypatch)
        desk.run()
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    with pytest.raises(Forbidden, match="was held back") as refusal:
        desk.next_day()
    assert "is approved" in str(refusal.value)
    assert desk.received_bytes("qraft.signals.paper") == []
    (entry,) = desk.ledger.entries(REFUSED)
    assert entry.body["stage"] == "paper"
    assert "where at most" in entry.body["because"][0]
    assert desk.ledger.entries(SIGNAL) == []
    assert not (tmp_path / ".qraft" / "lake" / "signals").exists()
    with pytest.raises(Forbidden, match="was held back"):
        desk.run()
    assert len(desk.ledger.entries(REFUSED)) == 1
    assert desk.standing.stage is Stage.PAPER
    assert "where at most" in asked(desk, "list", "--json").output


def test_bars_that_are_revised_behind_a_seal_end_live_signals_without_any_limit(
    tmp_path, monkeypatch
):
    """G14: what was approved is of other data, whether the policy watches for it or not."""
    desk = GrowingDesk(tmp_path, monkeypatch, holdout={"prices.csv": 0.2})
    (tmp_path / "qraft.yaml").write_text("holdout: {prices.csv: 0.2}\n")
    unwatched = POLICY.partition("  - {figure: history_revised")[0]
    (tmp_path / "gate.yaml").write_text(unwatched)
    assert desk.received_bytes(LIVE) == []
    desk.goes_live()
    desk.next_day()
    assert len(desk.received_bytes(LIVE)) == 1
    sealed = desk.days - 20
    desk.prices[0, sealed] *= 1.01
    revised = desk.next_day().following
    assert revised.figures["history_revised"] == 1.0
    assert revised.stage is Stage.PAPER
    assert "data" in revised.stopped
    assert desk.received_bytes(LIVE) == []
