"""What each kind of person can and cannot do: a test for each sentence of `gate/README.md`."""

from __future__ import annotations

import hashlib
import re
import shutil
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.cli.gate.holdout import holdout
from agent.mcp.server import OFFERS
from configs.errors import BadInput, Damaged, Forbidden, QraftError
from configs.keys.signers.ssh import write_key
from gate.approval.mandate import Mandate
from gate.bundle.exporting import export
from gate.bundle.verifying import fingerprint_of, verify_bundle
from gate.deciding.raising import release_brake
from gate.deciding.root import enrol, revoke
from gate.deciding.swearing import Swears
from gate.policy.stages import Act, Stage
from gate.signals.authority import Authority, authorise
from gate.signals.envelope import read_envelope, seal
from gate.signals.rules import Fault
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from storage.ledger.runner import Runner
from tests.forging import forge
from tests.office import STUDY, Office, public_key
from tests.signalling import Desk, eve, load_consumer, signed
from tests.unit.gate.signing.test_ssh_agent import device_key, on_device

README = Path(__file__).parents[3] / "gate" / "README.md"


@pytest.fixture
def office(tmp_path) -> Office:
    office = Office(store=FolderObjects(tmp_path / "lake"))
    office.reaches_paper()
    return office


@pytest.fixture
def live(office) -> Office:
    office.approves("ann")
    office.approves("bob")
    office.promotes(Stage.LIVE)
    return office


@pytest.fixture
def consumer(tmp_path):
    """Make a consumer that pins the runner and both signers."""
    module = load_consumer()
    book = module.open_book(tmp_path / "book.sqlite")

    def make(desk: Desk):
        rules = module.Rules(keys={desk.key}, signers={public_key("ann"), public_key("bob")})
        return module.Consumer(book, rules, module.act)

    yield make
    book.close()


def nothing_is_published(office: Office) -> bool:
    try:
        entries = office.ledger.entries()
        authorise(entries, office.policy, STUDY, office.running, office.now)
    except QraftError:
        return True
    return False


class TestColleague:
    def test_cannot_move_a_strategy_by_writing_to_the_ledger(self, office):
        body = {"strategy": STUDY, "to": "live", "policy": office.policy.digest(Stage.LIVE)}
        forge(office.store, "promotion", body)
        office.reopen()
        assert office.stage is Stage.PAPER

    def test_cannot_change_what_decides_by_editing_gate_yaml(self, office):
        before = office.in_force
        office.policy = office.policy.model_copy(update={"watch": ()})
        office.list_keys("eve")
        assert office.in_force == before
        office.approves("eve")
        with pytest.raises(Forbidden, match="not listed for eve"):
            office.promotes(Stage.LIVE)

    def test_cannot_undo_a_halt_by_deleting_what_tells_of_it(self, live, tmp_path):
        halt_all(live.ledger, reason="stop", actor="bob")
        shutil.rmtree(tmp_path / "lake" / "halted")
        live.reopen()
        assert live.stage is Stage.HALTED
        max((tmp_path / "lake" / "ledger").iterdir()).unlink()
        live.reopen()
        assert nothing_is_published(live)

    def test_can_halt_everything(self, live, tmp_path):
        (tmp_path / "lake" / "halted" / "all.json").write_text("stop")
        live.reopen()
        assert live.stage is Stage.HALTED
        assert nothing_is_published(live)

    def test_can_make_the_ledger_unusable_which_publishes_nothing(self, live, tmp_path):
        shutil.rmtree(tmp_path / "lake" / "ledger")
        live.reopen()
        assert nothing_is_published(live)
        halted = halt_all(live.ledger, reason="stop", actor="bob")
        assert halted.entry is None
        assert live.ledger.brake.pulled()

    def test_cannot_publish_a_signal_that_is_whole(self, live):
        desk = Desk(live)
        raw = signed(read_envelope(seal(desk.signal(), desk.runner)).document, eve())
        sent = {"stage": "live", "sequence": 1, "path": "x", "sha256": read_envelope(raw).sha256}
        body = {"strategy": STUDY, "ts": read_envelope(raw).payload.ts, "run_id": "r1", "path": "x",
                "sha256": "0" * 64, "envelope": sent}  # fmt: skip
        forge(live.store, "signal", body)
        live.reopen()
        assert desk.verifier().verify(raw).found.fault is Fault.UNKNOWN


class TestSigner:
    def test_cannot_take_a_strategy_to_live_alone_where_two_are_asked_for(self, office):
        office.approves("ann")
        with pytest.raises(Forbidden, match="1 count"):
            office.promotes(Stage.LIVE)

    def test_cannot_change_the_policy_alone_where_two_are_listed(self, office):
        before = office.in_force
        office.changes_policy(office.policy.model_copy(update={"watch": ()}), "ann")
        assert office.in_force == before

    def test_can_take_back_a_key_alone(self, office):
        revoke(office.ledger, public_key("bob"), since=None, reason="stolen", actor="ann",
               swear=office.swears("ann"))  # fmt: skip
        office.approves("ann")
        office.approves("bob", signs=False)
        with pytest.raises(Forbidden, match="1 count"):
            office.promotes(Stage.LIVE)

    def test_can_release_a_halt_alone(self, live):
        halt_all(live.ledger, reason="stop", actor="bob")
        release_brake(live.desk, reason="go", actor="ann", swear=live.swears("ann"))
        assert stand(live.ledger.entries(), live.policy).brake is None

    def test_cannot_be_shown_one_thing_and_sign_another(self, office):
        office.approves("ann")
        body = office.ledger.entries("approval")[-1].body
        shown = body["text"]
        assert hashlib.sha256(shown.encode()).hexdigest() == body["statement"]["shown"]
        changed = {**body, "text": shown.replace("80 bars", "99 bars")}
        with pytest.raises(BadInput, match="not the one that its statement names"):
            office.ledger.append("approval", changed, actor="ann")

    def test_cannot_sign_while_checks_fail_without_saying_so(self, office):
        office.proposes("r2", figures={**office.figures, "paper_bars": 1.0})
        with pytest.raises(Forbidden, match="nothing was signed"):
            office.approves("ann")
        entry = office.approves("ann", although="I know")
        assert entry.body["statement"]["although"]["checks"] == ["paper_bars"]

    def test_cannot_sign_by_a_copied_device_without_being_noticed(self):
        """See `test_statements.TestKeysOnDevices`."""
        key = write_key(device_key().to_blob())
        office = Office()
        office.policy = office.policy.model_copy(update={"keys": {"ann": key}})
        office.reaches_paper()

        def swears(count: int) -> Swears:
            return Swears(office.ledger, "ann", key, lambda said: on_device(said, count))

        for name, count, taken in (("x", 9, True), ("y", 8, False), ("z", 10, True)):
            act = partial(revoke, office.ledger, public_key(name), since=None, reason="lost",
                          actor="ann", swear=swears(count))  # fmt: skip
            if taken:
                act()
                continue
            with pytest.raises(Forbidden, match="may be copied"):
                act()


class TestAuditor:
    def test_can_verify_it_without_the_workspace(self, office):
        """The command in an empty home: see `tests/unit/gate/test_bundle.py`."""
        raw = export(office.ledger, Lake(office.store))
        root = fingerprint_of(office.ledger.trust.founder)
        shutil.rmtree(office.store.root)
        assert verify_bundle(raw, root=root).ok

    def test_cannot_be_given_a_bundle_in_which_a_byte_is_another(self, office):
        raw = export(office.ledger, Lake(office.store))
        root = office.ledger.trust.founder
        for place in range(0, len(raw), 397):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            assert not verify_bundle(changed, root=root).ok


class TestRoot:
    def test_can_write_evidence_that_is_false(self, office):
        figures = {"paper_bars": 999.0, "drawdown": 0.0}
        body = {"strategy": STUDY, "run_id": "r1", "figures": figures}
        office.ledger.append("paper", body, actor="run")
        assert office.standing().paper == figures

    def test_cannot_take_a_strategy_to_live_without_the_signers(self, office):
        asked = office.policy.digest(Stage.LIVE)
        digests = office.standing().digests
        results = [
            {"name": name, "figure": 99.0, "bound": "at least", "threshold": bound, "passed": True}
            for name, bound in office.policy.live.checks.items()
        ]
        check = {
            "strategy": STUDY, "run_id": "r1", "to": "live", "verdict": "held", "policy": asked,
            "digests": {n: getattr(digests, n) for n in ("spec", "code", "data", "evidence")},
            "results": results,
        }  # fmt: skip
        office.ledger.append("check", check, actor="run")
        office.ledger.append(
            "promotion", {"strategy": STUDY, "to": "live", "policy": asked}, actor="ann"
        )
        assert office.stage is Stage.PAPER
        assert office.standing().unfounded[-1][1] == "0 of 2 approvals count"

    def test_cannot_change_a_policy_that_lists_people(self, office):
        before = office.in_force
        office.changes_policy(office.with_keys("eve"))
        with pytest.raises(Forbidden):
            office.changes_policy(office.with_keys("eve"), "eve")
        assert office.in_force == before

    def test_can_publish_other_weights_within_the_bounds_that_were_approved(self, live, consumer):
        desk = Desk(live)
        raw = desk.publish(targets=(("MSFT", 0.6),))
        assert desk.verifier().verify(raw).found.fault is Fault.NONE
        assert consumer(desk).receive(raw, live.now).acted

    def test_cannot_publish_what_passes_them_to_a_consumer_who_knows_the_signers(
        self, live, consumer
    ):
        desk = Desk(live)
        mine, wide = consumer(desk), Mandate(("EVIL",), 9.0, 9.0, long_only=False)
        over = desk.publish(targets=(("MSFT", 0.7),))
        assert mine.receive(over, live.now).fault == "outside bounds"
        own = desk.publish(targets=(("EVIL", 9.0),), mandate=wide)
        assert mine.receive(own, live.now).fault == "approval not in force"
        given = read_envelope(own).document["approvals"]
        for each in given:
            each["statement"]["mandate"] = wide.digest
        authority = Authority(tuple(given), ("ann", "bob"), given[0]["statement"]["expires"])
        forged = desk.publish(targets=(("EVIL", 9.0),), mandate=wide, authority=authority)
        assert "0 of 2 known people" in mine.receive(forged, live.now).why
        assert desk.verifier().verify(forged).found.fault is Fault.APPROVAL

    def test_can_be_shut_out_by_one_signature(self, office):
        runner = Runner(Ed25519PrivateKey.from_private_bytes(b"host".ljust(32, b".")))
        other = Ledger(office.store, clock=office.tick, runner=runner, place="")
        enrol(office.ledger, "host", runner.public, reason="new", actor="ann",
              swear=office.swears("ann"))  # fmt: skip
        paper = {"strategy": STUDY, "run_id": "r1", "figures": {}}
        assert other.append("paper", paper, actor="run")
        revoke(office.ledger, runner.public, since=None, reason="broken into", actor="bob",
               swear=office.swears("bob"))  # fmt: skip
        with pytest.raises(Forbidden):
            other.append("paper", paper, actor="run")


class TestModel:
    def test_cannot_approve_promote_or_resume(self):
        """Nothing under `agent` or `tasks` reaches what decides: see `test_reach.py`."""
        import grimp

        graph = grimp.build_graph("agent", "tasks", "gate", "storage", "taskspecs", "configs")
        for package in ("agent.mcp", "agent.assistant.grammar", "agent.research", "tasks"):
            chains = graph.find_shortest_chains(package, "gate.deciding", as_packages=True)
            assert not chains

    def test_cannot_look_at_the_holdout(self, live, monkeypatch):
        """What it can start has no terminal, and no tool of its server reads past a seal."""
        standing = stand(live.ledger.entries(), live.policy)
        monkeypatch.setattr("agent.cli.gate.holdout.standing_of", lambda _: standing)
        monkeypatch.setattr("gate.deciding.terminal.DEVICE", "/dev/null/none")
        before = live.ledger.head()
        command = [live.standing().strategy, "--reason", "it looks good"]
        opened = SimpleNamespace(ledger=live.ledger)
        done = CliRunner().invoke(holdout, command, obj=opened, input="study\n")
        assert isinstance(done.exception, Forbidden)
        assert "needs a person at a terminal" in str(done.exception)
        assert live.ledger.head() == before
        assert not {offer.name for offer in OFFERS} & {"holdout", "gate"}


class TestBucketAdministrator:
    def test_cannot_move_a_strategy_by_writing_to_the_ledger(self, office):
        TestColleague().test_cannot_move_a_strategy_by_writing_to_the_ledger(office)

    def test_can_delete_the_ledger_and_every_machine_that_saw_it_says_so(self, live, tmp_path):
        shutil.rmtree(tmp_path / "lake" / "ledger")
        live.reopen()
        with pytest.raises(Damaged, match="is gone; this machine has seen"):
            live.ledger.entries()


class TestBusWriter:
    def test_cannot_make_a_consumer_act_on_anything_but_whole_signals_each_once(
        self, live, consumer
    ):
        """All else that can be written: `test_signals.py`."""
        desk = Desk(live)
        first, second = desk.publish(), desk.publish()
        forged = signed(read_envelope(second).document, eve())
        mine = consumer(desk)
        sent = (b"", b"{}", forged, first, first, second, first, second[:-1], second + b" ")
        assert [mine.receive(raw, live.now).acted for raw in sent].count(True) == 2

    def test_can_keep_signals_from_arriving_which_their_numbers_show(self, live, consumer):
        desk = Desk(live)
        raws = [desk.publish() for _ in range(4)]
        mine = consumer(desk)
        assert mine.receive(raws[0], live.now).why == ""
        assert mine.receive(raws[3], live.now).why == "2 before it did not arrive"


class TestBackup:
    def test_cannot_pass_it_off_as_the_ledger_where_it_was_seen(self, live, tmp_path):
        shutil.copytree(tmp_path / "lake", tmp_path / "backup")
        live.tightens(Act.HALT)
        shutil.rmtree(tmp_path / "lake")
        (tmp_path / "backup").rename(tmp_path / "lake")
        live.reopen()
        with pytest.raises(Damaged, match="cut off after entry"):
            live.ledger.entries()


def test_each_sentence_of_the_page_is_a_test():
    page = README.read_text()
    part = page[page.index("## Who can do what") : page.index("What remains, and is not promised")]
    sentences = re.findall(r"^- ((?:can|cannot) .+?)\.$", part, re.MULTILINE)
    names = {re.sub(r"[^a-z]+", "_", sentence.lower()).strip("_") for sentence in sentences}
    tested = {
        name.removeprefix("test_")
        for kind in (TestColleague, TestSigner, TestAuditor, TestRoot, TestModel,
                     TestBucketAdministrator, TestBusWriter, TestBackup)
        for name in vars(kind) if name.startswith("test_")
    }  # fmt: skip
    assert len(sentences) >= 22
    assert names == tested
