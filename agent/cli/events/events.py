"""`qraft events`: tell of something, listen, and look at what could not be handled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from agent.cli.events.dead_letters import dead
from agent.cli.serving.standing import concurrency_option, metrics_option, stopping, studies_of
from configs import output
from configs.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.context import Context
    from storage.events.envelope import Event


@click.group()
def events() -> None:
    """Publish events, let them run studies, and see to those that could not be handled."""


events.add_command(dead)


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

    When this returns, the event is kept, and will be told until it is known to have arrived: now,
    or by whichever command of this workspace runs when the bus is back.

    Example: qraft events publish custom.rebalance --payload '{"reason": "month end"}'
    """
    from agent.service.events import publish_event
    from storage.events.envelope import Event

    told = publish_event(
        context, type_, source=source, payload=_payload(payload), event_id=event_id
    )
    if not told.new:
        output.talk(f"an event with the id {told.event_id} was told before: it wakes nothing again")
    if told.later:
        output.talk(f"the event is kept and told later: {told.later}")
    event = Event.model_validate(told.model_dump(include=set(Event.model_fields)))
    output.talk(_who_waits(context, event))
    output.write(as_json, told, lambda: click.echo(told.event_id))


@events.command()
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@concurrency_option
@click.option("--attempts", type=click.IntRange(1, 100), default=5, show_default=True,
              help="Times a failing event is tried, within an hour or more, until it is put aside."
              )  # fmt: skip
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
    is done; what waits is in the inbox. What cannot be handled: qraft events dead list.

    Example: qraft events listen --concurrency 2
    """
    from agent.road.runner.metrics import Measured, served
    from agent.road.runner.pool import RunPool
    from agent.road.triggers.listening import listening

    studies = [study for study in studies_of(context, specs) if study.spec.triggers]
    if not studies:
        raise BadInput(
            "no study has `triggers`",
            hint="put some into a TaskSpec, as\n  triggers: [{on: file_arrived}]\n"
            "and the file into studies/, or name it",
        )
    with stopping() as stop, RunPool(concurrency) as pool:
        runs = Measured(pool)
        for study in studies:
            for trigger in study.spec.triggers:
                output.talk(f"{study.spec.name} listens to {trigger.says()}")
        with (
            served(runs.registry, metrics_port),
            listening(
                context.workspace, context.settings, studies, runs.submit,
                concurrency=concurrency, attempts=attempts,
            ) as listener,
        ):  # fmt: skip
            listener.listen(stop)


def _payload(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the payload is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput("the payload must be a JSON object", hint='as {"symbol": "AAPL"}')
    return value


def _who_waits(context: Context, event: Event) -> str:
    """Say which studies of the workspace an event wakes; other workspaces may have some."""
    from agent.road.studies import watched_studies
    from agent.road.triggers.matching import wakes
    from configs.errors import did_you_mean
    from taskspecs.rerunning import CUSTOM, EVENT_TYPES

    studies = watched_studies(context.workspace, context.settings, say=output.talk)
    named = [study for study in studies if any(t.on == event.type for t in study.spec.triggers)]
    woken = [
        s.spec.name for s in named if any(wakes(t, event, s.spec.name) for t in s.spec.triggers)
    ]
    if woken:
        return f"it wakes {', '.join(woken)}, once `qraft events listen` or `qraft up` runs"
    if named:
        names = ", ".join(study.spec.name for study in named)
        return f"no study of this workspace is woken: the conditions of {names} do not hold"
    heard = sorted({trigger.on for study in studies for trigger in study.spec.triggers})
    said = f"no study in {' and '.join(context.settings.studies)} waits for {event.type}"
    said += f"; they wait for {', '.join(heard)}" if heard else ""
    if event.type not in EVENT_TYPES and not event.type.startswith(CUSTOM):
        said += f"; none could: {did_you_mean(event.type, EVENT_TYPES)}, {CUSTOM}..."
    return said
