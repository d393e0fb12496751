"""Progress on stderr: a bar with an estimate on a terminal, a line for each stage elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

from configs.output import talk
from storage.telemetry.lines import recorded
from tasks.dag.stages import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from configs.workspace import Workspace
    from tasks.dag.progress import Reporter

ALWAYS = frozenset({"resampling"})
"""What stages may read besides, and what comes first wherever there is such a stage."""
RECENT = 5
"""Runs whose timings make the estimate."""


@contextmanager
def reporting(workspace: Workspace) -> Iterator[Reporter]:
    """Give a reporter that suits where stderr goes."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        TextColumn("{task.description:<12}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), TextColumn("left"), Remaining(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, _expected_seconds(workspace))


class Lines:
    """A line for each stage."""

    def stage_started(self, stage: str) -> None:
        """Say nothing: the line comes when it is done."""

    def stage_progress(self, stage: str, fraction: float) -> None:
        """Say nothing."""

    def stage_note(self, stage: str, note: str) -> None:
        """Say it."""
        talk(f"{stage:<12} {note}")

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """Say what was done and how long it took."""
        talk(f"{stage:<12} {seconds:6.1f} s  {rows:>10,} rows")

    def waiting(self, what: str) -> None:
        """Say what is waited for."""
        talk(what)


class Bar:
    """One bar for the whole run, each stage as wide as it usually is long; it only moves on."""

    def __init__(self, progress: Progress, seconds: dict[str, float]) -> None:
        self._progress = progress
        self._seconds = seconds
        self._done: set[str] = set()
        self._reached = 0.0
        self._task: TaskID | None = None

    def stage_started(self, stage: str) -> None:
        """Name the stage; what it reads is done, and what follows may be in any order."""
        self._done |= read_by(stage)
        if self._task is None:
            self._task = self._progress.add_task("", total=sum(self._seconds.values()))
        self._progress.update(self._task, description=stage)
        self._move(stage, 0.0)

    def stage_progress(self, stage: str, fraction: float) -> None:
        """Move within a stage."""
        self._move(stage, fraction)

    def _move(self, stage: str, fraction: float) -> None:
        if self._task is None:
            return
        done = sum(self._seconds.get(name, 0.0) for name in self._done - {stage})
        within = min(max(fraction, 0.0), 1.0) * self._seconds.get(stage, 0.0)
        self._reached = max(self._reached, done + within)
        self._progress.update(self._task, completed=self._reached)

    def stage_note(self, stage: str, note: str) -> None:
        """Say it above the bar."""
        self._progress.console.print(f"{stage:<12} {note}", highlight=False, style="dim")

    def stage_done(self, stage: str, seconds: float, rows: int) -> None:
        """Move to the stage's end."""
        self._move(stage, 1.0)
        self._done.add(stage)
        self._progress.console.print(
            f"{stage:<12} {seconds:6.1f} s  {rows:>10,} rows", highlight=False, style="dim"
        )

    def waiting(self, what: str) -> None:
        """Say what is waited for."""
        self._progress.console.print(what, highlight=False)


def read_by(stage: str) -> set[str]:
    """Return the stages that a stage is made from, near and far; any other task is the last one."""
    if stage not in BY_NAME:
        return set(BY_NAME)
    kind = BY_NAME[stage]
    near = {*kind.inputs, *(name for name, _ in kind.where if name in ALWAYS)}
    return near.union(*(read_by(name) for name in near))


def _expected_seconds(workspace: Workspace) -> dict[str, float]:
    """Return how long each stage took lately in this workspace, or its usual share."""
    timings: dict[str, list[float]] = {name: [] for name in BY_NAME}
    for event in recorded(workspace, "stage"):
        if event.get("stage") in timings:
            timings[event["stage"]].append(float(event["seconds"]))
    return {
        name: median(seconds[-RECENT:]) if seconds else BY_NAME[name].weight
        for name, seconds in timings.items()
    }
