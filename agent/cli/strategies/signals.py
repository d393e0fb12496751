"""`qraft signals`: what left, signed, what was held back, and whether a signal is whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from configs import output
from configs.errors import BadInput, Failed, Forbidden
from configs.remedies import Mend
from gate.signals.rules import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.cli.context import Context
    from agent.service.strategies.signals import Signal, VerifiedSignal
    from gate.signals.verifying import Verified

STAGES = click.Choice(["paper", "live"])
NOT_ALLOWED = frozenset({Fault.REVOKED, Fault.APPROVAL})
"""Faults of signals that are as they were signed, and that the gate does not allow."""
FINE = frozenset({Fault.NONE, Fault.REPEATED})
LONGEST_LINE = 2**20


@click.group()
def signals() -> None:
    """See what was published of strategies at paper or live, and verify it.

    Every signal is signed by the machine that published it, and carries the symbols, the bounds and
    the approvals that it stands on.
    """


@signals.command("list", short_help="List what was published or held back.")
@click.argument("strategy", required=False)
@click.option("--stage", type=STAGES, help="Only those of this stage.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--raw", is_flag=True, help="Print the signals' own bytes, a line each.")
@output.as_json
@click.pass_obj
def list_(
    context: Context, *, strategy: str | None, stage: str | None, limit: int, raw: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """List the newest signals that were published or held back, the newest last.

    Example: qraft signals list --stage live
    """
    if raw:
        _print_all_raw(context, strategy, stage, limit)
        return
    from agent.service.strategies.signals import list_signals

    found = list_signals(context, strategy=strategy, stage=stage)
    shown = found[-limit:]

    def show() -> None:
        columns = ["strategy", "stage", "number", "of", "published", "remark"]
        rows = [{**dict(each), "remark": _remark(each)} for each in shown]
        output.print_rows(rows, columns, empty="nothing was published yet")
        if len(found) > limit:
            output.talk(f"{len(found) - limit} older ones; --limit shows more")

    output.write(as_json, shown, show)


@signals.command("show", short_help="Show one signal, whole or not.")
@click.argument("strategy")
@click.option("--stage", type=STAGES, help="At this stage; default wherever it was published last.")
@click.option("--number", type=click.IntRange(min=1), help="This one; default the newest.")
@click.option("--raw", is_flag=True, help="Print the signal's own bytes.")
@output.as_json
@click.pass_obj
def show_(
    context: Context, *, strategy: str, stage: str | None, number: int | None, raw: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Show one signal of STRATEGY: what is to be held, within which bounds, by whose word.

    Example: qraft signals show us_momentum
    """
    from agent.service.strategies.signals import describe_signal, name_of, newest_body, verifier

    name = name_of(context, strategy)
    body = newest_body(context, name, stage=stage, number=number)
    if body is None:
        raise BadInput(
            f"no such signal of {name} was published", remedy=Mend.LIST_SIGNALS(strategy=name)
        )
    if raw:
        _print_raw(body)
        return
    verified = verifier(context).verify(body)
    told = describe_signal(verified)
    output.write(as_json, told, lambda: _show(told))
    _judge([verified])


@signals.command(short_help="Say of signals whether they are whole.")
@click.argument("source", required=False)
@click.option("--topic", type=STAGES, help="The signals that wait in the workspace's spool.")
@output.as_json
@click.pass_obj
def verify(context: Context, *, source: str | None, topic: str | None, as_json: bool) -> None:
    """Verify signals, a line each: from the file SOURCE, from `-`, or by --topic from the spool.

    Each is held against its own bytes and signature, the bounds and approvals that it carries, the
    ones before it, and this workspace's ledger. Exits with 1 where one is not whole, with 3 where
    all are and one was not allowed, with 2 where there is nothing to verify.

    Example: qraft signals verify --topic live
    """
    if (source is None) == (topic is None):
        raise BadInput(
            "name a file of signals, `-` for the input, or --topic, one of them",
            remedy=Mend.VERIFY_SIGNALS(),
        )
    raws = _waiting(context, topic) if topic else _lines(str(source))
    from agent.service.strategies.signals import describe_signal, verifier

    verifies = verifier(context)
    found = [verifies.verify(raw) for raw in raws]
    told = (describe_signal(one).model_dump() for one in found)
    rows = [{"line": number, **one} for number, one in enumerate(told, start=1)]

    def show() -> None:
        columns = ["line", "strategy", "stage", "number", "of", "verdict", "why"]
        output.print_rows(rows, columns, empty="no signals wait there")

    output.write(as_json, rows, show)
    if not found and source is not None:
        raise BadInput(f"there is nothing to verify in {source}")
    _judge(found)


def _judge(found: Sequence[Verified]) -> None:
    """End with the exit code that the worst of them asks for."""
    faults = [one.found.fault for one in found if one.found.fault not in FINE]
    if not faults:
        return
    told = ", ".join(f"{faults.count(fault)} {fault}" for fault in dict.fromkeys(faults))
    what = f"{len(faults)} of {len(found)} signals should not be acted on: {told}"
    if len(faults) == len(found) and set(faults) == {Fault.FORM}:
        raise BadInput(what, hint="a signal is one line, exactly as it was published")
    if set(faults) <= NOT_ALLOWED:
        raise Forbidden(what)
    raise Failed(what)


def _remark(signal: Signal) -> str:
    return f"held back: {'; '.join(signal.held_back)}" if signal.held_back else ""


def _print_all_raw(context: Context, strategy: str | None, stage: str | None, limit: int) -> None:
    """Print the own bytes of signals that were published, the newest last."""
    from agent.service.strategies.signals import entries_of, name_of, read_body
    from gate.signals.told import all_sent

    name = name_of(context, strategy) if strategy else None
    for sent in all_sent(entries_of(context.ledger.entries(), name, stage))[-limit:]:
        _print_raw(read_body(context, sent))


def _print_raw(body: bytes) -> None:
    click.echo(body)


def _waiting(context: Context, stage: str) -> list[bytes]:
    from gate.policy.stages import Stage
    from gate.signals.signal import TOPICS
    from storage.open import open_spool

    spool = open_spool(context.settings, context.workspace)
    try:
        return spool.waiting(TOPICS[Stage(stage)])
    finally:
        spool.close()


def _lines(source: str) -> Iterator[bytes]:
    """Yield the lines of a file, without their ends; one that is too long is no signal anyhow."""
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                if line != b"\n":
                    yield line.removesuffix(b"\n")
    except OSError as error:
        raise BadInput(f"{source} cannot be read", hint=error.strerror) from error


def _show(told: VerifiedSignal) -> None:
    from configs.numbers import percent
    from gate.approval.mandate import read_mandate

    said = told.signal
    if said is None:
        click.echo(f"{told.verdict}: {told.why}")
        return
    output.print_facts(
        {
            "strategy": f"{said['strategy']}, {said['stage']}, number {said['sequence']}",
            "of": said["ts"],
            "valid until": said["valid_until"],
            "run": said["run_id"],
            "may hold": str(read_mandate(said)),
            "cannot be dealt": ", ".join(said["absent"]) or "none is without a bar",
            "approved by": ", ".join(said["approved_by"]) or "nobody",
            "until": said["approval_expires"] or "no end",
            "signed by": said["key"],
            "verdict": " ".join(filter(None, (told.verdict, told.why))),
        }
    )
    rows = [{**each, "weight": percent(each["weight"])} for each in said["targets"]]
    output.print_rows(rows, ["symbol", "weight"], empty="nothing is to be held", title="Targets")
