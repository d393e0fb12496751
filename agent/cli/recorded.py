"""Finished runs as the warehouse tells them, and which of them a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from agent.cli.context import Context
    from storage.warehouse.port import Warehouse

LAST = "last"
"""What people write for the newest run."""

NO_RUNS = "there are no finished runs in this workspace yet"
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


def find_run(warehouse: Warehouse, wanted: str) -> Row:
    """Return the run that a person means.

    Parameters
    ----------
    wanted
        ``last``, the beginning of a run's id, or a study's name: its newest run.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    runs = warehouse.rows(NEWEST_FIRST)
    matching = _matching(runs, wanted)
    if len(matching) == 1:
        return matching[0]
    if not runs:
        raise no_runs()
    ids = [run["run_id"] for run in matching]
    known = [LAST, *(run["run_id"] for run in runs), *(run["name"] for run in runs)]
    raise BadInput(
        f"more than one run begins with `{wanted}`" if ids else f"there is no run `{wanted}`",
        hint=", ".join(ids) if ids else did_you_mean(wanted, dict.fromkeys(known)),
        next_command="qraft runs list",
    )


def no_runs() -> BadInput:
    """Say that there is nothing to show yet, and what makes something."""
    return BadInput(NO_RUNS, next_command="qraft demo")


def _matching(runs: list[Row], wanted: str) -> list[Row]:
    named = [run for run in runs if wanted in {LAST, run["name"]}]
    return named[:1] or [run for run in runs if wanted and run["run_id"].startswith(wanted)]
