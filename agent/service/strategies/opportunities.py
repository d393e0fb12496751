"""Opportunities: what the strategies that the gate let through agree on, ranked by a stated rule.

The score of a symbol is the sum, over the strategies whose newest signal verifies, of

    weight / gross  *  trust  *  freshness

with `gross` the sum of the signal's absolute weights, `trust` 1 at live and 0.5 at paper, and
`freshness` falling in a straight line from 1 when a signal was published to 0 when it is too old to
be acted on. Agreement is the score's size over the sum of the sizes of its parts: 1 where all point
the same way. What is not at paper or live, does not verify or is too old adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from agent.service.model import Model

if TYPE_CHECKING:
    from agent.service.service import Service

TRUST: Final = {"live": 1.0, "paper": 0.5}


class Share(Model):
    """What one strategy adds to an opportunity."""

    strategy: str
    stage: Literal["paper", "live"]
    number: int
    """Of its signal."""
    of: str
    """The bar that the signal rests on."""
    weight: float
    share: float
    """What it adds to the score."""


class Opportunity(Model):
    """A symbol that strategies want to hold, or to be short of."""

    symbol: str
    score: float
    strength: float
    """The score's size."""
    agreement: float
    """1 where all strategies point the same way."""
    stage: Literal["paper", "live"]
    """Live only where a strategy at live is among the contributors."""
    valid_until: str
    contributors: list[Share]


def list_opportunities(service: Service, *, limit: int = 100) -> list[Opportunity]:
    """Return the opportunities, the strongest first."""
    from agent.service.strategies.signals import list_signals, show_signal
    from gate.approval.clock import now_utc

    now = now_utc()
    newest = {
        (signal.strategy, signal.stage): signal
        for signal in list_signals(service)
        if signal.published and signal.stage in TRUST
    }
    parts = []
    for strategy, stage in sorted(newest, key=str):
        verified = show_signal(service, strategy, stage=stage)
        if verified is not None and verified.signal is not None and verified.verdict == "ok":
            parts += weigh(verified.signal, now)
    return rank(parts)[:limit]


def weigh(signal: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return what a verified signal says of each symbol, and how much that counts. Pure.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> signal = {
    ...     "strategy": "a", "stage": "paper", "sequence": 1, "ts": "2026-01-01T00:00:00+00:00",
    ...     "published_at": "2026-01-01T00:00:00+00:00",
    ...     "valid_until": "2026-01-03T00:00:00+00:00",
    ...     "targets": [{"symbol": "IBM", "weight": 0.5}, {"symbol": "GE", "weight": -0.5}],
    ... }
    >>> [part["share"] for part in weigh(signal, datetime(2026, 1, 2, tzinfo=UTC))]
    [0.125, -0.125]
    """
    published, until = (
        datetime.fromisoformat(signal[name]) for name in ("published_at", "valid_until")
    )
    gross = sum(abs(target["weight"]) for target in signal["targets"])
    if gross == 0 or now >= until:
        return []
    life = (until - published).total_seconds()
    fresh = min(1.0, max(0.0, (until - now).total_seconds() / life)) if life > 0 else 0.0
    return [
        {
            "symbol": target["symbol"], "weight": target["weight"],
            "share": target["weight"] / gross * TRUST[signal["stage"]] * fresh,
            "strategy": signal["strategy"], "stage": signal["stage"], "of": signal["ts"],
            "number": signal["sequence"], "valid_until": signal["valid_until"],
        }
        for target in signal["targets"]
        if target["weight"]
    ]  # fmt: skip


def rank(parts: list[dict[str, Any]]) -> list[Opportunity]:
    """Return one opportunity a symbol, the strongest first; of equal ones by name. Pure."""
    by_symbol: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in parts:
        by_symbol[part["symbol"]].append(part)
    found = []
    for symbol, own in by_symbol.items():
        score, size = sum(part["share"] for part in own), sum(abs(part["share"]) for part in own)
        found.append(
            Opportunity(
                symbol=symbol, score=score, strength=abs(score),
                agreement=abs(score) / size if size else 0.0,
                stage="live" if any(part["stage"] == "live" for part in own) else "paper",
                valid_until=min(part["valid_until"] for part in own),
                contributors=[
                    Share(**{name: part[name] for name in Share.model_fields})
                    for part in sorted(own, key=lambda part: -abs(part["share"]))
                ],
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-each.strength, each.symbol))
