"""Code that is really changed after an approval voids it."""

from __future__ import annotations

import pytest

from configs.errors import Forbidden
from gate.policy.stages import Stage
from gate.signals.authority import authorise
from tests.office import STUDY, Office
from tests.unit.tasks.dag.code.test_closure import SPEC


def running(copy) -> dict[str, str]:
    """The digests of what would run, by the code as it is in the folder now."""
    plan = copy.plan(SPEC)
    return {"spec": plan.spec_hash, "code": plan.code_digest, "data": plan.data_digest}


@pytest.fixture
def live(copy) -> Office:
    office = Office(running=running(copy))
    office.reaches_live()
    return office


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("tasks/live/paper/account.py", b"1", b"2"),
        ("tasks/live/following/publishing.py", b"def ", b"def  "),
        ("gate/policy/watch.py", b"def breaches", b"def  breaches"),
        ("taskspecs/frequencies.py", b"60", b"61"),
        ("tasks/detection/drift/adwin.py", b"class", b"\nclass"),
    ],
)
def test_a_change_of_what_computes_or_publishes(copy, live, path, before, after):
    entries = live.ledger.entries()
    authorise(entries, live.policy, STUDY, running(copy), live.now)
    source = (copy.root / path).read_bytes()
    assert before in source
    with copy.changed(path, source.replace(before, after, 1)):
        changed = running(copy)
        with pytest.raises(Forbidden, match="code"):
            authorise(entries, live.policy, STUDY, changed, live.now)
    authorise(entries, live.policy, STUDY, running(copy), live.now)


def test_a_change_between_approval_and_promotion(copy):
    office = Office(running=running(copy))
    office.reaches_paper()
    office.approves("ann")
    office.approves("bob")
    with copy.changed("tasks/live/paper/account.py"):
        office.running = running(copy)
        with pytest.raises(Forbidden, match="the code was changed"):
            office.promotes(Stage.LIVE)


def test_a_change_of_what_no_signal_comes_from(copy, live):
    for path in (
        "agent/cli/runs/runs.py",
        "tasks/detection/drift/kswin.py",
        "storage/index/words.py",
    ):
        with copy.changed(path):
            authorise(live.ledger.entries(), live.policy, STUDY, running(copy), live.now)
