"""Where the page of a run is for a person to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.service.service import Service
    from storage.warehouse.rows import RunRow


def place_of_report(service: Service, run: RunRow) -> str:
    """Return where a run's report is: its copy in the workspace, else where it is in the lake."""
    from tasks.opening import page_path

    page = page_path(service.workspace, study=run["name"], run=run["run_id"])
    return str(page) if page.exists() else service.lake.store.url(run["report"])


def report_file(service: Service, run: RunRow) -> str:
    """Return the same, after a report that another machine made was copied into the workspace.

    One that is sealed, gone or damaged is named by its place in the lake.
    """
    from configs.errors import QraftError
    from storage.manifest import DatasetId
    from tasks.opening import copy_page, page_path

    page = page_path(service.workspace, study=run["name"], run=run["run_id"])
    if page.exists():
        return str(page)
    try:
        report = service.lake.manifest(DatasetId(*run["report"].split("/")[:3]))
        copy_page(service.workspace, service.lake, report, study=run["name"], run=run["run_id"])
    except QraftError:
        return service.lake.store.url(run["report"])
    return str(page)
