"""What commands that run until they are stopped have in common."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from configs.errors import BadInput
from configs.output import talk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.cli.context import Context
    from agent.road.studies import Study, StudyWatch
    from taskspecs.rerunning import ScheduleSpec

metrics_option = click.option(
    "--metrics-port", type=click.IntRange(1, 65535), help="Serve Prometheus's figures there."
)
concurrency_option = click.option(
    "--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Runs at once."
)


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Return what is set by Ctrl-C or SIGTERM: what runs is let end, nothing more is begun.

    Told so again, what runs is ended at once. Nothing is lost by it: what was committed is kept,
    and what was due stays due.
    """
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if not stop.is_set():
            talk("stopping when what runs is done; Ctrl-C or SIGTERM again ends it at once")
            stop.set()
            return
        children = multiprocessing.active_children()
        for child in children:
            child.kill()
        if number == signal.SIGINT and not children:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def studies_of(context: Context, specs: tuple[str, ...]) -> list[Study]:
    """Return the studies that are named, or those of the workspace's settings."""
    from agent.road.studies import named_studies, watched_studies

    if specs:
        return named_studies(specs, context.workspace.root)
    return watched_studies(context.workspace, context.settings, say=talk)


def watch_of(context: Context, specs: tuple[str, ...]) -> StudyWatch:
    """Return the same, as their files change."""
    from agent.road.studies import watch_named, watch_workspace

    if specs:
        return watch_named(specs, context.workspace.root, say=talk)
    return watch_workspace(context.workspace, context.settings, say=talk)


def scheduled(studies: Sequence[Study]) -> list[tuple[Study, ScheduleSpec]]:
    """Return the studies that have a schedule, each with it.

    Raises
    ------
    BadInput
        If none has one, with what a schedule looks like.
    """
    found = [(study, plan) for study in studies if (plan := study.spec.schedule)]
    if not found:
        raise BadInput(
            "no study has a `schedule`",
            hint='put one into a TaskSpec, as\n  schedule: {cron: "30 18 * * 1-5", '
            "timezone: America/New_York, calendar: XNYS}\nand the file into studies/, or name it",
        )
    return found
