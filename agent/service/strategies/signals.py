"""Signals: what was published of strategies at paper or live, and what was held back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.service.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.service.service import Service
    from gate.signals.told import Sent
    from gate.signals.verifying import Verified, Verifier
    from storage.ledger import Entry


class Signal(Model):
    """A signal that was published or held back, as the ledger tells it."""

    strategy: str
    stage: str | None
    """None for one of before they were signed, as the number."""
    number: int | None
    of: str
    """The time of the bar that it rests on."""
    entry: int
    published: str | None
    """When; none where it was held back."""
    run_id: str
    held_back: list[str]
    """Why; empty where it was published."""
    sha256: str | None


class VerifiedSignal(Model):
    """A signal's own words, and whether it is whole and allowed."""

    strategy: str | None
    stage: str | None
    number: int | None
    of: str | None
    sha256: str | None
    signal: dict[str, Any] | None
    """None where it cannot be read."""
    verdict: str
    why: str


def list_signals(
    service: Service, *, strategy: str | None = None, stage: str | None = None
) -> list[Signal]:
    """Return what was published or held back, the newest last.

    Raises
    ------
    BadInput
        If there is no such strategy.
    """
    name = name_of(service, strategy) if strategy else None
    found = entries_of(service.ledger.entries(), name, stage)
    return [tell_entry(entry) for entry in found]


def show_signal(
    service: Service, strategy: str, *, stage: str | None = None, number: int | None = None
) -> VerifiedSignal | None:
    """Return one signal of a strategy, verified: the newest where no number is given.

    Returns
    -------
    VerifiedSignal
        None where no such signal was published.

    Raises
    ------
    BadInput
        If there is no such strategy.
    Damaged
        If it is not the one that the ledger names.
    """
    name = name_of(service, strategy)
    body = newest_body(service, name, stage=stage, number=number)
    return None if body is None else describe_signal(verifier(service).verify(body))


def newest_body(
    service: Service, strategy: str, *, stage: str | None = None, number: int | None = None
) -> bytes | None:
    """Return the bytes of a signal as they were published; none where there is no such signal."""
    from gate.signals.told import all_sent

    found = [
        sent for sent in all_sent(service.ledger.entries())
        if sent.strategy == strategy and stage in {None, sent.stage}
        and number in {None, sent.sequence}
    ]  # fmt: skip
    return read_body(service, found[-1]) if found else None


def read_body(service: Service, sent: Sent) -> bytes:
    """Return a signal's bytes, of the digest that the ledger names."""
    from tasks.live.following.live_state import read_kept

    return read_kept(service.lake.store, sent.path, sent.sha256)


def verifier(service: Service) -> Verifier:
    """Return what verifies signals against this workspace's ledger."""
    from gate.approval.clock import now_utc
    from gate.policy.file import shipped_policy
    from gate.signals.verifying import Verifier

    ledger = service.ledger
    return Verifier(ledger.entries(), ledger.trust, shipped_policy(), now_utc())


def describe_signal(verified: Verified) -> VerifiedSignal:
    """Tell a signal and what was found of it."""
    verdict, why = str(verified.found.fault), verified.found.why
    if verified.envelope is None:
        nothing = dict.fromkeys(("strategy", "stage", "number", "of", "sha256", "signal"))
        return VerifiedSignal(**nothing, verdict=verdict, why=why)
    said = verified.envelope.payload
    return VerifiedSignal(
        strategy=said.strategy, stage=said.stage, number=said.sequence, of=said.ts,
        sha256=verified.envelope.sha256, signal=dict(verified.envelope.document),
        verdict=verdict, why=why,
    )  # fmt: skip


def name_of(service: Service, name: str) -> str:
    """Return the strategy that a person means, ``name@spec_hash``.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    from gate.policy.file import shipped_policy
    from gate.strategies.finding import find_to_read
    from gate.strategies.strategies import stand

    return find_to_read(stand(service.ledger.entries(), shipped_policy()), name).strategy


def entries_of(entries: Iterable[Entry], strategy: str | None, stage: str | None) -> list[Entry]:
    """Return the entries that tell of signals, of a strategy and stage if these are named."""
    from gate.signals.told import REFUSED, SIGNAL

    return [
        entry
        for entry in entries
        if entry.kind in {SIGNAL, REFUSED}
        and strategy in {None, entry.body["strategy"]}
        and stage in {None, _stage_of(entry)}
    ]


def _stage_of(entry: Entry) -> str:
    return str((entry.body.get("envelope") or entry.body).get("stage", ""))


def tell_entry(entry: Entry) -> Signal:
    """Tell what an entry says of a signal that left, or was held back."""
    body = entry.body
    envelope = body.get("envelope") or {}
    held_back = list(body.get("because", []))
    return Signal(
        strategy=body["strategy"], stage=_stage_of(entry) or None,
        number=envelope.get("sequence"), of=body["ts"], entry=entry.seq,
        published=None if held_back else entry.at, run_id=body["run_id"],
        held_back=held_back, sha256=envelope.get("sha256"),
    )  # fmt: skip
