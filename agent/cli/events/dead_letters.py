"""`qraft events dead`: events that could not be handled, until a person decides about them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from configs import output
from configs.errors import BadInput
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.cli.context import Context
    from storage.events.boxes import Boxes
    from storage.events.work import Work

SHOWN_BYTES = 2_000
"""Of a letter's bytes, for a person; `--json` has all."""


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which letters are meant."""
    for option in (
        click.option("--reason", "kind", metavar="KIND",
                     help="Of the kind unreadable, bad_input, forbidden, failed, crashed or "
                     "unreachable."),
        click.option("--topic", help="That came on this topic."),
        click.option("--study", help="That this study could not handle."),
    ):  # fmt: skip
        command = option(command)
    return command


def _letters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told the letters, by their ids, or all that the filters leave."""
    command = click.option("--all", "everything", is_flag=True,
                           help="All that the other options leave.")(_filters(command))  # fmt: skip
    return click.argument("letters", nargs=-1, metavar="[ID]...")(command)


@click.group()
def dead() -> None:
    """List, show, replay and drop dead letters: events that could not be handled."""


@dead.command("list")
@_filters
@output.as_json
@click.pass_obj
def list_(context: Context, /, *, as_json: bool, **filters: str | None) -> None:
    """List dead letters, the oldest first.

    Example: qraft events dead list --study us_momentum
    """
    with _boxes(context) as boxes:
        letters = boxes.dead.find(**filters)
    rows = [_row(work) for work in letters]
    columns = ["id", "study", "type", "kind", "tries", "at", "reason"]
    output.write(
        as_json, rows,
        lambda: output.print_rows(
            [row | {"reason": _printable(row["reason"].partition("\n")[0])} for row in rows],
            columns, empty="there are no dead letters", cut=["reason"],
        ),
    )  # fmt: skip


@dead.command()
@click.argument("letter", metavar="ID")
@output.as_json
@click.pass_obj
def show(context: Context, letter: str, *, as_json: bool) -> None:
    """Show the dead letter ID: what came, byte for byte, and why it could not be handled.

    Example: qraft events dead show 17.us_momentum
    """
    with _boxes(context) as boxes:
        (work,) = _named(boxes, [letter])
    value = {
        **_row(work),
        "body": work.body.decode(errors="replace"),
        "body_base64": base64.b64encode(work.body).decode(),
        "kept_bytes": len(work.body),
    }

    def show_letter() -> None:
        facts = {name: value[name] for name in ("id", "study", "event", "topic", "type", "source",
                                                "kind", "tries", "at", "bytes")}  # fmt: skip
        output.print_facts({name: _printable(fact) for name, fact in facts.items()})
        click.echo(_printable(work.reason))
        click.echo(_printable(value["body"][:SHOWN_BYTES]))
        if len(value["body"]) > SHOWN_BYTES:
            output.talk(f"the beginning of {work.bytes} bytes; --json has all that is kept")
        output.talk(f"next: qraft events dead replay {work.id} | qraft events dead drop {work.id}")

    output.write(as_json, value, show_letter)


@dead.command()
@_letters
@output.as_json
@click.pass_obj
def replay(
    context: Context,
    /,
    letters: tuple[str, ...],
    *,
    everything: bool,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Let dead letters wake their studies again, as if they had just come.

    What could not be read is read again; if that fails again, it stays a dead letter.

    Example: qraft events dead replay --all --study us_momentum
    """
    from agent.road.triggers.reading import read

    with _boxes(context) as boxes:
        meant = _meant(boxes, letters, everything, **filters)
        count = boxes.dead.replay([work for work in meant if work.study])
        still = []
        for work in meant:
            if work.study:
                continue
            found = [each.arrived for each in read(work.topic, work.body)]
            if any(each.reason for each in found) or work.bytes > len(work.body):
                still.append(work.id)
                continue
            boxes.inbox.keep(found)
            count += boxes.dead.drop([work])
    value = {"replayed": count, "unreadable": still}

    def say() -> None:
        click.echo(count)
        if still:
            output.talk(f"{len(still)} cannot be read now either: {', '.join(still[:10])}")
        if count:
            output.talk("they wait for whoever listens: qraft events listen, or qraft up")

    output.write(as_json, value, say)


@dead.command()
@_letters
@output.as_json
@click.pass_obj
def drop(
    context: Context,
    /,
    letters: tuple[str, ...],
    *,
    everything: bool,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Drop dead letters for good; told again, they are not heard.

    Example: qraft events dead drop --all --reason unreadable
    """
    with _boxes(context) as boxes:
        meant = _meant(boxes, letters, everything, **filters)
        count = boxes.dead.drop(meant)
    output.write(as_json, {"dropped": count}, lambda: click.echo(count))


def _boxes(context: Context) -> Boxes:
    from storage.events.boxes import Boxes

    return Boxes(context.workspace.home / "events")


def _meant(
    boxes: Boxes, letters: Sequence[str], everything: bool, **filters: str | None
) -> list[Work]:
    """Return the letters that a person named, or all that the filters leave."""
    if bool(letters) == everything or (letters and any(filters.values())):
        raise BadInput(
            "name the letters, or say --all",
            hint="--study, --topic and --reason go with --all",
            remedy=Mend.LIST_DEAD_LETTERS(),
        )
    return boxes.dead.find(**filters) if everything else _named(boxes, letters)


def _named(boxes: Boxes, letters: Sequence[str]) -> list[Work]:
    from configs.errors import did_you_mean

    known = {work.id: work for work in boxes.dead.find()}
    for letter in letters:
        if letter not in known:
            raise BadInput(
                f"there is no dead letter `{letter}`",
                hint=did_you_mean(letter, known) if known else "there are none",
                remedy=Mend.LIST_DEAD_LETTERS(),
            )
    return [known[letter] for letter in dict.fromkeys(letters)]


def _row(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "study": work.study or None,
        "event": work.ident.removeprefix("id:"),
        "topic": work.topic,
        "type": work.type or None,
        "source": work.source or None,
        "kind": work.kind,
        "reason": work.reason,
        "tries": work.tries,
        "at": datetime.fromtimestamp(work.at, tz=UTC),
        "bytes": work.bytes,
    }


def _printable(value: Any) -> Any:
    """Return text that cannot write over the terminal: a stranger wrote it."""
    if not isinstance(value, str):
        return value
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in value)
