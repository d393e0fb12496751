"""The parts of `qraft up`, each begun anew by itself whenever it ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from configs.errors import Failed, Unreachable
from configs.output import talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from agent.cli.context import Context
    from agent.road.runner.worker import Answer, Request
    from agent.road.studies import Study, StudyWatch

    Submit = Callable[[Request], Future[Answer]]

LOOK_S = 2.0
SILENCES = 5
"""A scheduler that does not answer so often in a row is ended and begun anew."""


class SchedulerPart:
    """Luigi's scheduler: its process, if it is ours, is begun anew when it ends or hangs."""

    def __init__(self, context: Context, port: int) -> None:
        self._context = context
        self._port = port
        self.up = threading.Event()
        """Set when it was there for the first time."""
        self.url = ""

    def work(self, stop: threading.Event) -> None:
        """Look after it until told to stop."""
        from agent.cli.serving.ui import scheduling
        from tasks.scheduler.choice import answers

        with scheduling(self._context, self._port) as scheduler:
            self.url = scheduler.url
            self.up.set()
            silences = 0
            while not stop.wait(LOOK_S):
                scheduler.check()
                silences = 0 if answers(scheduler.url) else silences + 1
                if silences >= SILENCES:
                    raise Unreachable(f"the scheduler at {scheduler.url} does not answer")


def check_settings(context: Context) -> None:
    """Refuse what no patience mends: URLs that cannot be read, and secrets that are not there.

    Raises
    ------
    BadInput
        Naming it.
    """
    settings = context.settings
    if settings.lake.startswith("s3://"):
        from storage.buckets.store import credentials, parse_bucket

        parse_bucket(settings.lake)
        credentials()
    if settings.warehouse.startswith("clickhouse://"):
        from storage.warehouse.server import parse_server

        parse_server(settings.warehouse)
    if settings.events.startswith("nsq://"):
        from storage.events.nsq.address import parse_address

        parse_address(settings.events)
    if settings.telemetry.startswith("openobserve://"):
        from storage.telemetry.openobserve import parse_stream

        parse_stream(settings.telemetry)


def preparing_part(context: Context) -> Callable[[threading.Event], None]:
    """Return the work of setting up the stores, once they are there."""

    def work(stop: threading.Event) -> None:
        from storage.open import prepare_stores

        prepare_stores(context.settings, say=talk)
        stop.wait()

    return work


def clock_part(
    context: Context, watch: StudyWatch, submit: Submit
) -> Callable[[threading.Event], None]:
    """Return the work of the clock."""

    def work(stop: threading.Event) -> None:
        from agent.road.clock.book import Book
        from agent.road.clock.loop import Clock

        book = Book(context.workspace)
        Clock(context.workspace, watch(), submit, book, say=talk).run(stop, studies=watch)

    return work


def listener_part(
    context: Context, watch: StudyWatch, submit: Submit, concurrency: int
) -> Callable[[threading.Event], None]:
    """Return the work of the listener, which follows studies as they change."""

    def work(stop: threading.Event) -> None:
        from agent.road.triggers.background import background
        from agent.road.triggers.listening import listening

        studies = _woken(watch)
        with listening(
            context.workspace, context.settings, studies, submit, concurrency=concurrency
        ) as listener:

            def follow(ended: threading.Event) -> None:
                known = studies
                while not ended.wait(LOOK_S):
                    if (now := _woken(watch)) != known:
                        listener.watch(now)
                        known = now

            with background("studies", follow):
                listener.listen(stop)

    return work


def telemetry_part(context: Context) -> Callable[[threading.Event], None]:
    """Return the work of sending telemetry."""

    def work(stop: threading.Event) -> None:
        from storage.telemetry.shipping import shipping

        with shipping(context.workspace, context.settings, say=talk) as counts:
            while not stop.wait(LOOK_S):
                if counts.thread is not None and not counts.thread.is_alive():
                    raise Failed("sending telemetry has ended")

    return work


def _woken(watch: StudyWatch) -> list[Study]:
    return [study for study in watch() if study.spec.triggers]
