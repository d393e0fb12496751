"""The building of a run: Luigi does what is missing, until the last task is seen complete.

What Luigi or its scheduler says of success is not believed: a scheduler remembers workers that
died, tasks that it put aside and results that were removed since. Each attempt therefore has names
of its own there, processes that share a lake take turns by leases, and the answer is looked up
where the results are.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import luigi
from luigi.rpc import RPCError
from luigi.scheduler import Scheduler

from configs.endpoints.url import without_secrets
from configs.errors import Failed
from configs.remedies import Mend
from tasks.dag.compute import compute_on
from tasks.dag.session import forget, name_attempt, share
from tasks.report.task import Report
from tasks.runs.record.task import Record
from tasks.scheduler.choice import OWN, scheduler_url
from tasks.scheduler.page_link import link_to, page_path
from tasks.scheduler.settings import OwnTasksWorker, remote_scheduler, use_own_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luigi.worker import Worker

    from storage.lake.manifest import Manifest
    from tasks.dag.session import Session
    from tasks.dag.stage import RunTask

ATTEMPTS = 3
"""The next one is made where nothing failed and the last task is not complete all the same: a
result was removed meanwhile, or the scheduler went away."""
ANSWER_S, RPC_TRIES, RPC_PAUSE_S = 5.0, 3, 1
"""How patiently a scheduler is asked: it only shows how a run goes, and holds up none."""


def build(session: Session) -> Manifest:
    """Let Luigi make all results of a run that are missing, and record it.

    Returns
    -------
    Manifest
        Of the report of a run that is complete: all results are there, and it is recorded.

    Raises
    ------
    Failed
        If a stage failed, or the last task is not complete after all attempts.
    """
    for name in ("luigi", "luigi-interface"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    use_own_settings()
    share(session)
    try:
        if Record.of(session).complete():
            return session.manifest(Report.stage)
        url = scheduler_url(session.settings, session.workspace)
        for _ in range(ATTEMPTS):
            url = _attempt(session, url)
            if Record.of(session).complete():
                report = session.manifest(Report.stage)
                _link(session, url, report)
                return report
            if session.failure:
                raise session.failure
    finally:
        forget(session)
    raise Failed(
        f"the run {session.plan.run_id} did not finish in {ATTEMPTS} attempts",
        hint="results of it are removed while it runs, or another program stops its tasks",
        remedy=Mend.TRY_AGAIN(),
    )


def _attempt(session: Session, url: str | None) -> str | None:
    """Build once; return the scheduler to use from here on: none where it stopped answering."""
    session.attempt, session.failure = name_attempt(), None
    where = {"scheduler_url": url} if url else {"local_scheduler": True}
    try:
        with compute_on(session.settings.compute):
            luigi.build(
                [*_roots(session)], workers=1, detailed_summary=True,
                worker_scheduler_factory=_Parts(session.attempt), **where,
            )  # fmt: skip
    except RPCError:
        # It only shows how the run goes: who computes what is settled by leases.
        session.reporter.waiting(
            f"Luigi's scheduler at {without_secrets(url or '')} stopped answering; "
            "the run goes on without its page"
        )
        return None
    return url


class _Parts:
    """The parts of a build: a worker that is named like its attempt, and the scheduler it asks."""

    def __init__(self, attempt: str) -> None:
        self.worker_id = f"Worker({attempt})"

    def create_local_scheduler(self) -> Any:
        return Scheduler(prune_on_get_work=True, record_task_history=False)

    def create_remote_scheduler(self, url: str) -> Any:
        """Give up soon: a scheduler that does not answer holds up no run."""
        remote = remote_scheduler(url, answer_s=ANSWER_S)
        vars(remote).update(_rpc_retry_attempts=RPC_TRIES, _rpc_retry_wait=RPC_PAUSE_S)
        return remote

    def create_worker(
        self, scheduler: Any, worker_processes: int, assistant: bool = False
    ) -> Worker:
        worker: Any = OwnTasksWorker  # Luigi's constructors carry no types
        made: Worker = worker(
            scheduler=scheduler, worker_id=self.worker_id, worker_processes=worker_processes,
            assistant=assistant, keep_alive=False,
        )  # fmt: skip
        return made


def _roots(session: Session) -> Iterator[RunTask]:
    """Return the tasks to ask for: first what Luigi would not find to be missing, then the last.

    Luigi looks no further back than a result that is there, though one that it was made from, and
    that a later stage reads, may have been removed. Of tasks that may run, a worker takes the one
    that was asked for first: the stages come in the order of the DAG.
    """
    last = Record.of(session)
    missing = {name for name, done in session.plan.done(session.lake).items() if not done}
    tasks = _all_tasks(last)
    found: set[str] = set()
    waiting = last.requires()
    while waiting:
        task = waiting.pop()
        if task.stage in missing - found:
            found.add(task.stage)
            waiting.extend(task.requires())
    yield from (tasks[s.name] for s in session.plan.stages if s.name in missing - found)
    yield last


def _all_tasks(last: RunTask) -> dict[str, RunTask]:
    """Return the stages that a task needs, by their names."""
    found: dict[str, RunTask] = {}
    waiting = last.requires()
    while waiting:
        task = waiting.pop()
        if task.stage not in found:
            found[task.stage] = task
            waiting.extend(task.requires())
    return found


def _link(session: Session, url: str | None, report: Manifest) -> None:
    """Link from the scheduler's page to the report.

    Told after the build: a task that is told of as done before it runs here, as where another
    machine made it, loses the link that it had.
    """
    if url is None:
        return
    own = session.settings.scheduler == OWN
    plan = session.plan
    page = page_path(session.workspace, study=plan.spec.name, run=plan.run_id)
    target = link_to(page, session.lake, report, own=own)
    parts = _Parts(session.attempt)
    scheduler = parts.create_remote_scheduler(url)
    try:
        for task in (Report.of(session), Record.of(session)):
            scheduler.add_task(
                worker=parts.worker_id, task_id=task.task_id, status="DONE",
                runnable=False, tracking_url=target,
            )  # fmt: skip
    except RPCError:
        return  # as in an attempt: the run itself is done
    finally:
        scheduler.close()
