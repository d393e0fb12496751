"""`qraft signals`: what left, signed, what was held back, and whether a signal is whole."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from configs import output
from configs.errors import BadInput, Failed, Forbidden
from gate.signals.rules import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.cli.context import Context
    from gate.signals.told import Sent
    from gate.signals.verifying import Verified, Verifier
    from storage.ledger import Entry

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
    name = _name_of(context, strategy) if strategy else None
    entries = [e for e in context.ledger.entries() if _is_asked_for(e, name, stage)]
    if raw:
        for sent in _sent(entries)[-limit:]:
            _print_raw(_read(context, sent))
        return
    rows = [_row(entry) for entry in entries[-limit:]]

    def show() -> None:
        columns = ["strategy", "stage", "number", "of", "published", "remark"]
        output.print_rows(rows, columns, empty="nothing was published yet")
        if len(entries) > limit:
            output.talk(f"{len(entries) - limit} older ones; --limit shows more")

    output.write(as_json, rows, show)


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
    name = _name_of(context, strategy)
    found = [
        sent for sent in _sent(context.ledger.entries())
        if sent.strategy == name and stage in {None, sent.stage}
        and number in {None, sent.sequence}
    ]  # fmt: skip
    if not found:
        raise BadInput(
            f"no such signal of {name} was published", next_command=f"qraft signals list {name}"
        )
    body = _read(context, found[-1])
    if raw:
        _print_raw(body)
        return
    verified = _verifier(context).verify(body)
    value = _account(verified)
    output.write(as_json, value, lambda: _show(value))
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
            next_command="qraft signals verify --help",
        )
    raws = _waiting(context, topic) if topic else _lines(str(source))
    verifier = _verifier(context)
    found = [verifier.verify(raw) for raw in raws]
    rows = [{"line": number, **_account(one)} for number, one in enumerate(found, start=1)]

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


def _name_of(context: Context, name: str) -> str:
    from gate.policy.file import shipped_policy
    from gate.strategies.finding import find_to_read
    from gate.strategies.strategies import stand

    return find_to_read(stand(context.ledger.entries(), shipped_policy()), name).strategy


def _is_asked_for(entry: Entry, strategy: str | None, stage: str | None) -> bool:
    from gate.signals.told import REFUSED, SIGNAL

    if entry.kind not in {SIGNAL, REFUSED} or strategy not in {None, entry.body["strategy"]}:
        return False
    return stage is None or stage == _stage_of(entry)


def _stage_of(entry: Entry) -> str:
    return str((entry.body.get("envelope") or entry.body).get("stage", ""))


def _row(entry: Entry) -> dict[str, Any]:
    """Tell an entry; a signal of before they were signed has neither stage nor number."""
    body = entry.body
    envelope = body.get("envelope") or {}
    held_back = "; ".join(body.get("because", []))
    return {
        "strategy": body["strategy"], "stage": _stage_of(entry) or None,
        "number": envelope.get("sequence"), "of": body["ts"], "entry": entry.seq,
        "published": None if held_back else entry.at, "run_id": body["run_id"],
        "held_back": body.get("because", []), "sha256": envelope.get("sha256"),
        "remark": f"held back: {held_back}" if held_back else "",
    }  # fmt: skip


def _sent(entries: Iterable[Entry]) -> list[Sent]:
    from gate.signals.told import all_sent

    return all_sent(entries)


def _read(context: Context, sent: Sent) -> bytes:
    from tasks.live.following.scene import read_kept

    return read_kept(context.lake.store, sent.path, sent.sha256)


def _print_raw(body: bytes) -> None:
    click.echo(body)


def _verifier(context: Context) -> Verifier:
    from gate.approval.clock import now_utc
    from gate.policy.file import shipped_policy
    from gate.signals.verifying import Verifier

    ledger = context.ledger
    return Verifier(ledger.entries(), ledger.trust, shipped_policy(), now_utc())


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


def _account(verified: Verified) -> dict[str, Any]:
    """Tell a signal and what was found of it, as plain values."""
    found = {"verdict": str(verified.found.fault), "why": verified.found.why}
    if verified.envelope is None:
        names = ("strategy", "stage", "number", "of", "sha256", "signal")
        return {**dict.fromkeys(names), **found}
    said = verified.envelope.payload
    return {
        "strategy": said.strategy, "stage": said.stage, "number": said.sequence, "of": said.ts,
        "sha256": verified.envelope.sha256, "signal": verified.envelope.document, **found,
    }  # fmt: skip


def _show(value: dict[str, Any]) -> None:
    from configs.numbers import percent
    from gate.approval.mandate import read_mandate

    said = value["signal"]
    if said is None:
        click.echo(f"{value['verdict']}: {value['why']}")
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
            "verdict": " ".join(filter(None, (value["verdict"], value["why"]))),
        }
    )
    rows = [{**each, "weight": percent(each["weight"])} for each in said["targets"]]
    output.print_rows(rows, ["symbol", "weight"], empty="nothing is to be held", title="Targets")
