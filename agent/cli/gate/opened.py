"""What the root of the command line hands over, and what the commands make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from configs.workspace import Workspace
    from gate.checks.check import Verdict
    from gate.context import DecisionContext
    from gate.policy.policy import Policy
    from gate.policy.stages import Stage
    from gate.statistics.moments import Moments
    from gate.strategies.strategies import Standing, Strategy
    from storage.lake.guard import Opening
    from storage.lake.lake import Lake
    from storage.ledger import Ledger
    from storage.warehouse.port import Warehouse


class Opened(Protocol):
    """What the root of the command line hands over."""

    @property
    def workspace(self) -> Workspace:
        """The workspace."""

    @property
    def ledger(self) -> Ledger:
        """The ledger."""

    @property
    def lake(self) -> Lake:
        """The lake."""

    def warehouse(self) -> AbstractContextManager[Warehouse]:
        """Open the warehouse briefly."""

    def replay(self, run_id: str, opening: Opening) -> Moments | None:
        """Play a run past its seal, and return the moments of its net returns there."""

    def tell_promotions(self) -> None:
        """Tell those who wait for promotions; what cannot be told now is told later."""

    def identify(self, run_id: str) -> Mapping[str, str]:
        """Return the digests ``spec``, ``code`` and ``data`` of what a run would be now."""

    def describe(self, run_id: str) -> Mapping[str, Any]:
        """Return the resolved ``spec`` of a run and its ``symbols``, where they are at hand."""


def policy_of(opened: Opened) -> Policy:
    """Return the policy that decides: the one in force, else what a first approval would take."""
    return in_force_of(opened) or _drafted(opened)


def in_force_of(opened: Opened) -> Policy | None:
    """Return the policy in force; None where the ledger has none yet."""
    from gate.policy.file import shipped_policy
    from gate.policy.in_force import policy_in_force, version_in_force

    entries = opened.ledger.entries()
    return policy_in_force(entries, shipped_policy()) if version_in_force(entries) else None


def on_disk(opened: Opened) -> tuple[Policy | None, str]:
    """Return what gate.yaml says, and why it cannot be read, if it cannot."""
    from configs.errors import QraftError

    try:
        return _drafted(opened), ""
    except QraftError as error:
        return None, error.what


def _drafted(opened: Opened) -> Policy:
    from gate.policy.file import load_policy

    return load_policy(opened.workspace)


def standing_of(opened: Opened) -> Standing:
    """Return where all strategies stand."""
    from gate.strategies.strategies import stand

    return stand(opened.ledger.entries(), policy_of(opened))


def desk_of(opened: Opened) -> DecisionContext:
    """Return the desk at which a person decides."""
    from gate.context import DecisionContext
    from gate.evidence.assembling import gone_files, keep_family, returns_reader
    from gate.evidence.judging import evidence_on_hand

    policy = policy_of(opened)
    read = returns_reader(opened.lake, opened.ledger.evidence)

    def judge(strategy: Strategy, to: Stage) -> Sequence[Verdict]:
        evidence = evidence_on_hand(strategy, opened.ledger, opened.lake, read=read)
        return policy.step(to).judge(evidence)

    def gone(strategy: Strategy) -> Sequence[str]:
        return gone_files(opened.ledger, opened.lake, strategy.evidence)

    def keep(strategy: Strategy) -> None:
        keep_family(opened.ledger, opened.lake, strategy.run_id)

    return DecisionContext(
        opened.ledger, policy, judge, opened.identify, describe=opened.describe, gone=gone,
        keep=keep,
    )  # fmt: skip
