"""A run: plan it, put the trial on the ledger, let Luigi do what is not done yet, record it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import QraftError
from configs.faults import as_errors
from gate.evidence.outcomes import Ended, record_outcomes
from gate.policy.file import load_policy
from storage.events.boxes import Boxes
from storage.events.outbox import Owed
from storage.locks import hold
from storage.open import open_lake, open_ledger
from storage.telemetry.lines import record
from storage.telemetry.memory import peak_memory_bytes
from tasks.aggregation.groups import with_members
from tasks.dag.plan import RunPlan, make_plan
from tasks.dag.progress import Silent
from tasks.dag.session import Session, plan_path
from tasks.ingest.origin.landing import recall_cut, settle_cut
from tasks.ingest.origin.sources import digest, locate
from tasks.ingest.sealing import settle
from tasks.live.following.follow_up import follow_up
from tasks.runs.announcement import announce
from tasks.runs.fetching import fetch
from tasks.runs.preflight import check_runnable
from tasks.runs.taint import is_tainted
from tasks.scheduler.page_link import copy_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from storage.ledger import Ledger
    from tasks.dag.progress import Reporter
    from tasks.ingest.sealing import Sealing
    from tasks.live.following.follow_up import Following
    from taskspecs.schema import TaskSpec

MOST_NAMED = 100
"""Events that the trial on the ledger names, of a burst; the inbox knows all of them."""
SAME_RUN_WAIT_S = 86_400.0
"""Another command that computes the very same run is waited for as long as it takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What asks for a run, beside its road."""

    events: tuple[str, ...] = ()
    """The events that do, by their ids; kept with the trial."""
    woken_by: tuple[str, ...] = ()
    """The studies through which it was woken, the first of them first."""
    tells: bool = False
    """Whether others are told of it; that is owed in the outbox before anything is computed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind; there is one only of a run whose last task was seen complete."""

    session: Session
    report: Manifest
    """The manifest of the report."""
    page: Path
    """The report's copy in the workspace, for a person to open; it was read and is whole."""
    computed: tuple[str, ...]
    """The stages that were computed here and now; the others were found done, or another machine
    computed them meanwhile."""
    following: Following | None = None
    """What became of the strategy, where it is at paper or live; none after a tainted run."""
    road: str = ""
    """Who asked for it."""

    @property
    def tainted(self) -> bool:
        """Whether a prompt, a model or an assistant began it; see `tasks.runs.taint`."""
        return is_tainted(self.road)


def plan_run(
    spec: TaskSpec, workspace: Workspace, settings: Settings, *, as_of: datetime | None = None
) -> RunPlan:
    """Plan a run of `spec` on the data as it is now.

    Writes nothing but the copy of a source that is in the lake.

    Raises
    ------
    BadInput
        If the source cannot be found.
    """
    ledger = open_ledger(settings, workspace)
    with ledger.held():
        lake = open_lake(settings, workspace, ledger)
        return _plan(spec, workspace, settings, lake, ledger=ledger, as_of=as_of)[0]


def _plan(
    spec: TaskSpec,
    workspace: Workspace,
    settings: Settings,
    lake: Lake,
    *,
    ledger: Ledger,
    as_of: datetime | None,
) -> tuple[RunPlan, Sealing]:
    """Plan a run, and find the seal on its data."""
    fetch(spec.data, workspace, lake.store)
    data_digest = digest(spec.data, workspace.root)
    sealing = settle(spec.data, workspace, settings, ledger, data_digest=data_digest)
    plan = make_plan(
        with_members(spec, workspace.root),
        data_digest=data_digest,
        original_name=locate(spec.data, workspace.root).name,
        as_of=as_of,
        sealed_from=sealing.sealed_from,
    )
    return recall_cut(lake, plan), sealing


@as_errors()
def run(
    spec: TaskSpec,
    workspace: Workspace,
    settings: Settings,
    *,
    as_of: datetime | None = None,
    road: str = "command",
    reporter: Reporter | None = None,
    asked: Asked = Asked(),
) -> Outcome:
    """Run a TaskSpec; what is done already is not done again.

    Safe to repeat and to interrupt at any moment: the same command resumes, and gives the same
    bytes.

    Parameters
    ----------
    as_of
        Use only what was known then (UTC); default all there is.
    road
        Who asks: ``command``, ``event`` or ``clock``; or ``prompt``, ``mcp``, ``research`` and the
        like, whose runs never touch what follows a strategy. Kept with the trial.
    asked
        The events that ask, and whether the run will tell of itself; a tainted one tells nothing.

    Raises
    ------
    BadInput
        If the spec does not fit the data; nothing was written.
    Failed
        If a stage failed, or the last task is not complete in the end; what is done is kept.
    """
    began = time.perf_counter()
    ledger = open_ledger(settings, workspace)
    with ExitStack() as turn, ExitStack() as reading:
        reading.enter_context(ledger.held())
        policy = load_policy(workspace)  # a mistake in it is told before anything is computed
        lake = open_lake(settings, workspace, ledger)
        plan, sealing = _plan(spec, workspace, settings, lake, ledger=ledger, as_of=as_of)
        session = Session(workspace, settings, plan, lake, reporter or Silent(), opened=ledger)
        check_runnable(session)
        settle_cut(session)
        plan = session.plan
        turn.enter_context(_one_at_a_time(session))
        before = plan.done(lake)
        report = _build(session, sealing, road, asked, done=all(before.values()))
        page = copy_page(workspace, lake, report, study=spec.name, run=plan.run_id)
        reading.close()  # what is followed is decided by the ledger of now
        following = None if is_tainted(road) else follow_up(session, ledger, policy)
    computed = tuple(session.computed)
    record(
        workspace, "run", study=spec.name, run_id=plan.run_id, road=road,
        seconds=round(time.perf_counter() - began, 3), computed=list(computed),
        found=[stage for stage in before if stage not in computed],
        peak_memory_bytes=peak_memory_bytes(),
        events=list(asked.events),
    )  # fmt: skip
    return Outcome(session, report, page, computed, following, road)


def _one_at_a_time(session: Session) -> AbstractContextManager[None]:
    """Wait while another process of this workspace computes the very same run."""
    locks = session.workspace.locks
    locks.mkdir(parents=True, exist_ok=True)
    return hold(
        locks / f"run-{session.plan.run_id}.lock", timeout_s=SAME_RUN_WAIT_S, what="this run",
        on_wait=session.reporter.waiting,
    )  # fmt: skip


def _build(session: Session, sealing: Sealing, road: str, asked: Asked, *, done: bool) -> Manifest:
    """Announce a run that is not done, and let Luigi do what is missing; return the report's."""
    plan, workspace, ledger = session.plan, session.workspace, session.ledger
    if not done:
        _announce(session, ledger, sealing, road, asked.events)
    if asked.tells and not is_tainted(road):
        with Boxes(workspace.home / "events") as boxes:
            boxes.outbox.owe(Owed(plan.run_id, plan.spec.name, asked.woken_by))
    try:
        from tasks.runs.build import build

        return build(session)
    except QraftError as error:
        record_outcomes(ledger, [Ended(plan.run_id, "failed", why=error.what)], actor=road)
        record(
            workspace, "run_failed", level="error", study=plan.spec.name, run_id=plan.run_id,
            road=road, error=str(error),
        )  # fmt: skip
        raise


def _announce(
    session: Session, ledger: Ledger, sealing: Sealing, road: str, events: Sequence[str]
) -> None:
    """Put the trial on the ledger before its result is known, and the plan into the lake."""
    plan = session.plan
    about: dict[str, Any] = {"report": plan.stage("report").key}
    if events:
        about |= {"events": list(events[:MOST_NAMED]), "events_count": len(events)}
    announce(session, ledger, sealing, [(plan, about)], road=road)
    session.lake.store.put(plan_path(plan.run_id), plan.to_json())
