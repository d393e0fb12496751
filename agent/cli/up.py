"""`qraft up`: scheduler, listener, clock and telemetry together."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from agent.cli.standing import concurrency_option, metrics_option, stopping, studies_of
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context

PORT = 8082


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
    """Rerun studies by the clock and by events, with Luigi's scheduler to look at, until stopped.

    Without SPEC, the studies that the workspace's settings name: `studies/*.yaml`.

    Example: qraft up --concurrency 2
    """
    from storage.open import prepare_stores

    prepare_stores(context.settings, say=output.talk)
    if prepare:
        return
    from agent.cli.ui import scheduling
    from agent.clock.book import Book
    from agent.clock.loop import Clock
    from agent.runner.metrics import Measured, served
    from agent.runner.pool import RunPool
    from agent.triggers.listening import listening
    from storage.telemetry.shipping import shipping

    studies = studies_of(context, specs)
    workspace, settings = context.workspace, context.settings
    with ExitStack() as open_until_end:
        enter = open_until_end.enter_context
        stop = enter(stopping())
        enter(shipping(workspace, settings, say=output.talk))
        url = enter(scheduling(context, port))
        runs = Measured(enter(RunPool(concurrency)))
        enter(served(runs.registry, metrics_port))
        clock = Clock(workspace, studies, runs.submit, Book(workspace), say=output.talk)
        listener = enter(
            listening(workspace, settings, studies, runs.submit, concurrency=concurrency)
        )
        click.echo(url)
        for study in studies:
            wakers = [trigger.says() for trigger in study.spec.triggers]
            wakers += [f"the clock, {study.spec.schedule.cron}"] if study.spec.schedule else []
            output.talk(f"{study.spec.name}: {'; '.join(wakers) or 'nothing wakes it'}")
        if not studies:
            output.talk("no study: put TaskSpecs with `schedule` or `triggers` into studies/")
        ticking = threading.Thread(target=clock.run, args=(stop,), name="clock")
        ticking.start()
        try:
            listener.listen(stop)
        finally:
            stop.set()
            ticking.join()
    output.talk("stopped")
