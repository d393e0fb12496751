"""`qraft ui`: Luigi's scheduler and its pages, for as long as the command runs."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from configs.errors import Failed
from configs.output import talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from agent.cli.context import Context
    from tasks.scheduler.process import SchedulerProcess

PORT = 8082
LOOK_S = 0.5


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option(
    "--open-browser/--no-open-browser", default=None, help="Default: if this is a terminal."
)
@click.pass_obj
def ui(context: Context, port: int, open_browser: bool | None) -> None:
    """Start Luigi's scheduler with this workspace's runs in it; Ctrl-C ends it.

    Runs that start while it is up appear in it as they go.

    Example: qraft ui --port 8090
    """
    from tasks.scheduler.choice import find_running

    opens = sys.stdout.isatty() if open_browser is None else open_browser
    if running := find_running(context.workspace):
        click.echo(running.url)
        talk(f"it is up already, in process {running.pid}")
        _open(running.url, opens)
        return
    with _stoppable(), scheduling(context, port) as scheduler:
        click.echo(scheduler.url)
        talk("Ctrl-C ends it")
        _open(scheduler.url, opens)
        while True:  # in short waits: a signal may reach a thread that does not wake this one
            time.sleep(LOOK_S)
            scheduler.check()


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Luigi's scheduler, as long as it is looked after."""

    url: str
    child: SchedulerProcess | None = None
    """None for one that another command, or another machine, runs."""

    def check(self) -> None:
        """Raise `Failed` if our own process has ended."""
        if self.child is not None and self.child.process.poll() is not None:
            self.child.wait()


@contextmanager
def scheduling(context: Context, port: int) -> Iterator[Scheduler]:
    """Run the workspace's scheduler as long as the block lasts, with its runs in it.

    One that another command runs for the workspace, or that the settings name, is used as it is.
    """
    from agent.service.runs.naming import finished_ids
    from tasks.runs.registration import register_runs
    from tasks.scheduler.choice import Running, announce, bypass_proxies, scheduler_url, withdraw
    from tasks.scheduler.process import started

    if url := scheduler_url(context.settings, context.workspace):
        yield Scheduler(url)
        return
    bypass_proxies()
    with started(context.workspace, port) as scheduler:
        if scheduler.port != port:
            talk(f"port {port} is taken; using {scheduler.port}")
        running = Running(scheduler.owner, scheduler.url)
        announce(context.workspace, running)
        try:
            try:
                count = register_runs(
                    running.url, context.workspace, context.lake, context.ledger,
                    recorded=finished_ids(context),
                )  # fmt: skip
                talk(f"{count} {'run' if count == 1 else 'runs'} of {context.workspace.root}")
            except Failed as error:
                talk(f"earlier runs are not shown: {error.what}", "warning")
            yield Scheduler(running.url, scheduler)
        finally:
            withdraw(context.workspace, running)


class _Stopped(BaseException):
    """A person or the system asked us to end."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """Make Ctrl-C and SIGTERM end what is inside, cleanly and as a success."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        talk("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _open(url: str, wanted: bool) -> None:
    """Say which link lets a browser act there, once, and open it if that is wanted."""
    from tasks.scheduler.settings import entry_link

    link = entry_link(url)
    talk(f"to act from its pages, open this link; it works once: {link}")
    if wanted:
        click.launch(link)
