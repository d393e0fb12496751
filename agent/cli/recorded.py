"""Finished runs as the warehouse tells them, and which of them a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasks.runs.names import choose_run, named_rows, no_runs

if TYPE_CHECKING:
    from agent.cli.context import Context
    from storage.warehouse.port import Warehouse

NEWEST_FIRST = "SELECT * FROM runs ORDER BY tried_at DESC, run_id"

Row = dict[str, Any]


def recorded_runs(context: Context) -> list[str]:
    """Return the ids of the finished runs, the newest first."""
    return [run["run_id"] for run in all_runs(context)]


def all_runs(context: Context) -> list[Row]:
    """Return the rows of table ``runs``, the newest first; without runs, nothing is opened."""
    if not any_begun(context):
        return []
    with context.warehouse() as warehouse:
        return warehouse.rows(NEWEST_FIRST)


def any_begun(context: Context) -> bool:
    """Whether any run was ever begun here."""
    return bool(context.lake.store.list("runs"))


def need_runs(context: Context) -> None:
    """Refuse to go on where no run was ever begun.

    Raises
    ------
    BadInput
        With the command that makes the first.
    """
    if not any_begun(context):
        raise no_runs()


def find_run(warehouse: Warehouse, wanted: str) -> Row:
    """Return the row of the run that a person means, of those that are finished.

    Raises
    ------
    BadInput
        If there is none, or more than one; see :func:`tasks.runs.names.choose_run`.
    """
    runs = warehouse.rows(NEWEST_FIRST)
    chosen = choose_run(named_rows(runs), wanted)
    return next(run for run in runs if run["run_id"] == chosen)
