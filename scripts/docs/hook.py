"""What mkdocs asks while it builds the site: pages that are made from the code, not written.

Every list on the site that the code knows is made here, so it cannot differ from the code.
`QRAFT_DOCS_WORKSPACE` names a workspace in which the demo has run: notebooks are executed in it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

from configs.settings import Settings
from gate.policy.policy import Policy
from scripts.docs.commands import write_commands
from scripts.docs.notebooks import write_notebook
from scripts.docs.schemas import write_schema
from scripts.docs.tables import write_checks, write_warehouse
from taskspecs.schema import TaskSpec
from taskspecs.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "docs" / "notebooks"
WORKSPACE = "QRAFT_DOCS_WORKSPACE"

SCHEMAS: dict[str, tuple[Any, str, str]] = {
    "reference/taskspec.md": (
        TaskSpec,
        "TaskSpec",
        "What a study may say, key by key. Unknown keys are refused, with near matches.",
    ),
    "reference/sourcespec.md": (
        SourceSpec,
        "SourceSpec",
        "What a live source may say, key by key.",
    ),
    "reference/settings.md": (
        Settings,
        "qraft.yaml",
        "What a workspace's settings may say. The environment outranks it, as `QRAFT_LAKE`.",
    ),
    "reference/policy.md": (
        Policy,
        "gate.yaml",
        "What a policy of the gate may say. [What it may ask](checks.md) has a page of its own.",
    ),
}

ROOMS: dict[str, str] = {
    "reference/operators.md": "taskspecs/expressions/README.md",
    "reference/detectors.md": "taskspecs/detectors/README.md",
    "reference/figures.md": "tasks/backtest/figures/README.md",
    "explanation/gate.md": "gate/README.md",
    "changelog.md": "CHANGELOG.md",
}
"""Pages that live beside the code that they are about; tests hold them to it there."""

WRITTEN: dict[str, Callable[[], str]] = {
    "reference/commands.md": write_commands,
    "reference/checks.md": write_checks,
    "reference/warehouse.md": write_warehouse,
    **{
        page: lambda about=about: write_schema(*about)  # type: ignore[misc]
        for page, about in SCHEMAS.items()
    },
    **{page: lambda file=file: (ROOT / file).read_text("utf-8") for page, file in ROOMS.items()},  # type: ignore[misc]
}

_OUTSIDE = re.compile(r"https://(?:unpkg\.com|api\.github\.com)/")
"""What the theme's script would ask for where a page has a diagram or a repository's name."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made; a notebook's page stands in its place."""
    for page, write in WRITTEN.items():
        files.append(File.generated(config, page, content=write()))
    named = os.environ.get(WORKSPACE)
    for notebook in sorted(NOTEBOOKS.glob("*.py")):
        source = files.get_file_from_path(f"notebooks/{notebook.name}")
        if source is not None:
            files.remove(source)
        text = write_notebook(notebook, Path(named) if named else None)
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=text))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """Let no page load anything from elsewhere, whatever it comes to hold."""
    for script in Path(config.site_dir).glob("assets/javascripts/bundle.*.js"):
        script.write_text(_OUTSIDE.sub("about:blank#", script.read_text("utf-8")), "utf-8")
