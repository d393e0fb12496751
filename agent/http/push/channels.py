"""Channels: what happens, in an order that lasts.

A cursor names a place in what lasts (a ledger's entry, a byte of a log, an event of a run), not in
this process's memory. So whoever comes back, also after this process was killed, goes on where they
were, without a hole and without hearing anything twice.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.service.service import Service

AT_ONCE: Final = 500
LOG_BYTES: Final = 256 << 10
_RUN: Final = re.compile(r"run\.([0-9a-z]{1,40})")
_SOURCE: Final = re.compile(r"source\.([a-z][a-z0-9_]{0,63})")
_SIGNALS: Final = ("signal", "signal_refused")


class Item(NamedTuple):
    """Something that happened; `cursor` goes on after it."""

    cursor: str
    value: Any


Read = "Callable[[Service, str | None], list[Item]]"
"""Returns what happened after a cursor; from the beginning, or what is now, after none."""


def _whole(after: str | None, name: str) -> int:
    if after is None:
        return 0
    if not after.isdigit() or len(after) > 18:
        raise BadInput(f"`{after[:40]}` is no cursor of `{name}`")
    return int(after)


def _of_ledger(kinds: tuple[str, ...], tell: Callable[[Any], Any]) -> Any:
    def read(service: Service, after: str | None) -> list[Item]:
        first = _whole(after, kinds[0])
        found = [
            Item(str(entry.seq + 1), tell(entry))
            for entry in service.ledger.entries()[first:]
            if entry.kind in kinds
        ]
        return found[-AT_ONCE:] if after is None else found[:AT_ONCE]

    return read


def _signal(entry: Any) -> Any:
    from agent.service.strategies.signals import tell_entry

    return tell_entry(entry).model_dump(mode="json")


def _finished(entry: Any) -> Any:
    """Tell of runs that ended: their patterns can be asked for now."""
    return {
        "at": entry.at, "entry": entry.seq,
        "runs": [
            {"run_id": each["run_id"], "status": each["status"]}
            for each in entry.body.get("outcomes", [])
        ],
    }  # fmt: skip


def _log(service: Service, after: str | None) -> list[Item]:
    """Read lines of telemetry; a cursor is a byte of the file."""
    path = service.workspace.home / "telemetry.jsonl"
    try:
        size = path.stat().st_size
    except OSError:
        return []
    start = _whole(after, "logs") if after is not None else max(0, size - LOG_BYTES)
    if start > size:
        start = 0  # the file was begun anew
    with path.open("rb") as file:
        file.seek(start)
        raw = file.read(LOG_BYTES)
    if after is None and start:
        cut = raw.find(b"\n") + 1
        raw, start = raw[cut:], start + cut
    found = []
    for line in raw.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        start += len(line)
        try:
            found.append(Item(str(start), json.loads(line)))
        except ValueError:
            continue
    return found[-AT_ONCE:] if after is None else found


def _now(ask: Callable[[Service], Any]) -> Any:
    """A channel of what is: told once, and again whenever it has become something else."""

    def read(service: Service, after: str | None) -> list[Item]:
        import hashlib

        value = ask(service)
        said = json.dumps(value, sort_keys=True, default=str).encode()
        cursor = hashlib.sha256(said).hexdigest()[:16]
        return [] if cursor == after else [Item(cursor, value)]

    return read


def _processes(service: Service) -> Any:
    from agent.service.health import list_processes

    return [each.model_dump(mode="json") for each in list_processes(service)]


def _status(service: Service) -> Any:
    from agent.service.health import show_inbox

    inbox = show_inbox(service)
    return {
        "head": service.ledger.head().seq,
        "inbox": inbox.model_dump(mode="json", exclude={"oldest_waiting_s"}) if inbox else None,
    }


def _source(service: Service, name: str) -> Any:
    from agent.service.sources import show_source

    return show_source(service, name).model_dump(mode="json")


def _opportunities(service: Service) -> Any:
    from agent.service.strategies.opportunities import list_opportunities

    return [each.model_dump(mode="json") for each in list_opportunities(service)]


CHANNELS: Final[dict[str, Any]] = {
    "system.status": _now(_status),
    "system.processes": _now(_processes),
    "logs": _log,
    "patterns": _of_ledger(("outcome",), _finished),
    "signals": _of_ledger(_SIGNALS, _signal),
    "opportunities": _now(_opportunities),
}
"""Beside them there are `run.ID` for each run that was started, and `source.NAME`."""
SNAPSHOTS: Final = frozenset({"system.status", "system.processes", "opportunities"})
"""Channels of what is, not of what happens."""


def is_snapshot(name: str) -> bool:
    """Whether a channel tells of what is, not of what happens."""
    return name in SNAPSHOTS or _SOURCE.fullmatch(name) is not None


def channel(name: str) -> Any:
    """Return how a channel is read.

    Raises
    ------
    BadInput
        If there is none of that name.
    """
    if found := _RUN.fullmatch(name):
        return _run(found[1])
    if found := _SOURCE.fullmatch(name):
        return _now(lambda service: _source(service, found[1]))
    if name not in CHANNELS:
        raise BadInput(f"there is no channel `{name[:60]}`", hint=did_you_mean(name, CHANNELS))
    return CHANNELS[name]


def _run(ident: str) -> Any:
    def read(service: Service, after: str | None) -> list[Item]:
        from agent.service.runs.apart import events_of

        first = _whole(after, "run")
        events = events_of(service, ident)[first : first + AT_ONCE]
        return [Item(str(event.number), event.model_dump(mode="json")) for event in events]

    return read
