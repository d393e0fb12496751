"""The envelope of a signal: its bytes, its signature, and how strictly it is read. Pure.

The bytes are canonical JSON and nothing else: keys sorted and named once, no spaces, numbers as
Python writes them. So equal signals are equal bytes, and what was written another way was not
written by Qraft. The signature is over the payload without itself, under a purpose of its own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError

from configs.errors import BadInput
from configs.keys.public import RunnerKey, signature_fits
from gate.signals.signal import key_of
from storage.events.envelope import LARGEST_BYTES
from storage.ledger.bodies.decisions import Statement
from storage.ledger.bodies.forms import Exact, Name, Text
from storage.ledger.bodies.research import Mandate
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from gate.signals.signal import Signal
    from storage.ledger.runner import Runner

TYPE: Final = "signal"
PURPOSE: Final = "qraft signal 1"
"""Begins what is signed, so that no signature made for something else fits a signal."""
META: Final = {"version": 1}


def _is_utc(text: str) -> str:
    try:
        written = datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except OverflowError:
        written = ""
    if written != text:
        raise ValueError("not a time in UTC in the one way to write it")
    return text


def _is_float(value: object) -> object:
    if type(value) is not float:
        raise ValueError("not a number with a decimal point")
    return value


def _is_int(value: object) -> object:
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


Time = Annotated[str, StringConstraints(max_length=40), AfterValidator(_is_utc)]
Weight = Annotated[float, BeforeValidator(_is_float)]
Whole = Annotated[int, BeforeValidator(_is_int)]
Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Signed = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class Target(Exact):
    """What is to be held of one symbol."""

    symbol: Name
    weight: Weight


class Given(Exact):
    """An approval, as it was said and signed."""

    statement: Statement
    key: Text
    signature: Text


class Bounds(Mandate):
    """The mandate; its numbers are written as numbers with a decimal point."""

    gross: Annotated[float, Field(gt=0), BeforeValidator(_is_float)]
    weight: Annotated[float, Field(gt=0), BeforeValidator(_is_float)]


class Payload(Exact):
    """What a signal says; see :class:`gate.signals.signal.Signal`."""

    version: Annotated[Literal[1], BeforeValidator(_is_int)]
    ledger: Sha
    strategy: Name
    stage: Literal["paper", "live"]
    run_id: Name
    sequence: Annotated[Whole, Field(ge=1)]
    ts: Time
    valid_until: Time
    published_at: Time
    targets: list[Target]
    absent: list[Name]
    mandate: Bounds
    spec: Sha
    code: Sha
    data: Sha
    scores: Name
    approval: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
    approvals: list[Given]
    approved_by: list[Name]
    approval_expires: Text
    idempotency_key: Name
    key: RunnerKey
    signature: Signed


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signal as it was read.

    Attributes
    ----------
    raw
        Its bytes.
    payload
        What it says, typed.
    document
        The same, as JSON values.
    """

    raw: bytes
    payload: Payload
    document: dict[str, Any]

    @property
    def sha256(self) -> str:
        """By which the ledger knows it."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def signed(self) -> bool:
        """Whether its signature is over what it says, by the key that it names."""
        key, signature = self.payload.key, self.payload.signature
        return signature_fits(key, signature, signed_bytes(self.document))


def signed_bytes(payload: dict[str, Any]) -> bytes:
    """Return what is signed of a payload: all of it but the signature, under its purpose."""
    said = {name: value for name, value in payload.items() if name != "signature"}
    return canonical_json({**said, "purpose": PURPOSE}).encode()


def seal(signal: Signal, runner: Runner) -> bytes:
    """Sign a signal; equal signals are equal bytes.

    Raises
    ------
    BadInput
        If it is larger than a bus carries.
    """
    payload = {**signal.payload(), "key": runner.public}
    payload["signature"] = runner.sign(signed_bytes(payload))
    raw = canonical_json(_wrapped(payload)).encode()
    if len(raw) > LARGEST_BYTES:
        raise BadInput(
            f"the signal of {signal.strategy} has {len(raw)} bytes; a bus carries {LARGEST_BYTES}",
            hint=f"it names {len(signal.mandate.symbols)} symbols; name fewer in data.symbols",
        )
    return raw


def read_envelope(raw: bytes) -> Envelope:
    """Read a signal's bytes; nothing but what :func:`seal` writes is one.

    Raises
    ------
    BadInput
        Saying what is wrong with its form.
    """
    if len(raw) > LARGEST_BYTES:
        raise BadInput(f"not a signal: {len(raw)} bytes where at most {LARGEST_BYTES} are one")
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number)
        canonical = canonical_json(value).encode() == raw
        document = value["payload"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInput(f"not a signal: {_why_unread(error)}") from error
    if not canonical:
        raise BadInput("not a signal: it is not written in the one way to write it")
    payload = _typed(document)
    about = (payload.strategy, payload.stage, payload.ts)
    if payload.idempotency_key != key_of(*about) or value != _wrapped(document):
        raise BadInput("not a signal: its envelope says something else than its payload")
    return Envelope(raw, payload, document)


def _wrapped(payload: dict[str, Any]) -> dict[str, Any]:
    """Put a payload into the envelope of all events."""
    return {
        "event_id": payload["idempotency_key"], "type": TYPE, "source": payload["strategy"],
        "ts": payload["ts"], "payload": payload, "meta": META,
    }  # fmt: skip


def _typed(document: Any) -> Payload:
    try:
        return Payload.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:6]) or "payload"
        raise BadInput(f"not a signal: `{where}`: {first['msg'][:120].lower()}") from error


def _why_unread(error: Exception) -> str:
    if isinstance(error, KeyError | TypeError):
        return "it has no payload"
    return str(error)[:200] or "it is no JSON"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is named twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
