"""What a colleague may do who can write to the store, knows the format, and holds no key."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.fault.protocol.world import IN_MODEL, NAMES, PEOPLE
from tests.forging import canonical, forge, forge_signed, name_of, newest, own_key
from tests.office import Office, public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fault.protocol import model
    from tests.fault.protocol.world import World

HEX = "0" * 64


@cache
def elsewhere() -> tuple[dict[str, Any], ...]:
    """The lines of another ledger, of the same people and machines, on which all went well."""
    office = Office()
    office.reaches_live()
    return tuple(json.loads(entry.to_json()) for entry in office.ledger.entries())


def wish(world: World, kind: str, name: str, person: str, book: model.Book) -> dict[str, Any]:
    """What a forger would write of a kind to get the most of it, as the ledger is now."""
    eve, private = own_key()
    seq, head = newest(world.store)
    policy = book.policy or IN_MODEL["first"]
    stand = book.stands.get(name)
    to = "live" if stand and stand.stage in {"paper", "live"} else "paper"
    digests = dict(stand.digests) if stand else dict.fromkeys(
        ("spec", "code", "data", "evidence"), "x")  # fmt: skip
    halt, time = book.halted, book.time or world.now
    said = {
        "strategy": name, "to": to, "run_id": "r1", "digests": digests, "policy": policy.asks[to],
        "head_seq": seq, "head_hash": head, "by": person, "reason": "trust me",
        "given": time.isoformat(), "expires": (time + timedelta(days=20)).isoformat(),
        **({"mandate": stand.mandate} if stand and stand.mandate else {}),
    }  # fmt: skip

    def sworn(body: dict[str, Any]) -> dict[str, Any]:
        full = {**body, "by": person, "key": policy.keys.get(person, eve)}
        message = canonical({**full, "purpose": f"qraft {kind} 1", "ledger": HEX})
        return {**full, "signature": private.sign(message.encode()).hex()}

    checked = [
        {"name": check, "figure": 1e6, "bound": "at least", "threshold": least, "passed": True}
        for check, least in policy.checks[to].items()
    ]
    move = {"strategy": name, "reason": "go", "policy": policy.asks[to]}
    document = {**_document(), "keys": {"eve": eve}}
    return {
        "proposal": {"strategy": name, "run_id": "r1", "stage": "dryrun", "proposer": "ann",
                     "evidence": {"figures": {"leak_clean": 1.0, "paper_bars": 1e6, "bars": 1e6},
                                  "keys": {}, **world.running}},
        "check": {"strategy": name, "run_id": "r1", "to": to, "verdict": "held",
                  "digests": digests, "policy": policy.asks[to], "results": checked},
        "approval": {"strategy": name, "to": to, "statement": said,
                     "key": policy.keys.get(person, eve), "signature": "00" * 64},
        "promotion": {**move, "to": to},
        "resumption": sworn({"strategy": "*", "reason": "go", "halt": halt.seq if halt else 0,
                             "halt_hash": halt.hash if halt else ""}),
        "halt": {"strategy": "*", "reason": "panic"},
        "rejection": {**move, "to": "rejected"},
        "paper": {"strategy": name, "run_id": "r1", "figures": {"paper_bars": 1e6}},
        "policy": {"version": book.version + 1, "previous": book.policy.digest if book.policy
                   else "", "document": document, "reason": "better"},
        "policy_signature": sworn({"version": book.version + 1, "digest": HEX, "reason": "yes",
                                   "previous": book.policy.digest if book.policy else ""}),
        "runner": sworn({"name": "eve-host", "runner": eve, "reason": "mine"}),
        "revocation": sworn({"revoked": public_key("bob"), "since": 1, "reason": "all"}),
        "clock": sworn({"head_seq": seq, "head_hash": head, "reason": "back",
                        "now": "2026-01-01T00:00:00.000000+00:00"}),
        "migration": {"head_seq": seq, "head_hash": head, "document": document, "reason": "anew"},
    }[kind]  # fmt: skip


KINDS = (
    "proposal", "check", "approval", "promotion", "resumption", "halt", "rejection", "paper",
    "policy", "policy_signature", "runner", "revocation", "clock", "migration",
)  # fmt: skip


def write(world: World, kind: str, body: dict[str, Any], way: str, pick: int) -> None:
    """Write a line in one of the ways that need no key."""
    lines = _lines(world)
    real = lines[pick % len(lines)]
    if way == "by own key":
        seq, _ = newest(world.store)
        world.by_own_key.add(name_of(seq + 1))
        forge_signed(world.store, kind, body, json.loads(lines[0])["hash"])
    elif way == "by a stolen signature":
        value = json.loads(real)
        signed = {"key": value.get("key", ""), "signature": value.get("signature", "")}
        forge(world.store, kind, body, **(signed if signed["key"] else {}))
    else:
        at = {"now": world.now, "ahead": world.now.replace(year=2031)}.get(way)
        forge(world.store, kind, body, **({"at": at.isoformat(timespec="microseconds")}
                                          if at else {}))  # fmt: skip


WAYS = ("unsigned", "now", "ahead", "by own key", "by a stolen signature")


def replay(world: World, pick: int, change: Callable[[dict[str, Any]], None] | None) -> None:
    """Write an honest line again at the end, chained anew, its runner's signature kept or not."""
    lines = _lines(world)
    value = json.loads(lines[pick % len(lines)])
    _again(world, value, keep=bool(pick % 2), change=change)


def replay_newest(world: World, kind: str) -> None:
    """The newest honest line of a kind, without its runner's signature."""
    said = [value for value in map(json.loads, _lines(world)) if value["kind"] == kind]
    if said:
        _again(world, said[-1], keep=False, change=None)


def replay_from_elsewhere(world: World, pick: int) -> None:
    """The same with a line of another ledger."""
    lines = elsewhere()
    for line in lines:
        body = line["body"]
        if line["kind"] == "approval" and body["signature"]:  # the person did sign that
            said = {"purpose": "qraft approval 1", **body["statement"]}
            world.signed[body["signature"]] = (said["by"], said)
    _again(world, dict(lines[pick % len(lines)]), keep=bool(pick % 2), change=None)


JUNK = {
    "nothing": b"", "a brace": b"{", "null": b"null", "depth": b"[" * 5_000, "bytes": b"\xff",
    "a number": b'{"seq": 1}',
}  # fmt: skip


def plant_junk(world: World, raw: bytes) -> None:
    seq, _ = newest(world.store)
    world.store.put_new(name_of(seq + 1), raw)


CHANGES: dict[str, Callable[[dict[str, Any]], None] | None] = {
    "as it is": None,
    "other strategy": lambda body: _swap(body, "strategy", NAMES),
    "other person": lambda body: _swap(body, "by", PEOPLE),
    "to live": lambda body: _set(body, "to", "live"),
    "for longer": lambda body: _set(body, "expires", "2030-01-01T00:00:00+00:00"),
}


def _again(
    world: World, value: dict[str, Any], *, keep: bool,
    change: Callable[[dict[str, Any]], None] | None,
) -> None:  # fmt: skip
    if not isinstance(value.get("body"), dict) or not isinstance(value.get("kind"), str):
        return
    body = json.loads(json.dumps(value["body"]))
    if change:
        change(body)
    signed = {name: value[name] for name in ("key", "signature") if keep and value.get(name)}
    forge(world.store, value["kind"], body, at=value["at"], actor=str(value["actor"]), **signed)


def _lines(world: World) -> list[bytes]:
    content = world.store.copy()
    lines = [content[path] for path in sorted(content) if path.startswith("ledger/")]
    return [raw for raw in lines if raw.startswith(b'{"actor"')]


def _swap(body: dict[str, Any], name: str, values: tuple[str, ...]) -> None:
    for place in (body, body.get("statement", {})):
        if place.get(name) in values:
            place[name] = values[1 - values.index(place[name])]


def _set(body: dict[str, Any], name: str, value: str) -> None:
    for place in (body, body.get("statement", {})):
        if name in place:
            place[name] = value


def _document() -> dict[str, Any]:
    from gate.policy.in_force import document_of
    from tests.fault.protocol.world import POLICIES

    return document_of(POLICIES["first"])
