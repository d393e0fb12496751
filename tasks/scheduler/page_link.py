"""Where a person opens the page of a run: a copy in the workspace, and a link in Luigi's pages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest

PAGE = "report.html"
ADDRESS = "/reports"
"""Where the workspace's own scheduler shows the folder of reports."""


def copy_page(workspace: Workspace, lake: Lake, report: Manifest, *, study: str, run: str) -> Path:
    """Copy a run's page into the workspace, under a name that a person can say; return where.

    Raises
    ------
    Damaged
        If the page is gone or differs from its manifest.
    Forbidden
        If it was made from what has been sealed since.
    """
    return write_once(page_path(workspace, study=study, run=run), lake.read(report, PAGE))


def page_path(workspace: Workspace, *, study: str, run: str) -> Path:
    """Return where the copy of a run's page is, or would be."""
    return workspace.reports / f"{study}-{run}.html"


def link_to(page: Path, lake: Lake, report: Manifest, *, own: bool) -> str:
    """Return what a scheduler's page links to.

    Parameters
    ----------
    page
        The copy in the workspace.
    own
        Whether it is the workspace's own scheduler, which shows the copies itself. A browser
        follows no link from another one's page to a file, so a page in a bucket is linked to there.
    """
    if own:
        return f"{ADDRESS}/{page.name}"
    return lake.store.link(report.file(PAGE).path)


def write_once(path: Path, content: bytes) -> Path:
    """Write a page where a person will open it, in one step, unless it is there; return where."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_bytes(content)
        fresh.replace(path)
    return path
