"""Strategies as the ledger tells them: a pure fold over its entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gate import proposals, trials
from gate.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.ledger import Entry

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Strategy:
    """What the ledger knows of one strategy, ``name@spec_hash``."""

    strategy: str
    stage: Stage
    proposed: str
    """When its newest evidence was submitted, UTC, ISO 8601."""
    run_id: str
    evidence: Mapping[str, Any]
    proposals: int = 1
    trials_in_family: int = 0

    @property
    def name(self) -> str:
        """The study's name, without the digest of its spec."""
        return self.strategy.partition("@")[0]

    @property
    def figures(self) -> Figures:
        """The evidence's numbers, by name."""
        return dict(self.evidence.get("figures", {}))


def strategies(entries: Iterable[Entry]) -> list[Strategy]:
    """Return all proposed strategies, the newest proposal first."""
    known: dict[str, Strategy] = {}
    family_of: dict[str, str] = {}
    family_size: dict[str, int] = {}
    for entry in entries:
        if entry.kind == trials.KIND:
            family = entry.body["family"]
            family_of[entry.body["run_id"]] = family
            family_size[family] = family_size.get(family, 0) + 1
        elif entry.kind == proposals.KIND:
            before = known.pop(entry.body["strategy"], None)
            known[entry.body["strategy"]] = _proposed(entry, before)
    counted = [
        replace(s, trials_in_family=family_size.get(family_of.get(s.run_id, ""), 0))
        for s in known.values()
    ]
    return counted[::-1]


def _proposed(entry: Entry, before: Strategy | None) -> Strategy:
    return Strategy(
        strategy=entry.body["strategy"],
        stage=before.stage if before else Stage(entry.body["stage"]),
        proposed=entry.at,
        run_id=entry.body["run_id"],
        evidence=entry.body["evidence"],
        proposals=before.proposals + 1 if before else 1,
    )
