"""Attempts to be promoted past the table of moves, or by writing to the ledger."""

from __future__ import annotations

import threading

import pytest

from configs.errors import BadInput, Damaged, Forbidden, QraftError
from gate.deciding.raising import raise_strategy, release_brake
from gate.policy.stages import Act, Stage
from gate.signals.authority import authorise
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all, tighten
from storage.lake.objects import FolderObjects, MemoryObjects
from storage.ledger import Ledger
from tests.office import STUDY, Office


def writes_promotion(office: Office, to: str, **more: object) -> None:
    asked = office.policy.digest(Stage(to)) if to in {"paper", "live"} else ""
    body = {"strategy": STUDY, "to": to, "policy": asked, **more}
    office.ledger.append("promotion", body, actor="ann")


def test_a_promotion_written_to_the_ledger(at_paper):
    writes_promotion(at_paper, "live", approvals=[3, 4], from_="paper")
    assert at_paper.stage is Stage.PAPER
    ((_, why),) = at_paper.standing().unfounded
    assert why == "no result of its checks is on the ledger"


def test_live_without_having_been_on_paper(office):
    office.proposes()
    with pytest.raises(Forbidden, match="leads to paper, not to live"):
        office.promotes(Stage.LIVE)
    writes_promotion(office, "live")
    assert office.stage is Stage.DRYRUN


def test_a_stage_that_does_not_exist(at_paper):
    for to in ("LIVE", "live ", "production", ""):
        writes_promotion(at_paper, to)
    assert at_paper.stage is Stage.PAPER
    assert len(at_paper.standing().unfounded) == 4


def test_a_resumption_written_to_the_ledger(live):
    live.tightens(Act.HALT)
    live.ledger.append("resumption", {"strategy": STUDY, "to": "live"}, actor="ann")
    live.ledger.append("resumption", {"strategy": STUDY, "to": "paper"}, actor="ann")
    assert live.stage is Stage.HALTED


def test_out_of_retirement(office):
    office.proposes()
    office.tightens(Act.RETIRE)
    office.proposes("r2")
    for act in (Act.PROMOTE, Act.RESUME):
        with pytest.raises(Forbidden, match="is at retired"):
            raise_strategy(office.desk, STUDY, act, reason="please", actor="ann")
    assert office.stage is Stage.RETIRED


def test_a_rejected_strategy_proposed_again_stays_rejected(office):
    office.proposes()
    office.tightens(Act.REJECT)
    office.proposes("r2", figures={**office.figures, "bars": 900.0})
    assert office.stage is Stage.REJECTED


def test_a_spec_renamed_begins_at_dryrun_without_any_approval(live):
    live.proposes("r2", "renamed@cccccccccccc")
    renamed = live.standing("renamed")
    assert (renamed.stage, renamed.approvals) == (Stage.DRYRUN, ())
    with pytest.raises(Forbidden):
        live.promotes(Stage.PAPER, "renamed")


def test_a_proposal_that_says_it_is_live_already(office):
    office.ledger.append(
        "proposal",
        {"strategy": STUDY, "run_id": "r1", "stage": "live", "evidence": {"figures": {}}},
        actor="x",
    )  # fmt: skip
    assert office.stage is Stage.DRYRUN


def test_two_promoters_at_once_promote_once(approved):
    outcomes = []
    barrier = threading.Barrier(8)

    def promoter() -> None:
        office = Office(store=approved.store, policy=approved.policy, now=approved.now)
        barrier.wait()
        try:
            outcomes.append(office.promotes(Stage.LIVE).seq)
        except QraftError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=promoter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    approved.reopen()
    to_live = [e for e in approved.ledger.entries("promotion") if e.body["to"] == "live"]
    assert len(to_live) == 1
    assert [o for o in outcomes if isinstance(o, int)] == [to_live[0].seq]
    assert approved.stage is Stage.LIVE
    assert approved.standing().unfounded == ()


def test_a_promoter_and_a_halt_at_once_end_halted(approved):
    """The halt comes between the look and the write: the look is taken anew."""

    class Late(MemoryObjects):
        def put_new(self, path, data):
            if b'"promotion"' in data and not self.late:
                self.late = True
                halt_all(Ledger(self, clock=approved.tick), reason="stop", actor="bob")
            super().put_new(path, data)

    late = Late()
    late.late = True
    for info in approved.store.list("ledger"):
        late.put_new(info.path, approved.store.get(info.path))
    late.late = False
    approved.store = late
    approved.reopen()
    with pytest.raises(Forbidden, match="is at halted"):
        approved.promotes(Stage.LIVE)
    assert approved.stage is Stage.HALTED


def test_nothing_goes_up_while_everything_is_halted(approved):
    halt_all(approved.ledger, reason="stop", actor="bob")
    assert approved.stage is Stage.HALTED
    approved.approves("ann", signs=False)
    with pytest.raises(Forbidden, match="all is halted by entry"):
        approved.resumes()
    approved.reopen()  # a restart changes nothing
    with pytest.raises(Forbidden, match="all is halted by entry"):
        approved.resumes()
    with pytest.raises(Forbidden, match="it takes the signature"):
        release_brake(approved.desk, reason="over", actor="bob")
    release_brake(approved.desk, reason="over", actor="bob", swear=approved.swears("bob"))
    assert approved.stage is Stage.HALTED


def test_after_a_halt_live_needs_paper_and_new_signatures(live):
    live.tightens(Act.HALT)
    with pytest.raises(Forbidden, match="void"):
        live.resumes()
    live.approves("ann", signs=False)
    live.resumes()
    assert live.stage is Stage.PAPER
    with pytest.raises(Forbidden, match="0 count"):
        live.promotes(Stage.LIVE)


def test_authority_ends_with_the_halt(live):
    assert authorise(live.ledger.entries(), live.policy, STUDY, live.running, live.now).people == (
        "ann",
        "bob",
    )
    halt_all(live.ledger, reason="stop", actor="bob")
    with pytest.raises(Forbidden, match="everything is halted"):
        authorise(live.ledger.entries(), live.policy, STUDY, live.running, live.now)


def test_authority_is_for_what_was_approved_only(live):
    for part in ("spec", "code", "data"):
        running = {**live.running, part: "other"}
        with pytest.raises(Forbidden, match=f"changed since .* was approved: {part}"):
            authorise(live.ledger.entries(), live.policy, STUDY, running, live.now)


def test_authority_is_not_for_paper(at_paper):
    with pytest.raises(Forbidden, match="is at paper"):
        authorise(at_paper.ledger.entries(), at_paper.policy, STUDY, at_paper.running, at_paper.now)


def test_a_refusal_is_written_down_with_who_asked(at_paper):
    with pytest.raises(Forbidden):
        at_paper.promotes(Stage.LIVE)
    entry = at_paper.ledger.entries("check")[-1]
    assert (entry.actor, entry.body["verdict"], entry.body["to"]) == ("ann", "refused", "live")
    assert entry.body["because"][0].startswith("signed approvals by 2")


def test_checks_that_fail_refuse_whoever_approved(office):
    office.proposes(figures={**office.figures, "leak_clean": 0.0})
    office.approves("ann", although="I know")
    with pytest.raises(Forbidden, match="leak must be yes"):
        office.promotes(Stage.PAPER)


def test_a_decision_without_a_reason(live):
    before = len(live.ledger.entries())
    with pytest.raises(BadInput, match="needs a reason"):
        tighten(live.ledger, live.policy, STUDY, Act.HALT, reason=" \n ", actor="ann")
    assert len(live.ledger.entries()) == before


def test_only_taking_away_is_open_to_programs(at_paper):
    for act in (Act.PROMOTE, Act.RESUME):
        with pytest.raises(ValueError, match="does not only take away"):
            tighten(at_paper.ledger, at_paper.policy, STUDY, act, reason="x", actor="agent")


@pytest.fixture
def on_disk(tmp_path):
    office = Office(store=FolderObjects(tmp_path / "lake"))
    office.reaches_live()
    return office, tmp_path / "lake" / "ledger"


def damaged(office: Office) -> None:
    """Who has not seen it before refuses to go on; who has, decides by what was seen."""
    office.ledger = Ledger(office.store, clock=office.tick, place="")
    for attempt in (
        lambda: office.stage,
        lambda: office.tightens(Act.DEMOTE),
        lambda: office.approves("ann"),
    ):
        with pytest.raises(Damaged):
            attempt()


def test_an_approval_edited_on_disk(on_disk):
    office, ledger = on_disk
    path = ledger / f"{office.ledger.entries('approval')[-1].seq:012d}.json"
    path.write_bytes(path.read_bytes().replace(b"I read it", b"I sold it"))
    damaged(office)
    office.reopen()
    assert office.stage is Stage.LIVE
    assert [p.fault for p in office.ledger.verify().problems] == ["changed"]


def test_a_halt_deleted_from_the_middle(on_disk):
    office, ledger = on_disk
    halt = office.tightens(Act.HALT)
    office.tries("r8")
    (ledger / f"{halt.seq:012d}.json").unlink()
    damaged(office)
    office.reopen()
    assert office.stage is Stage.HALTED
    assert [p.fault for p in office.ledger.verify().problems] == ["missing"]


def test_a_halt_cut_off_the_end_is_missed(on_disk):
    office, ledger = on_disk
    office.tightens(Act.HALT)
    head = office.ledger.head()
    (ledger / f"{head.seq:012d}.json").unlink()
    office.reopen()
    with pytest.raises(Damaged, match="cut off after entry"):
        _ = office.stage
    assert [p.fault for p in office.ledger.verify().problems] == ["truncated"]
    stranger = Ledger(office.store, place="")
    assert [p.fault for p in stranger.verify(head).problems] == ["truncated"]


def test_entries_exchanged(on_disk):
    office, ledger = on_disk
    first, second = (ledger / f"{seq:012d}.json" for seq in (4, 5))
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    damaged(office)
    office.reopen()
    assert {p.fault for p in office.ledger.verify().problems} >= {"reordered"}


def test_an_entry_that_is_a_link(on_disk, tmp_path):
    office, ledger = on_disk
    target = tmp_path / "elsewhere.json"
    path = ledger / f"{office.ledger.head().seq:012d}.json"
    target.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(target)
    office.reopen()
    with pytest.raises(QraftError, match="symbolic link"):
        stand(office.ledger.entries(), office.policy)
