"""Who is believed: runners, people, versions of the policy, keys taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import storage.ledger.ledger
from configs.errors import Damaged, Forbidden
from configs.remedies import Mend
from gate.deciding.policy import propose_policy
from gate.deciding.root import enrol, reset_clock, revoke
from gate.policy.stages import Act, Stage
from gate.strategies.tightening import halt_all
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.ledger import Ledger
from storage.ledger.runner import Runner, installed_runner
from tests.forging import forge, forge_signed
from tests.office import STUDY, Office, private_key, public_key


def runner(name: str) -> Runner:
    return Runner(Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"#")))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def elsewhere(office):
    """The same ledger on a machine that is not enrolled."""

    def opened(name: str = "other") -> Office:
        other = Office(store=office.store, policy=office.policy, now=office.now)
        other.ledger = Ledger(office.store, clock=other.tick, runner=runner(name))
        return other

    return opened


def test_who_is_not_enrolled_adds_nothing_and_is_told_how(office, elsewhere):
    office.reaches_paper()
    with pytest.raises(Forbidden, match="its runner is not known") as refused:
        elsewhere().tries("r9")
    assert refused.value.remedy is not None
    assert refused.value.remedy.name is Mend.ENROL_RUNNER


def test_a_machine_is_enrolled_by_a_person_and_taken_back(office, elsewhere):
    office.reaches_live()
    other = elsewhere()
    key = other.ledger.runner.public
    with pytest.raises(Forbidden, match="it takes the signature"):
        enrol(office.ledger, "desk2", key, reason="new", actor="ann", swear=None)
    enrol(office.ledger, "desk2", key, reason="new", actor="ann", swear=office.swears("ann"))
    other.tries("r9")
    halted = other.tightens(Act.HALT)
    revoke(
        office.ledger, key, since=halted.seq - 1, reason="stolen", actor="ann",
        swear=office.swears("bob"),
    )  # fmt: skip
    assert "r9" not in [entry.body["run_id"] for entry in office.ledger.entries("trial")]
    assert office.stage is Stage.HALTED  # what it stopped stays stopped
    with pytest.raises(Forbidden):
        other.tries("r10")
    with pytest.raises(Forbidden):
        other.tightens(Act.RETIRE)


def test_a_person_signs_from_a_machine_that_is_not_enrolled(office, elsewhere):
    office.reaches_paper()
    office.approves("ann")
    elsewhere().approves("bob")
    office.promotes(Stage.LIVE)
    assert office.stage is Stage.LIVE


def test_an_unsigned_approval_needs_a_machine_that_is_enrolled(office, elsewhere):
    office.tries()
    office.proposes()
    with pytest.raises(Forbidden, match="its runner is not known"):
        elsewhere().approves("ann", signs=False)


def test_a_policy_lists_the_machines(office, elsewhere):
    office.reaches_paper()
    other = elsewhere()
    own = {"desk": office.ledger.runner.public, "desk2": other.ledger.runner.public}
    office.changes_policy(office.policy.model_copy(update={"runners": own}), "ann", "bob")
    other.tries("r9")
    left = {"desk2": other.ledger.runner.public}
    office.changes_policy(office.policy.model_copy(update={"runners": left}), "ann", "bob")
    with pytest.raises(Forbidden):
        office.tries("r10")
    assert {"r1", "r9"} == {entry.body["run_id"] for entry in other.ledger.entries("trial")}


def test_a_policy_is_in_force_with_the_last_signature_that_it_takes(office):
    office.reaches_live()
    before = office.in_force
    easy = office.policy.live.model_copy(update={"approvals": 1})
    changed = office.with_keys("ann", "bob", "eve").model_copy(update={"live": easy})
    office.changes_policy(changed, "ann")
    assert office.in_force == before
    with pytest.raises(Forbidden, match="has signed this version already"):
        office.changes_policy(changed.model_copy(update={"watch": ()}), "ann", "ann")
    for stranger in ("eve", "mallory"):
        with pytest.raises(Forbidden):
            office.changes_policy(changed, stranger)
    assert office.in_force == before
    office.changes_policy(changed, "bob")
    assert office.in_force == changed
    assert office.ledger.versions.current.signers == ("ann", "bob")


def test_a_policy_that_leaves_nobody_who_could_change_it_is_refused(office):
    office.reaches_paper()
    with pytest.raises(Exception, match="nobody who could sign"):
        propose_policy(office.ledger, office.with_keys(), reason="open", actor="eve")


def test_a_leaver_demotes_nothing_that_others_cover(office):
    from gate.signals.authority import authorise

    office = Office(people=("ann", "bob", "carl"))
    office.reaches_paper()
    for person in ("ann", "bob", "carl"):
        office.approves(person)
    office.promotes(Stage.LIVE)
    office.changes_policy(office.with_keys("ann", "bob"), "carl", "ann")
    authority = authorise(office.ledger.entries(), office.policy, STUDY, office.running, office.now)
    assert authority.people == ("ann", "bob")
    office.changes_policy(office.with_keys("bob"), "ann", "bob")
    assert office.stage is Stage.LIVE
    with pytest.raises(Forbidden, match="1 of 2 approvals"):
        authorise(office.ledger.entries(), office.policy, STUDY, office.running, office.now)


def test_a_key_counts_from_and_until(office):
    office.reaches_paper()
    term = {"key": public_key("bob"), "until": office.now + timedelta(days=2)}
    keys = {"ann": public_key("ann"), "bob": term}
    office.changes_policy(type(office.policy).model_validate(
        {**office.policy.model_dump(mode="json"), "keys": keys}), "ann", "bob")  # fmt: skip
    office.approves("ann")
    office.approves("bob")
    office.now += timedelta(days=3)
    with pytest.raises(Forbidden, match="does not count at that time"):
        office.promotes(Stage.LIVE)


def test_who_proposed_may_not_approve_where_the_policy_says_so(office):
    strict = office.policy.model_copy(update={"proposer_may_approve": False})
    office = Office(policy=strict)
    office.reaches_paper()
    office.proposes("r2", figures={**office.figures, "bars": 900.0}, proposer="bob")
    office.approves("ann")
    office.approves("bob")
    with pytest.raises(Forbidden, match="bob proposed it"):
        office.promotes(Stage.LIVE)


def test_a_key_taken_back_voids_what_it_signed_from_then_on(office):
    office.reaches_paper()
    office.approves("ann")
    theft = office.approves("bob")
    revoke(
        office.ledger, public_key("bob"), since=theft.seq, reason="stolen", actor="ann",
        swear=office.swears("ann"),
    )  # fmt: skip
    with pytest.raises(Forbidden, match="1 count"):
        office.promotes(Stage.LIVE)


def test_a_person_takes_back_their_own_key_from_before_now_on(office):
    office.reaches_paper()
    office.approves("ann")
    theft = office.approves("bob")
    taken = revoke(
        office.ledger, public_key("bob"), since=theft.seq, reason="stolen", actor="bob",
        swear=office.swears("bob"),
    )  # fmt: skip
    office.reopen()
    assert taken.seq not in office.ledger.void()
    with pytest.raises(Forbidden, match="1 count"):
        office.promotes(Stage.LIVE)


@pytest.fixture
def unbounded(monkeypatch):
    """Entries are written whatever the clock says, as by an edition that did not look."""
    monkeypatch.setattr(storage.ledger.ledger, "out_of_bounds", lambda *_: "")


@pytest.mark.usefixtures("unbounded")
def test_a_clock_that_was_wrong_once_is_set_right_by_a_signature(office):
    office.reaches_paper()
    office.now += timedelta(days=1900)
    office.tries("r7")
    office.now -= timedelta(days=1900)
    with pytest.raises(Forbidden, match="the clock was set back"):
        office.approves("ann")
    with pytest.raises(Forbidden, match="it takes the signature"):
        reset_clock(office.ledger, lambda: office.now, reason="2031", actor="ann", swear=None)
    reset_clock(
        office.ledger, lambda: office.now, reason="2031", actor="ann", swear=office.swears("ann")
    )
    office.approves("ann")
    office.approves("bob")
    office.promotes(Stage.LIVE)
    assert office.stage is Stage.LIVE


@pytest.mark.usefixtures("unbounded")
def test_what_was_approved_by_a_clock_that_was_wrong_does_not_last_into_its_year(office):
    office.reaches_paper()
    office.now += timedelta(days=1900)
    for person in ("ann", "bob"):
        office.approves(person)
    office.now -= timedelta(days=1900)
    reset_clock(
        office.ledger, lambda: office.now, reason="2031", actor="ann", swear=office.swears("ann")
    )
    with pytest.raises(Forbidden, match="given at a time that has not come yet"):
        office.promotes(Stage.LIVE)


@pytest.mark.usefixtures("unbounded")
def test_a_word_on_the_clock_said_again_later_is_worth_nothing(office):
    office.reaches_paper()
    reset = reset_clock(
        office.ledger, lambda: office.now, reason="wrong", actor="ann", swear=office.swears("ann")
    )
    office.now += timedelta(days=400)
    office.tries("r7")
    seq = forge(office.store, "clock", dict(reset.body))
    assert office.ledger.void()[seq] == "nobody known signed it" or seq in office.ledger.void()
    office.now -= timedelta(days=400)
    with pytest.raises(Forbidden, match="the clock was set back"):
        office.approves("ann")


def test_a_resumption_signed_for_one_halt_does_not_release_the_next(office):
    from gate.deciding.raising import release_brake

    office.reaches_live()
    halt_all(office.ledger, reason="stop", actor="bob")
    given = release_brake(office.desk, reason="go", actor="ann", swear=office.swears("ann"))
    halt_all(office.ledger, reason="stop again", actor="bob")
    office.ledger.brake.release(office.ledger.entries().mark)
    forge(office.store, "resumption", dict(given.body))
    from gate.strategies.strategies import stand

    assert stand(office.ledger.entries(), office.policy).brake is not None


def test_somebody_elses_runner_signs_nothing_here(office):
    office.reaches_paper()
    ledger = office.ledger.id
    seq = forge_signed(office.store, "trial", {
        "run_id": "r9", "strategy": STUDY, "family": "f", "road": "x"}, ledger)  # fmt: skip
    assert office.ledger.void() == {seq: "its runner is not known here"}


def test_an_entry_of_another_ledger_is_worth_nothing_here(office):
    office.reaches_paper()
    other = Office(store=MemoryObjects())
    other.reaches_paper()
    stolen = other.ledger.entries("proposal")[0]
    seq = forge(office.store, "proposal", dict(stolen.body), key=stolen.key,
                signature=stolen.signature, at=stolen.at, actor=stolen.actor)  # fmt: skip
    assert office.ledger.void() == {seq: "its signature does not fit"}


class TestKey:
    """The runner's key on the disk."""

    def test_it_is_made_once_and_nobody_else_may_read_it(self, tmp_path):
        one = installed_runner(tmp_path / "state")
        assert installed_runner(tmp_path / "state").public == one.public
        assert (tmp_path / "state" / "runner.key").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("mode", [0o644, 0o660])
    def test_it_is_refused_where_others_may_read_it(self, tmp_path, mode):
        installed_runner(tmp_path / "state")
        (tmp_path / "state" / "runner.key").chmod(mode)
        with pytest.raises(Forbidden, match="read by others"):
            installed_runner(tmp_path / "state")

    def test_it_is_refused_as_a_link(self, tmp_path):
        installed_runner(tmp_path / "one")
        (tmp_path / "two").mkdir(mode=0o700)
        (tmp_path / "two" / "runner.key").symlink_to(tmp_path / "one" / "runner.key")
        with pytest.raises(Forbidden, match="symbolic link"):
            installed_runner(tmp_path / "two")


class TestSeen:
    """What an installation has seen of a ledger."""

    @pytest.fixture
    def office(self, tmp_path, monkeypatch):
        monkeypatch.setenv("QRAFT_STATE", str(tmp_path / "state"))  # ledgers of tests are alike
        office = Office(store=FolderObjects(tmp_path / "lake"))
        office.reaches_live()
        return office

    def opened(self, folder) -> Ledger:
        return Ledger(FolderObjects(folder))

    def test_another_ledger_in_its_place_is_refused(self, office, tmp_path):
        for path in (tmp_path / "lake" / "ledger").iterdir():
            path.unlink()
        forge(office.store, "trial", {
            "run_id": "r9", "strategy": STUDY, "family": "f", "road": "x"})  # fmt: skip
        with pytest.raises(Damaged, match="another ledger stands at"):
            self.opened(tmp_path / "lake").entries()

    def test_a_ledger_that_is_gone_is_missed(self, office, tmp_path):
        for path in (tmp_path / "lake" / "ledger").iterdir():
            path.unlink()
        with pytest.raises(Damaged, match="is gone"):
            self.opened(tmp_path / "lake").entries()

    def test_a_ledger_without_decisions_may_be_begun_anew_and_it_is_said(self, tmp_path):
        office = Office(store=FolderObjects(tmp_path / "lake"))
        office.tries()
        (tmp_path / "lake" / "ledger" / "000000000001.json").unlink()
        said: list[str] = []
        ledger = Ledger(office.store, say=said.append)
        assert ledger.entries() == []
        assert "no decision" in said[0]

    def test_a_fork_is_told_from_a_cut(self, office, tmp_path):
        ledger = tmp_path / "lake" / "ledger"
        head = office.ledger.head()
        for seq in (head.seq - 1, head.seq):
            (ledger / f"{seq:012d}.json").unlink()
        for _ in range(2):
            forge(office.store, "trial", {
                "run_id": "r9", "strategy": STUDY, "family": "f", "road": "x"})  # fmt: skip
        with pytest.raises(Damaged, match=f"changed after entry {head.seq - 2}: it goes on"):
            self.opened(tmp_path / "lake").entries()

    def test_an_old_copy_is_refused_and_a_new_one_is_not(self, office, tmp_path):
        import shutil

        shutil.copytree(tmp_path / "lake", tmp_path / "copy")
        assert len(self.opened(tmp_path / "copy").entries()) == office.ledger.head().seq
        shutil.copytree(tmp_path / "lake", tmp_path / "backup")
        office.tightens(Act.HALT)
        (tmp_path / "copy").rename(tmp_path / "gone")
        newest = max((tmp_path / "backup" / "ledger").iterdir())
        newest.unlink()
        with pytest.raises(Damaged, match="old copy of the ledger"):
            self.opened(tmp_path / "backup").entries()

    def test_a_person_takes_it_as_it_is(self, office, tmp_path):
        newest = max((tmp_path / "lake" / "ledger").iterdir())
        newest.unlink()
        ledger = self.opened(tmp_path / "lake")
        with pytest.raises(Damaged):
            ledger.entries()
        ledger.accept()
        assert ledger.entries()
        assert self.opened(tmp_path / "lake").checkpoint.pin().before


def test_nobody_signs_for_another(office):
    office.reaches_live()
    halt_all(office.ledger, reason="stop", actor="bob")
    from gate.deciding.raising import release_brake
    from gate.deciding.swearing import Swears

    thief = Swears(
        office.ledger, "ann", public_key("ann"), lambda m: private_key("eve").sign(m).hex()
    )
    with pytest.raises(Forbidden):
        release_brake(office.desk, reason="go", actor="eve", swear=thief)
    assert office.stage is Stage.HALTED
