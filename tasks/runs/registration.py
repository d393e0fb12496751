"""Tell a Luigi scheduler of the runs that a workspace holds, as if it had seen them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import QraftError, Unreachable
from configs.settings import load_settings
from tasks.dag.session import stores_of
from tasks.dag.stage import task_of
from tasks.dag.stages import STAGES
from tasks.report.task import Report
from tasks.runs.record.task import Record
from tasks.runs.results import results_of, tried
from tasks.scheduler.page_link import copy_page, link_to, page_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.ledger import Ledger
    from tasks.dag.stage import RunTask
    from tasks.runs.results import Results

WORKER = "qraft-ui"
ATTEMPT = "recorded"
"""What stands in the place of an attempt's name: it is not known any more who ran it."""


def register_runs(
    url: str, workspace: Workspace, lake: Lake, ledger: Ledger, *, recorded: Collection[str]
) -> int:
    """Show the committed stages of all runs in a scheduler, each as done, with what it needed.

    Luigi's own worker tells a scheduler no dependencies of a task that is complete, so they are
    told here.

    Parameters
    ----------
    recorded
        The runs that the warehouse holds.

    Returns
    -------
    int
        How many runs were told.

    Raises
    ------
    Unreachable
        If the scheduler stops answering.
    """
    from luigi.rpc import RPCError

    from tasks.scheduler.settings import remote_scheduler

    scheduler = remote_scheduler(url)
    runs = [results_of(lake, ledger, run_id) for run_id in tried(ledger)]
    try:
        for run in runs:
            for task in committed(run, workspace, recorded=run.run_id in recorded):
                scheduler.add_task(
                    worker=WORKER,
                    task_id=task.task_id,
                    family=task.task_family,
                    module=task.task_module,
                    params=_parameters(task),
                    deps=[other.task_id for other in needed(task, run, workspace, lake)],
                    status="DONE",
                    runnable=False,
                    tracking_url=_page(task, run, workspace, lake),
                )
    except RPCError as error:
        raise Unreachable(f"the scheduler {url} stopped answering") from error
    finally:
        scheduler.close()
    return sum(bool(run.datasets) for run in runs)


def committed(run: Results, workspace: Workspace, *, recorded: bool) -> list[RunTask]:
    """Rebuild the tasks of a run whose results are there, each after those it needs."""
    kinds = [task_of(kind.name) for kind in STAGES if kind.name in run.datasets]
    if recorded and Record.stage in run.datasets:
        kinds.append(Record)
    return [_task(kind, run, workspace) for kind in kinds]


def needed(task: RunTask, run: Results, workspace: Workspace, lake: Lake) -> list[RunTask]:
    """Rebuild the tasks whose results a task read, by what is written of its own result."""
    inputs = lake.manifest(run.datasets[task.stage]).inputs
    called = task.called_for(inputs)
    return [_task(kind, run, workspace) for kind in called if kind.stage in run.datasets]


def _page(task: RunTask, run: Results, workspace: Workspace, lake: Lake) -> str | None:
    """Return a task's link to the run's page; none where the page may not be read."""
    if not isinstance(task, (Report, Record)):
        return None
    try:
        report = lake.manifest(run.datasets[Report.stage])
        page = page_path(workspace, study=run.study, run=run.run_id)
        if not page.exists():
            copy_page(workspace, lake, report, study=run.study, run=run.run_id)
    except QraftError:
        return None
    return link_to(page, lake, report, own=True)


def _parameters(task: RunTask) -> dict[str, str]:
    """Return what identifies a task, as text: what is shown beside its name."""
    shown: dict[str, str] = task.to_str_params(only_public=True)  # type: ignore[no-untyped-call]
    return shown


def _task(kind: type[RunTask], run: Results, workspace: Workspace) -> RunTask:
    return kind(
        study=run.study,
        run_id=run.run_id,
        key=run.datasets[kind.stage].key,
        stores=stores_of(load_settings(workspace), workspace),
        attempt=ATTEMPT,
        workspace=str(workspace.root),
    )
