"""`qraft events`: tell of something, and listen."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from agent.cli.standing import concurrency_option, metrics_option, stopping, studies_of
from configs import output
from configs.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.group()
def events() -> None:
    """Publish events, and let them run studies."""


@events.command()
@click.argument("type_", metavar="TYPE")
@click.option("--source", default="person", show_default=True, help="Who tells it.")
@click.option("--payload", default="{}", metavar="JSON", help="What is known of it.")
@click.option("--id", "event_id", help="Its id; default one that follows from its content.")
@output.as_json
@click.pass_obj
def publish(
    context: Context, type_: str, *, source: str, payload: str, event_id: str | None, as_json: bool
) -> None:
    """Tell of an event of TYPE, as drift_detected or custom.rebalance.

    When this returns, the bus has it.

    Example: qraft events publish custom.rebalance --payload '{"reason": "month end"}'
    """
    from storage.events.envelope import EVENTS, make_event, to_bytes
    from storage.open import open_bus

    known = _payload(payload)
    try:
        event = make_event(type_, source, known, event_id=event_id)
    except ValueError as error:
        raise BadInput(f"`{type_}` is not an event's type", hint="as drift_detected") from error
    bus = open_bus(context.settings, context.workspace)
    try:
        bus.publish(EVENTS, [to_bytes(event)])
    finally:
        bus.close()
    output.write(as_json, event.model_dump(mode="json"), lambda: click.echo(event.event_id))
    output.talk(_who_waits(context, type_))


def _who_waits(context: Context, type_: str) -> str:
    """Say which studies of the workspace an event wakes, once a listener has it."""
    from agent.studies import watched_studies

    studies = watched_studies(context.workspace, context.settings, say=output.talk)
    waiting = [s.spec.name for s in studies if any(t.on == type_ for t in s.spec.triggers)]
    if waiting:
        return f"told; it wakes {', '.join(waiting)}, once `qraft events listen` or `up` runs"
    known = sorted({trigger.on for study in studies for trigger in study.spec.triggers})
    others = f"; they wait for {', '.join(known)}" if known else ""
    return (
        f"told, and no study in {' and '.join(context.settings.studies)} waits for {type_}{others}"
    )


@events.command()
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@concurrency_option
@click.option("--attempts", type=click.IntRange(1, 100), default=5, show_default=True,
              help="Times an event is tried before it is put aside.")  # fmt: skip
@metrics_option
@click.pass_obj
def listen(
    context: Context,
    specs: tuple[str, ...],
    *,
    concurrency: int,
    attempts: int,
    metrics_port: int | None,
) -> None:
    """Run studies when events match their `triggers`, until stopped.

    Without SPEC, the studies that the workspace's settings name: `studies/*.yaml`. Files put into
    the workspace's `data/` folder are told as file_arrived. Ctrl-C or SIGTERM stops when what runs
    is done; what waits comes again.

    Example: qraft events listen --concurrency 2
    """
    from agent.runner.metrics import Measured, served
    from agent.runner.pool import RunPool
    from agent.triggers.listener import Listener
    from agent.triggers.memory import Memory
    from agent.triggers.promotions import telling_promotions
    from agent.triggers.watching import watching
    from storage.open import open_bus

    studies = [study for study in studies_of(context, specs) if study.spec.triggers]
    if not studies:
        raise BadInput(
            "no study has `triggers`",
            hint="put some into a TaskSpec, as\n  triggers: [{on: file_arrived}]\n"
            "and the file into studies/, or name it",
        )
    with (
        stopping() as stop,
        RunPool(concurrency) as pool,
        closing(open_bus(context.settings, context.workspace)) as bus,
        closing(Memory(context.workspace.home / "events")) as memory,
        watching(context.workspace.data, bus, stop),
        telling_promotions(context.workspace, context.settings, bus),
    ):
        runs = Measured(pool)
        for study in studies:
            for trigger in study.spec.triggers:
                output.talk(f"{study.spec.name} listens to {trigger.says()}")
        with served(runs.registry, metrics_port):
            Listener(
                bus, studies, runs.submit, memory, workspace=str(context.workspace.root),
                say=output.talk, concurrency=concurrency, attempts=attempts,
            ).listen(stop)  # fmt: skip


def _payload(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadInput(f"the payload is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput("the payload must be a JSON object", hint='as {"symbol": "AAPL"}')
    return value
