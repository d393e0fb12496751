"""Reports: where the page of a run is, and the page of all runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.service.model import Model
from agent.service.runs.naming import find_run, need_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.runs.models import Run
    from agent.service.service import Service
    from storage.warehouse.rows import RunRow


class Index(Model):
    """The page of all runs."""

    page: str
    runs: int


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


def read_report(service: Service, wanted: str) -> bytes:
    """Return a run's report as it was committed: one page of HTML.

    Raises
    ------
    BadInput
        If there is no such run.
    Damaged
        If the page is gone or differs from its manifest.
    Forbidden
        If it was made from what has been sealed since.
    """
    from storage.manifest import DatasetId
    from tasks.opening import PAGE

    need_runs(service)
    with service.warehouse() as warehouse:
        row = find_run(warehouse, wanted)
    return service.lake.read(service.lake.manifest(DatasetId(*row["report"].split("/")[:3])), PAGE)


def write_index(service: Service, runs: Sequence[Run]) -> Index:
    """Write the page of all runs beside their reports.

    Parameters
    ----------
    runs
        As `agent.service.runs.finished.list_runs` gives them.
    """
    from agent.pages.index import NAME, draw_index
    from tasks.opening import write_once

    folder = service.workspace.reports
    pages = sorted(path.name for path in folder.glob("*.html") if path.name != NAME)
    rows = [{**dict(run), "report": _link(run)} for run in runs]
    text = draw_index(service.workspace.root.name or "/", rows, pages)
    return Index(page=str(write_once(folder / NAME, text.encode("utf-8"))), runs=len(runs))


def _link(run: Run) -> str | None:
    """Return where a run's report is, seen from the index; None where it is on a server."""
    from pathlib import Path
    from urllib.parse import quote, unquote, urlsplit

    parts = urlsplit(run.report)
    if not parts.scheme:
        return quote(Path(run.report).name)
    local = parts.scheme == "file" and Path(unquote(parts.path)).exists()
    return run.report if local else None
