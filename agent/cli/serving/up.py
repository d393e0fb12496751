"""`qraft up`: scheduler, listener, clock, live sources and telemetry, each kept running."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from agent.cli.serving.standing import concurrency_option, metrics_option, stopping, watch_of
from configs import output

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

    from agent.cli.context import Context
    from agent.road.runner.metrics import Measured
    from agent.road.studies import StudyWatch
    from agent.road.supervision.health import Health
    from agent.road.supervision.part import Part

PORT = 8082
LEAVE_S, WAIT_S = 30.0, 0.05
SCHEDULER_S = 30.0
"""Seconds that the first runs wait for the scheduler, so that its pages show them."""


@click.command()
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True,
              help="Of Luigi's scheduler.")  # fmt: skip
@click.option("--prepare", is_flag=True, help="Set up the stores that the settings name, and end.")
@concurrency_option
@metrics_option
@click.pass_obj
def up(
    context: Context,
    specs: tuple[str, ...],
    *,
    port: int,
    prepare: bool,
    concurrency: int,
    metrics_port: int | None,
) -> None:
    """Rerun studies by the clock and by events, and run live sources, until stopped.

    Without SPEC, the studies that the workspace's settings name: `studies/*.yaml`; the sources are
    `sources/*.yaml`, each a process. Luigi's scheduler is there to look at. What is added,
    changed or removed there is seen. A part that fails is begun anew. On this machine alone,
    /metrics, /healthz and /readyz are served. SIGTERM or Ctrl-C lets what runs end; again, ends it.

    Example: qraft up --concurrency 2
    """
    from storage.open import prepare_stores

    if prepare:
        prepare_stores(context.settings, say=output.talk)
        return
    with output.logging():
        _run(context, specs, port, concurrency, metrics_port)


def _run(
    context: Context, specs: tuple[str, ...], port: int, concurrency: int, metrics_port: int | None
) -> None:
    from agent.checkup.servers import READINESS
    from agent.cli.serving.parts import (
        SchedulerPart,
        check_settings,
        clock_part,
        listener_part,
        preparing_part,
        telemetry_part,
    )
    from agent.live.measuring import StreamMetrics
    from agent.live.supervising import Sources, projector_part
    from agent.road.runner.metrics import Measured, served
    from agent.road.runner.pool import RunPool
    from agent.road.studies import wakers
    from agent.road.supervision.announcing import announced
    from agent.road.supervision.health import Health, Stores
    from agent.road.supervision.part import Part

    check_settings(context)
    watch = watch_of(context, specs)
    with ExitStack() as open_until_end:
        enter = open_until_end.enter_context
        stop = enter(stopping())
        stores = Stores({name: partial(ask, context) for name, ask in READINESS.items()})
        health = Health(stores)
        runs = Measured(enter(RunPool(concurrency)))
        runs.registry.register(_gauges(context, watch, health))
        runs.registry.register(StreamMetrics(context.workspace))
        server = enter(served(runs.registry, metrics_port or 0, health=health))
        enter(announced(context.workspace, server.url))
        scheduler = SchedulerPart(context, port)
        parts = [
            Part("scheduler", scheduler.work, stop, fresh_s=90.0),
            Part("preparing", preparing_part(context), stop),
            Part("telemetry", telemetry_part(context), stop),
            Part("stores", stores.look, stop, fresh_s=60.0),
            Part("clock", clock_part(context, watch, runs.submit), stop),
            Part("listener", listener_part(context, watch, runs.submit, concurrency), stop),
            Part("sources", Sources(context.workspace).work, stop, fresh_s=90.0),
            Part("projector", projector_part(context.workspace), stop),
        ]
        for part in parts:
            part.start()
            if part.name == "scheduler" and scheduler.up.wait(SCHEDULER_S):
                click.echo(scheduler.url)
        output.talk(f"health and metrics at {server.url}: /healthz, /readyz, /metrics")
        for study in watch():
            output.talk(f"{study.spec.name}: {wakers(study)}")
        if not watch():
            output.talk("no study: put TaskSpecs with `schedule` or `triggers` into studies/")
        health.watch(stop)
        _end(parts, runs)
    output.talk("stopped")


def _end(parts: list[Part], runs: Measured) -> None:
    """Wait for the parts to end, as long as anything runs; one that hangs is left behind."""
    for part in parts:
        part.pulse.set()
    idle_until = time.monotonic() + LEAVE_S
    while left := [part.name for part in parts if part.lives()]:
        if runs.running:
            idle_until = time.monotonic() + LEAVE_S
        elif time.monotonic() > idle_until:
            output.talk(f"left behind, for it does not end: {', '.join(left)}", "error")
            return
        time.sleep(WAIT_S)


def _gauges(context: Context, watch: StudyWatch, health: Health) -> Collector:
    """Return what Prometheus is told of clock, events, parts and stores."""
    from agent.road.clock.book import Book
    from agent.road.clock.standing import standings
    from agent.road.runner.state_metrics import StateMetrics
    from storage.events.boxes import state_in

    book = Book(context.workspace)
    return StateMetrics(
        health,
        lambda: standings(watch(), book, datetime.now(UTC)),
        lambda: state_in(context.workspace.home / "events"),
    )
