"""Which of the finished runs a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.service.service import Service
    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import RunRow


def need_runs(service: Service) -> None:
    """Refuse to go on where no run was ever begun.

    Raises
    ------
    BadInput
        With what makes the first.
    """
    from tasks.runs.names import no_runs

    if not service.any_begun():
        raise no_runs()


def find_run(warehouse: Warehouse, wanted: str) -> RunRow:
    """Return the row of the finished run that a person means.

    Raises
    ------
    BadInput
        If there is none, or more than one; see :func:`tasks.runs.names.choose_run`.
    """
    from storage.warehouse.runs import newest_runs
    from tasks.runs.names import choose_run, named_rows

    rows = newest_runs(warehouse)
    chosen = choose_run(named_rows(rows), wanted)
    return next(row for row in rows if row["run_id"] == chosen)


def find_id(service: Service, wanted: str) -> str:
    """Return the id of the finished run that a person means; see :func:`find_run`."""
    need_runs(service)
    with service.warehouse() as warehouse:
        return find_run(warehouse, wanted)["run_id"]


def finished_ids(service: Service) -> list[str]:
    """Return the ids of the finished runs, the newest first; without runs, nothing is opened."""
    from storage.warehouse.runs import newest_runs

    if not service.any_begun():
        return []
    with service.warehouse() as warehouse:
        return [row["run_id"] for row in newest_runs(warehouse)]
