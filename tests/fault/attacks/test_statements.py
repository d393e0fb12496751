"""What you see is what you sign: attacks on the statement, and on the keys that sign it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from configs.errors import BadInput, Forbidden
from configs.keys.signers import fido2, ssh
from gate.approval.approvals import KIND, body_of, read_approval, why_void
from gate.approval.clock import decision_time
from gate.deciding.approving import Approver, approve
from gate.deciding.root import revoke
from gate.deciding.swearing import Swears
from gate.policy.stages import Act, Stage
from gate.statements.text import digest_text, write_text
from gate.summaries import statements
from storage.ledger.bodies import flaw_of
from tests.office import MANDATE, STUDY, Office, private_key, public_key
from tests.unit.gate.signing.test_ssh_agent import device_key, on_device

EVIL = "\x1b[2J\x1b]0;owned\x07\r\nI approve nothing.\u202e\u2066\u200b\x00\x9b31m\u2028\u3000"
CONTROLS = {chr(n) for n in (*range(32), *range(127, 160))} - {"\n"}


@pytest.fixture
def paper() -> Office:
    office = Office()
    office.reaches_paper()
    return office


def given(office: Office):
    """The last approval."""
    return read_approval([e for e in office.ledger.entries() if e.kind == KIND][-1])


def void(office: Office, approval) -> str | None:
    strategy = office.standing()
    entries = office.ledger.entries()
    now = decision_time(entries, office.now)
    return why_void(approval, strategy.ground(Stage.LIVE, office.in_force, entries, now))


class TestWhatIsShown:
    def test_is_what_is_signed(self, paper):
        paper.approves("ann")
        approval = given(paper)
        assert approval.statement.shown == hashlib.sha256(approval.text.encode()).hexdigest()
        assert b'"shown":"%b"' % approval.statement.shown.encode() in approval.statement.to_bytes()
        for wanted in ("paper_bars: 80 bars", "paper_bars holds: 80 bars, must be at least 60",
                       f"evidence: {approval.statement.digests.evidence}", "proposed by: the mach",
                       f"policy: {approval.statement.policy}", "Changed since entry"):  # fmt: skip
            assert wanted in approval.text
        assert void(paper, approval) is None

    def test_names_what_changed_since_the_last_approval(self, paper):
        paper.approves("ann")
        before = given(paper)
        figures = {**paper.figures, "paper_bars": 90.0, "bars": 801.0}
        paper.running = {**paper.running, "code": "another"}
        paper.proposes(run_id="r2", figures=figures)
        paper.approves("bob")
        changed = given(paper).text.partition(f"Changed since entry {before.seq}")[2]
        for wanted in ("code: cccccccccccc -> another", "figure bars: 800 bars -> 801 bars",
                       "check paper_bars: holds: 80 bars, must be at least 60 -> holds: 90 bars",
                       "evidence: "):  # fmt: skip
            assert wanted in changed

    def test_has_nothing_in_it_that_moves_a_terminal(self, monkeypatch):
        symbols = (f"AAPL{EVIL}", "АAPL")
        monkeypatch.setattr("tests.office.MANDATE", replace(MANDATE, symbols=symbols))
        office = Office(figures={"leak_clean": 1.0, "bars": 800.0, f"x{EVIL}": 1.0})
        office.tries()
        office.proposes(proposer=f"eve{EVIL}")
        desk = replace(office.desk, describe=lambda _: {"spec": {f"k{EVIL}": [f"v{EVIL}"]}})
        seen = []
        who = Approver("ann", "", lambda said: "", seen.append)
        approve(desk, STUDY, who, reason=f"动量{EVIL}")
        (text,) = seen
        assert not CONTROLS & set(text)
        assert not {"\u202e", "\u2066", "\u200b", "\u2028", "\u3000"} & set(text)
        assert "\nI approve nothing." not in text
        assert "\\u0410APL" in text  # a Cyrillic letter does not pass for a Latin one
        assert "动量" in text  # a person's own words are theirs
        assert void(office, given(office)) != "the text that was shown says something else"

    def test_a_backslash_cannot_pass_for_an_escape(self):
        from configs.escaping import escaped, harmless

        assert escaped("\\u001b") != escaped("\x1b")
        assert harmless(escaped(EVIL)) == escaped(EVIL).replace("\\\\", "\\")

    def test_is_bounded(self, monkeypatch):
        symbols = tuple(sorted(f"S{n}" for n in range(20_000)))
        monkeypatch.setattr("tests.office.MANDATE", replace(MANDATE, symbols=symbols))
        office = Office(figures={"leak_clean": 1.0, "bars": 800.0})
        office.tries()
        office.proposes(proposer="p" * 5_000)
        desk = replace(office.desk, describe=lambda _: {
            "spec": {f"k{n}": "v" * 3_000 for n in range(400)},
        })  # fmt: skip
        seen = []
        approve(desk, STUDY, Approver("ann", "", lambda said: "", seen.append), reason="yes")
        assert len(seen[0]) < 400_000
        assert "Symbols: 20000" in seen[0]
        assert "more, sha256" in seen[0]


class TestChecksThatFail:
    @pytest.fixture
    def failing(self, paper) -> Office:
        paper.figures = {**paper.figures, "paper_bars": 3.0}
        paper.proposes(run_id="r3")
        return paper

    def test_nothing_is_signed(self, failing):
        before = failing.kinds
        with pytest.raises(Forbidden, match=r"checks of .* fail; nothing was signed") as refusal:
            failing.approves("ann")
        assert refusal.value.exit_code == 3
        assert failing.kinds == before

    def test_a_person_says_so_in_what_they_sign(self, failing):
        failing.approves("ann", although="it will hold by then")
        approval = given(failing)
        said = {"reason": "it will hold by then", "checks": ["paper_bars"]}
        assert approval.statement.although == said
        assert "I APPROVE THIS ALTHOUGH CHECKS FAIL" in approval.text
        assert b"it will hold by then" in approval.statement.to_bytes()
        assert void(failing, approval) is None
        failing.approves("bob", although="as ann")
        with pytest.raises(Forbidden, match="paper_bars must be"):
            failing.promotes(Stage.LIVE)

    def test_the_policy_can_forbid_it(self, failing):
        failing.approves("ann", although="it will hold by then")
        approval = given(failing)
        failing.changes_policy(
            failing.policy.model_copy(update={"failing_may_be_approved": False}), "ann", "bob"
        )
        assert "the policy forbids" in void(failing, approval)
        with pytest.raises(Forbidden, match="the policy forbids"):
            failing.approves("bob", although="as ann")

    def test_it_is_not_said_where_none_fails(self, paper):
        with pytest.raises(BadInput, match="no check of"):
            paper.approves("ann", although="to be safe")

    def test_a_statement_that_hides_them_is_void(self, failing):
        failing.approves("ann", although="soon")
        approval = given(failing)
        hiding = resigned(failing, replace(approval.statement, although=None), approval.facts)
        assert void(failing, hiding) == "checks failed that it does not name, or it names others"


def resigned(office: Office, statement, facts, text=None):
    """An approval that somebody wrote by themselves, and signed, on a known machine."""
    entries = office.ledger.entries()
    before = read_approval(entries[facts.previous - 1]) if facts.previous else None
    text = write_text(statement, facts, before) if text is None else text
    statement = replace(statement, shown=digest_text(text))
    signature = private_key("ann").sign(statement.to_bytes()).hex()
    body = body_of(statement, key=public_key("ann"), signature=signature, facts=facts, text=text)
    return read_approval(office.ledger.append(KIND, body, actor="ann"))


class TestWhatWasSigned:
    def test_is_void_where_a_letter_of_it_is_another(self, paper):
        paper.approves("ann")
        entry = [e for e in paper.ledger.entries() if e.kind == KIND][-1]
        body = dict(entry.body)
        changed = body["text"].replace("80 bars", "90 bars")
        assert "its text is not the one" in flaw_of(KIND, {**body, "text": changed})
        assert flaw_of(KIND, body) == ""
        with pytest.raises(BadInput, match="its text is not the one"):
            paper.ledger.append(KIND, {**body, "text": ""}, actor="eve")

    @pytest.mark.parametrize(("name", "value"), [
        ("figures", ()), ("proposer", "bob"), ("previous", 0), ("checks", ()),
        ("spec", {"name": "another"}), ("bounds", {"gross": 9.0}),
    ])  # fmt: skip
    def test_is_void_where_the_ledger_says_another_thing(self, paper, name, value):
        paper.approves("ann")
        approval = given(paper)
        facts = replace(approval.facts, previous=approval.seq)
        honest = resigned(paper, restated(paper, approval), facts)
        assert void(paper, honest) is None
        facts = replace(facts, previous=honest.seq, **{name: value} if name != "previous" else {})
        facts = replace(facts, previous=0) if name == "previous" else facts
        lying = resigned(paper, restated(paper, approval), facts)
        told = {one["entry"]: one["fault"] for one in statements(paper.ledger.entries())}
        assert void(paper, lying)
        assert told[lying.seq] or name == "checks"  # which are the policy's to ask for
        assert told[honest.seq] is None

    def test_is_void_where_a_check_that_fails_is_said_to_hold(self, paper):
        paper.figures = {**paper.figures, "paper_bars": 3.0}
        paper.proposes(run_id="r3")
        paper.approves("ann", although="soon")
        approval = given(paper)
        checks = tuple(one._replace(passed=True) for one in approval.facts.checks)
        facts = replace(approval.facts, checks=checks, previous=approval.seq)
        lying = resigned(paper, replace(restated(paper, approval), although=None), facts)
        assert "did not end so" in void(paper, lying)

    def test_is_void_where_the_text_is_not_made_of_the_facts(self, paper):
        paper.approves("ann")
        approval = given(paper)
        facts = replace(approval.facts, previous=approval.seq)
        lying = resigned(paper, restated(paper, approval), facts, text=approval.text + "and more\n")
        assert "says something else than its facts" in void(paper, lying)

    def test_an_earlier_statement_is_not_given_again(self, paper):
        paper.approves("ann")
        first = [e for e in paper.ledger.entries() if e.kind == KIND][-1]
        paper.approves("bob")
        paper.promotes(Stage.LIVE)
        paper.tightens(Act.DEMOTE)
        again = paper.ledger.append(KIND, dict(first.body), actor="ann")
        assert "the strategy was moved" in void(paper, read_approval(again))

    def test_of_the_first_edition_it_still_counts(self, paper):
        paper.approves("ann")
        statement = replace(restated(paper, given(paper)), shown="", although=None)
        assert "shown" not in statement.document()
        signature = private_key("ann").sign(statement.to_bytes()).hex()
        body = body_of(statement, key=public_key("ann"), signature=signature)
        assert body.keys() == {"strategy", "to", "statement", "key", "signature"}
        old = read_approval(paper.ledger.append(KIND, body, actor="ann"))
        assert void(paper, old) is None


def restated(office: Office, approval):
    """The statement as it would be given now."""
    head = office.ledger.head()
    given_at = office.tick().isoformat(timespec="microseconds")
    return replace(approval.statement, head_seq=head.seq, head_hash=head.hash, given=given_at)


def by_fido2(message: bytes, counter: int, flags: int = 1) -> str:
    said = hashlib.sha256(fido2.RELYING_PARTY.encode()).digest()
    said += bytes([flags]) + counter.to_bytes(4, "big")
    asked = hashlib.sha256(fido2.client_data(message)).digest()
    return fido2.write_signature(said, private_key("device").sign(said + asked))


class TestKeysOnDevices:
    @pytest.fixture(params=["ssh", "fido2"])
    def device(self, request):
        """A public key, and what a device in software signs by it: message, count, flags."""
        if request.param == "ssh":
            return ssh.write_key(device_key().to_blob()), on_device
        raw = private_key("device").public_key().public_bytes_raw()
        return fido2.write_key(raw), by_fido2

    @pytest.fixture
    def office(self, device) -> Office:
        office = Office()
        self.public, self.signs = device
        keys = {"ann": self.public, "bob": public_key("bob")}
        office.policy = office.policy.model_copy(update={"keys": keys})
        office.reaches_paper()
        return office

    def approves(self, office: Office, counter: int, **more):
        who = Approver("ann", self.public, lambda s: self.signs(s.to_bytes(), counter, **more))
        return approve(office.desk, STUDY, who, reason="I read it")

    def test_take_a_strategy_to_live(self, office):
        self.approves(office, 5)
        office.approves("bob")
        office.promotes(Stage.LIVE)
        assert office.stage is Stage.LIVE
        office.reopen()
        assert office.stage is Stage.LIVE

    @pytest.mark.parametrize("counter", [0, 4, 5])
    def test_whose_count_goes_back_sign_nothing(self, office, counter):
        self.approves(office, 5)
        office.running = {**office.running, "code": "next"}
        office.proposes(run_id="r2")
        with pytest.raises(Forbidden, match="its key may be copied"):
            self.approves(office, counter)
        self.approves(office, 6)

    def test_that_do_not_count_are_taken(self, office):
        self.approves(office, 0)
        office.running = {**office.running, "code": "next"}
        office.proposes(run_id="r2")
        self.approves(office, 0)

    def test_that_nobody_touched_do_not_count(self, office):
        self.approves(office, 5, flags=0)
        office.approves("bob")
        with pytest.raises(Forbidden, match="its signature does not fit"):
            office.promotes(Stage.LIVE)

    def test_a_count_that_nobody_signed_locks_nobody_out(self, office):
        self.approves(office, 2**32 - 1, flags=0)
        self.approves(office, 1)
        office.approves("bob")
        office.promotes(Stage.LIVE)

    def test_sign_other_decisions_and_count_through(self, office):
        self.approves(office, 5)

        def revokes(counter: int):
            swears = Swears(office.ledger, "ann", self.public, lambda s: self.signs(s, counter))
            key = public_key(f"gone{counter}")
            return revoke(office.ledger, key, since=None, reason="lost", actor="ann", swear=swears)

        with pytest.raises(Forbidden, match="may be copied"):
            revokes(5)
        assert revokes(6)
