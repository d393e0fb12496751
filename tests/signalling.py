"""An office that publishes signals, and everything a forger may write in their place."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate.policy.stages import Stage
from gate.signals.authority import Authority, authorise, granted
from gate.signals.envelope import read_envelope, seal, signed_bytes
from gate.signals.signal import Signal
from gate.signals.told import SIGNAL
from gate.signals.verifying import Verifier
from tests.forging import canonical, own_key
from tests.office import MANDATE, STUDY, Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.ledger.runner import Runner

SCRIPT = Path(__file__).parents[1] / "scripts" / "consume_signals.py"
TARGETS = (("AAPL", 0.5), ("IBM", 0.25))


def load_consumer() -> Any:
    spec = importlib.util.spec_from_file_location("consume_signals", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Desk:
    """A strategy at live, and what publishes its signals."""

    def __init__(self, office: Office | None = None) -> None:
        self.office = office or Office()
        if office is None:
            self.office.reaches_live()
        self.sequence = 0

    @property
    def runner(self) -> Runner:
        return self.office.ledger.runner

    @property
    def key(self) -> str:
        return self.runner.public

    def authority(self, name: str = STUDY) -> Authority:
        office = self.office
        entries = office.ledger.entries()
        if office.standing(name).stage is Stage.LIVE:
            return authorise(entries, office.policy, name, office.running, office.now)
        return granted(entries, office.standing(name))

    def signal(self, name: str = STUDY, **changed: Any) -> Signal:
        """Return the next signal, not signed yet."""
        now = self.office.tick()
        self.sequence += 1
        ts = now - timedelta(minutes=1)
        usual = Signal(
            ledger=self.office.ledger.id, strategy=name, stage=self.office.standing(name).stage,
            run_id="r1", sequence=self.sequence, ts=ts, valid_until=ts + timedelta(days=4),
            published_at=now, targets=TARGETS, absent=(), mandate=MANDATE,
            digests=self.office.running, kept_at="signals/x.json", authority=self.authority(name),
        )  # fmt: skip
        return replace(usual, **changed)

    def publish(self, name: str = STUDY, **changed: Any) -> bytes:
        """Sign the next signal and tell the ledger of it."""
        return self.tell(seal(self.signal(name, **changed), self.runner))

    def tell(self, raw: bytes) -> bytes:
        envelope = read_envelope(raw)
        said = envelope.payload
        body = {
            "strategy": said.strategy, "ts": said.ts, "run_id": said.run_id, "path": said.scores,
            "sha256": "0" * 64,
            "envelope": {"stage": said.stage, "sequence": said.sequence, "path": "signals/e.json",
                         "sha256": envelope.sha256},
        }  # fmt: skip
        self.office.ledger.append(SIGNAL, body, actor="run")
        return raw

    def verifier(self, now: Any = None) -> Verifier:
        ledger = self.office.ledger
        return Verifier(ledger.entries(), ledger.trust, self.office.policy, now or self.office.now)


def signed(payload: dict[str, Any], runner: Runner) -> bytes:
    """Sign whatever a payload says, as one who has the runner's key could."""
    said = {**payload, "key": runner.public}
    return wrap({**said, "signature": runner.sign(signed_bytes(said))})


def wrap(payload: dict[str, Any]) -> bytes:
    """Put a payload into its envelope, well written."""
    names = ("idempotency_key", "strategy", "ts")
    event_id, source, ts = (payload.get(name) for name in names)
    return canonical(
        {"event_id": event_id, "type": "signal", "source": source, "ts": ts, "payload": payload,
         "meta": {"version": 1}}
    ).encode()  # fmt: skip


ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, -0.25, "", "*", "live", "x" * 600, [], {}, [[[]]],
    {"a": {"b": []}}, "\u202elive", "2099-01-01T00:00:00+00:00", 0, 1,
)  # fmt: skip
SPELLINGS = (
    "0.50", "5e-1", "0.5e0", "00.5", "+0.5", ".5", "0.5 ", "NaN", "Infinity", "-Infinity", "1e999",
    "true", "null", '"0.5"', "0.50000000000000000000000001", "5E-1", "1", "0x1", "1_0", "٠.٥",
)  # fmt: skip


def misspelt(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """The same signal in other bytes."""
    for spelling in SPELLINGS:
        yield f"0.5 as {spelling}", raw.replace(b'"weight":0.5', f'"weight":{spelling}'.encode(), 1)
    for part in (0.0, 0.1, 0.5, 0.9):
        yield f"truncated at {part}", raw[: int(len(raw) * part)]
    yield "one byte short", raw[:-1]
    yield "a space more", raw + b" "
    yield "a line more", raw + b"\n"
    yield "spaced", json.dumps(json.loads(raw), sort_keys=True, ensure_ascii=False).encode()
    yield (
        "reordered",
        json.dumps(
            dict(reversed(json.loads(raw).items())), separators=(",", ":"), ensure_ascii=False
        ).encode(),
    )
    yield "escaped", raw.replace(b"AAPL", b"\\u0041APL", 1)
    yield "a key twice", raw.replace(b'"weight":0.5', b'"weight":0.9,"weight":0.5', 1)
    yield "a key twice, last", raw.replace(b'"weight":0.5', b'"weight":0.5,"weight":0.9', 1)
    yield "the payload twice", raw.replace(b'{"event_id"', b'{"payload":{},"event_id"', 1)
    yield "in an array", b"[" + raw + b"]"
    yield "two in one", raw + raw
    yield "in UTF-16", raw.decode().encode("utf-16")
    yield "with a mark", b"\xef\xbb\xbf" + raw
    yield "no text", b"\xff" + raw
    yield "deep", b"[" * 100_000
    yield "long", raw + b" " * 300_000
    yield "a lone surrogate", raw.replace(b"AAPL", b"\\ud800", 1)
    for number in range(0, len(raw), max(1, len(raw) // 60)):
        flipped = bytes([*raw[:number], raw[number] ^ 1, *raw[number + 1 :]])
        yield f"a bit of byte {number}", flipped


def changed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a payload, however deep, taken away, doubled or replaced."""
    for number, place in enumerate(_places(document)):
        for name, edit in (
            ("without", lambda inner, step: inner.pop(step)),
            ("odd", lambda inner, step, n=number: _replace(inner, step, n)),
        ):
            other = copy.deepcopy(document)
            inner = other
            for step in place[:-1]:
                inner = inner[step]
            edit(inner, place[-1])
            yield f"{name} {place}", other
    yield "a field more", {**document, "sudo": True}


def _replace(inner: Any, step: Any, number: int) -> None:
    before = inner[step]
    candidates = (*ODD[number % len(ODD) :], *ODD)
    inner[step] = next(x for x in candidates if canonical(x) != canonical(before))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in steps:
        yield (*path, name)
        if isinstance(inner, dict | list) and len(path) < 4:
            yield from _places(inner, (*path, name))


def eve() -> Any:
    """A runner of the forger's own."""
    from storage.ledger.runner import Runner

    return Runner(own_key()[1])
