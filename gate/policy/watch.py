"""What is watched of a running strategy, and what the policy does about it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gate.policy.policy import Limit, Policy

WATCHED: dict[str, str] = {
    "drawdown": "the fall of the paper account from its peak, as a share of it",
    "divergence": "the paper account's return less the backtest's over the same bars, either way",
    "input_drift": "how far returns of the data have moved since the evidence (stability index)",
    "stale_hours": "hours since the newest bar",
    "history_revised": "1 where bars that the evidence rests on were changed since, else 0",
}
"""Name to meaning of every figure that a limit may name."""


class Breach(NamedTuple):
    """A limit that was passed."""

    figure: str
    value: float
    at_most: float
    then: str

    @property
    def reason(self) -> str:
        """The same in a sentence."""
        return f"{self.figure} is {self.value:.4g}, at most {self.at_most:g} is allowed"


def breaches(policy: Policy, figures: Mapping[str, float | None]) -> list[Breach]:
    """Return the limits that figures pass; those that halt come first.

    A figure that is not known passes no limit: before the first bar on paper there is no
    drawdown.
    """
    found = [_breach(limit, figures.get(limit.figure)) for limit in policy.watch]
    return sorted((breach for breach in found if breach), key=lambda b: b.then != "halt")


def _breach(limit: Limit, value: float | None) -> Breach | None:
    if value is None or value <= limit.at_most:
        return None
    return Breach(limit.figure, value, limit.at_most, limit.then)


def describe(limits: Iterable[Limit]) -> list[str]:
    """Say in sentences what is watched."""
    return [
        f"{limit.then} when {limit.figure} is above {limit.at_most:g}: {WATCHED[limit.figure]}"
        for limit in limits
    ]
