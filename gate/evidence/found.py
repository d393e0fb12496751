"""What the checks found, as it is on the ledger: signed by a runner, about one evidence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.checks.evidence import Digests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gate.checks.check import Verdict
    from gate.policy.policy import Step
    from gate.policy.stages import Stage
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry

CHECKED = "check"
"""The kind of entry that tells what the checks found, or why a step was refused."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the checks of one step found.

    Attributes
    ----------
    seq
        Of its entry.
    to
        The stage that the step leads to.
    digests
        What was looked at.
    policy
        The digest of what the step asked for.
    figures
        What each check found, by its name.
    """

    seq: int
    to: str
    digests: Digests
    policy: str
    figures: Mapping[str, float | None]


def results_of(
    strategy: Strategy, to: Stage, asked: str, verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """Return the body of the entry that tells what the checks found."""
    return {
        "strategy": strategy.strategy,
        "run_id": strategy.run_id,
        "to": str(to),
        "verdict": "held",
        "digests": strategy.digests.document(),
        "policy": asked,
        "results": [
            {
                "name": one.name, "figure": one.figure, "bound": one.bound,
                "threshold": one.threshold, "passed": one.passed,
            }
            for one in verdicts
        ],
    }  # fmt: skip


def read_found(entry: Entry) -> Found | None:
    """Read what the checks found; None where the entry is a refusal."""
    body = entry.body
    if body["verdict"] != "held" or not body.get("digests"):
        return None
    figures = {one["name"]: one["figure"] for one in body.get("results", [])}
    return Found(entry.seq, body["to"], Digests(**body["digests"]), body.get("policy", ""), figures)


def why_unfounded(
    step: Step, asked: str, to: Stage, digests: Digests, found: Found | None
) -> str | None:
    """Say why what was found does not carry a step; None where it does.

    The figures are held against the thresholds again: a result's own word that it passed is no
    evidence.
    """
    if found is None or found.to != str(to):
        return "no result of its checks is on the ledger"
    if found.digests != digests:
        return "its checks looked at other evidence"
    if found.policy != asked:
        return "its checks asked for something else than the policy"
    lacking = step.lacks(found.figures)
    return f"checks did not hold: {', '.join(lacking)}" if lacking else None
