"""Signals of a strategy that is live, by runs on data that grow: a test for each sentence.

The sentences are those of `gate/README.md`, "What every signal keeps to".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import gate.approval.mandate
import gate.strategies.strategies
from agent.cli.context import Context
from agent.cli.strategies.signals import signals
from configs.errors import Forbidden
from gate.policy.stages import Stage
from gate.signals.envelope import read_envelope
from gate.signals.told import REFUSED, SIGNAL
from storage.events.envelope import LIVE, PAPER
from tests.forging import forge, forge_signed
from tests.growing import POLICY, SYMBOLS, GrowingDesk
from tests.office import public_key
from tests.signalling import load_consumer

pytestmark = pytest.mark.slow
README = Path(__file__).parents[2] / "gate" / "README.md"


@dataclass
class Story:
    """What was seen while a strategy was live: outcomes and bytes, by what had happened."""

    desk: GrowingDesk
    outcomes: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[bytes]] = field(default_factory=dict)

    def then(self, name, outcome):
        """Note what a run did, and what it told since the last."""
        self.outcomes[name] = outcome.following
        self.told[name] = self.desk.received_bytes(LIVE)

    @property
    def signals(self):
        """Each signal once, the oldest first."""
        return list(dict.fromkeys(raw for raws in self.told.values() for raw in raws))


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield _play(GrowingDesk(tmp_path_factory.mktemp("live"), patch))


def _play(desk) -> Story:
    story = Story(desk)
    desk.received_bytes(LIVE)  # a channel begins with its subscription
    desk.goes_live()
    story.then("a day", desk.next_day())
    story.then("run again", desk.run())
    desk.prices[:, desk.days - 1] *= [1.3, 0.7, 1.2, 0.8]
    story.then("revised since", desk.run())
    story.then("revised since, again", desk.run())
    story.then("a day more", desk.next_day())
    first = datetime.fromisoformat(desk.standing.proposed).date()
    days = [first + timedelta(days=day) for day in range(12)]
    desk.extra = [{"Date": d, "Symbol": "E", "Close": 9 * 1.1**n} for n, d in enumerate(days)]
    story.then("a symbol more", desk.run())
    story.then("a symbol more, next day", desk.next_day())
    desk.extra, desk.silent = [], {"D"}
    story.then("a symbol silent", desk.next_day())
    desk.silent = set()
    _forge_next(desk)
    story.then("forged", desk.next_day())
    desk.silent = set(SYMBOLS)
    story.then("a day taken back", desk.run())
    desk.silent = set()
    return story


def _forge_next(desk):
    """Write entries of the next signal, with its scores, as a colleague without a key can."""
    store = desk.ledger._store
    store.put_new("signals/forged.json", b'{"scores": [["A", 9.0]]}')
    ts = (desk.now + timedelta(hours=23)).isoformat()
    kept = {"path": "signals/forged.json", "sha256": "0" * 64}
    for stage in ("paper", "live"):
        body = {
            "strategy": desk.standing.strategy, "ts": ts, "run_id": "r", **kept,
            "envelope": {"stage": stage, "sequence": 99, **kept},
        }  # fmt: skip
        forge(store, SIGNAL, body, at=ts)
        forge_signed(store, SIGNAL, body, desk.ledger.id, at=ts)


def asked(desk, *arguments, lines=b""):
    context = Context(str(desk.workspace.root))
    return CliRunner().invoke(signals, arguments, obj=context, input=lines)


def payload(raw):
    return read_envelope(raw).payload


class TestSignal:
    def test_is_signed_and_carries_its_symbols_bounds_and_approvals(self, story):
        said = payload(story.signals[0])
        mandate = story.desk.standing.mandate
        assert said.key == story.desk.ledger.runner.public
        assert said.mandate.symbols == list(SYMBOLS)
        assert said.approved_by == ["ann", "bob"]
        assert {each.statement.mandate for each in said.approvals} == {mandate.digest}

    def test_is_the_same_to_the_last_byte_however_often_it_is_told(self, story):
        assert len(story.told["a day"]) == 1
        assert story.told["run again"] == story.told["a day"]
        assert story.told["a symbol more"] == story.told["a day more"]

    def test_is_the_only_one_of_its_time_and_another_is_held_back_and_shown(self, story):
        held_back = story.outcomes["revised since"].held_back
        assert "another was published for that time, and stands" in held_back
        assert story.told["revised since"] == story.told["a day"]
        refused = [entry.body["because"] for entry in story.desk.ledger.entries(REFUSED)]
        assert (
            len([why for why in refused if "another" in why[0]]) == 1
        )  # however often it is tried
        assert "another was published for that time" in asked(story.desk, "list", "--json").output

    def test_is_later_than_the_one_before_and_counted(self, story):
        said = [payload(raw) for raw in story.signals]
        assert [each.sequence for each in said] == [1, 2, 3, 4, 5]
        assert [each.ts for each in said] == sorted({each.ts for each in said})
        assert "it is older than the signal" in story.outcomes["a day taken back"].held_back
        assert story.told["a day taken back"] == []

    def test_is_of_a_bar_that_was_over_when_it_was_signed(self, story):
        for raw in story.signals:
            said = payload(raw)
            assert said.ts <= said.published_at
            assert datetime.fromisoformat(said.ts) <= story.desk.now

    def test_holds_no_symbol_that_came_after_the_approval(self, story):
        assert story.outcomes["a day more"].left_out == ()
        for name in ("a symbol more", "a symbol more, next day"):
            assert story.outcomes[name].left_out == ("E",)
            assert story.outcomes[name].held_back == ""  # and it changes no other weight
            (raw,) = story.told[name]
            assert {t.symbol for t in payload(raw).targets} <= set(SYMBOLS)

    def test_names_approved_symbols_that_have_no_bar(self, story):
        (raw,) = story.told["a symbol silent"]
        assert payload(raw).absent == ["D"]
        outcome = story.outcomes["a symbol silent"]
        assert (outcome.absent, outcome.stage) == (("D",), Stage.LIVE)

    def test_is_made_by_no_forged_entry(self, story):
        (raw,) = story.told["forged"]
        assert story.outcomes["forged"].held_back == ""
        assert payload(raw).sequence == 5
        assert len(story.desk.ledger.entries(SIGNAL)) == 8  # three on paper
        assert len(story.desk.ledger.void()) == 4

    def test_leaves_within_its_bounds_or_not_at_all(self, tmp_path, monkeypatch):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gate.approval.mandate, "HEAD_ROOM", 0.5)
            desk = GrowingDesk(tmp_path, monkeypatch)
            desk.run()
        desk.approves("ann", signed=False)
        desk.promotes(Stage.PAPER)
        for again in (desk.next_day, desk.run):
            with pytest.raises(Forbidden, match=r"was held back: .* where at most"):
                again()
        assert desk.received_bytes(PAPER) == []
        (entry,) = desk.ledger.entries(REFUSED)
        assert "where at most" in entry.body["because"][0]
        assert desk.ledger.entries(SIGNAL) == []
        assert not (tmp_path / ".qraft" / "lake" / "signals").exists()
        assert desk.standing.stage is Stage.PAPER
        assert "where at most" in asked(desk, "list", "--json").output

    def test_ends_when_bars_behind_a_seal_are_revised(self, tmp_path, monkeypatch):
        """What was approved is of other data then, whether a limit watches for it or not."""
        desk = GrowingDesk(tmp_path, monkeypatch, holdout={"prices.csv": 0.2})
        (tmp_path / "qraft.yaml").write_text("holdout: {prices.csv: 0.2}\n")
        unwatched = POLICY.partition("  - {figure: history_revised")[0]
        (tmp_path / "gate.yaml").write_text(unwatched)
        assert desk.received_bytes(LIVE) == []
        desk.goes_live()
        desk.next_day()
        assert len(desk.received_bytes(LIVE)) == 1
        desk.prices[0, desk.days - 20] *= 1.01
        revised = desk.next_day().following
        assert revised.figures["history_revised"] == 1.0
        assert (revised.stage, "data" in revised.stopped) == (Stage.PAPER, True)
        assert desk.received_bytes(LIVE) == []


def test_each_sentence_of_the_page_is_a_test():
    page = README.read_text()
    part = page[page.index("### What every signal keeps to") : page.index("### What a consumer")]
    sentences = re.findall(r"^- (.+?)\.$", part, re.MULTILINE)
    names = {re.sub(r"[^a-z]+", "_", sentence.lower()).strip("_") for sentence in sentences}
    assert names == {n.removeprefix("test_") for n in vars(TestSignal) if n.startswith("test_")}


def test_a_strategy_of_before_there_were_bounds_publishes_nothing_and_is_told_the_way(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(gate.strategies.strategies, "read_mandate", lambda _: None)
    desk = GrowingDesk(tmp_path, monkeypatch)
    desk.run()
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    following = desk.next_day().following
    assert following.published is None
    assert "demote it to dryrun, run it, and approve what it proposes" in following.held_back
    assert desk.received_bytes(PAPER) == []
    assert desk.standing.stage is Stage.PAPER


def test_what_the_command_says_of_them(story):
    """What the lake keeps is what was told, and each is whole."""
    desk, raws = story.desk, story.signals
    printed = asked(desk, "list", "--stage", "live", "--raw")
    assert printed.output.encode().splitlines() == raws
    whole = asked(desk, "verify", "-", "--json", lines=b"\n".join([*raws, raws[0]]) + b"\n")
    assert [row["verdict"] for row in json.loads(whole.stdout)] == [*["whole"] * 5, "repeated"]
    assert whole.exit_code == 0
    assert "D" in asked(desk, "show", "grown", "--number", "4", "--stage", "live").output
    assert asked(desk, "show", "grown", "--raw").output.encode().strip() == raws[-1]


@pytest.mark.parametrize(
    ("arguments", "lines", "code"),
    [
        (("verify", "-"), lambda raws: raws[0][:-9] + b"\n" + raws[1], 1),
        (("verify", "-"), lambda raws: raws[1] + b"\n" + raws[0], 1),
        (("verify", "-"), lambda raws: b"{}\n", 2),
        (("verify", "-"), lambda raws: b"", 2),
        (("verify", "nowhere.jsonl"), lambda raws: b"", 2),
        (("verify",), lambda raws: b"", 2),
        (("verify", "-", "--topic", "live"), lambda raws: b"", 2),
        (("show", "grown", "--number", "77"), lambda raws: b"", 2),
    ],
)
def test_exit_codes(story, arguments, lines, code):
    assert asked(story.desk, *arguments, lines=lines(story.signals)).exception.exit_code == code


def test_the_spool_is_looked_at_and_nothing_is_taken(story):
    desk = story.desk
    assert asked(desk, "verify", "--topic", "live").exit_code == 0
    desk.run()
    for _ in range(2):
        found = json.loads(asked(desk, "verify", "--topic", "live", "--json").stdout)
        assert [row["verdict"] for row in found] == ["whole"]
    assert desk.received_bytes(LIVE) == [story.signals[-1]]


def test_a_consumer_acts_on_each_at_its_time(story, tmp_path):
    consumer = load_consumer()
    book = consumer.open_book(tmp_path / "book.sqlite")
    flag = story.desk.workspace.root / ".qraft" / "lake" / "halted" / "all.json"
    rules = consumer.Rules(
        keys={story.desk.ledger.runner.public}, halted=[flag],
        signers=[public_key("ann"), public_key("bob")],
    )  # fmt: skip
    mine = consumer.Consumer(book, rules, consumer.act)
    for raw in story.signals:
        then = datetime.fromisoformat(payload(raw).published_at)
        assert mine.receive(raw, then + timedelta(days=99)).fault == "too late"
        assert mine.receive(raw, then).acted
    book.close()
