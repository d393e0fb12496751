"""The policy: what each step asks for, who may sign, and what stops a strategy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from configs.errors import did_you_mean
from configs.keys.root_of_trust import Root
from configs.section import Section
from gate.approval.mandate import narrow
from gate.checks.table import CHECKS
from gate.policy.stages import Stage
from gate.policy.watch import WATCHED
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gate.approval.mandate import Mandate
    from gate.checks.check import Verdict
    from gate.checks.evidence import Evidence


def _known_check(name: str) -> str:
    if name not in CHECKS:
        raise ValueError(did_you_mean(name, CHECKS))
    return name


def _known_figure(name: str) -> str:
    if name not in WATCHED:
        raise ValueError(did_you_mean(name, WATCHED))
    return name


CheckName = Annotated[str, AfterValidator(_known_check)]
FigureName = Annotated[str, AfterValidator(_known_figure)]


class Step(Section):
    """What one step asks for."""

    approvals: Annotated[int, Field(ge=1, le=20)]
    """How many different people must approve."""
    signed: bool = True
    """Whether an approval counts only with the signature of a key listed under `keys`."""
    lasts_days: Annotated[float, Field(gt=0, le=3_660)]
    """How long an approval counts, in days."""
    checks: dict[CheckName, float]
    """Each check that must pass, and its threshold."""
    advice: dict[CheckName, float] = Field(default_factory=dict)
    """Checks that are shown and refuse nothing."""

    @model_validator(mode="after")
    def _provable(self) -> Self:
        if self.approvals > 1 and not self.signed:
            raise ValueError(
                "only signatures tell people apart: more approvals need `signed: true`"
            )
        return self

    def lacks(self, figures: Mapping[str, float | None]) -> list[str]:
        """Return the checks that do not hold, by figures that were found; see `judge`."""
        return [
            name
            for name, bound in self.checks.items()
            if not CHECKS[name].holds(figures.get(name), bound)
        ]

    def judge(self, evidence: Evidence) -> tuple[Verdict, ...]:
        """Hold the evidence against every check, those that refuse first."""
        strict = [CHECKS[name].evaluate(evidence, bound) for name, bound in self.checks.items()]
        hints = [
            CHECKS[name].evaluate(evidence, bound, advice=True)
            for name, bound in self.advice.items()
        ]
        return (*strict, *hints)


class Limit(Section):
    """A bound on what is watched while a strategy runs; beyond it, nobody is asked."""

    figure: FigureName
    """What is watched; see gate/policy/watch.py."""
    at_most: float
    """The most it may be."""
    then: Literal["demote", "halt"]
    """What happens beyond."""


Share = Annotated[float, Field(gt=0, le=1)]


class Narrowed(Section):
    """What no mandate may pass, whatever the backtest held."""

    symbols: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] | None = None
    """Only these may be held; default all that the run has."""
    gross: Share = 1.0
    """All weights together, at most, as a share of the account."""
    weight: Share = 1.0
    """One symbol's weight, at most, as a share of the account."""

    def narrow(self, mandate: Mandate) -> Mandate:
        """Leave of a mandate what is allowed here too."""
        return narrow(mandate, symbols=self.symbols, gross=self.gross, weight=self.weight)


class Policy(Section, Root):
    """Each step and what it asks for; who may sign, and who may change this: see `Root`."""

    proposer_may_approve: bool = True
    """Whether who proposed a strategy may approve it too: no, where two people are to see it."""
    failing_may_be_approved: bool = True
    """Whether a person may approve while checks fail, where their statement says so."""
    mandate: Narrowed | None = None
    """What no signal of any strategy may pass; default what each backtest held, with head-room."""
    paper: Step
    live: Step
    watch: tuple[Limit, ...] = ()
    """What stops a strategy at paper or live by itself."""

    @model_validator(mode="after")
    def _live_is_signed(self) -> Self:
        if not self.live.signed:
            raise ValueError("the step to live needs `signed: true`")
        return self

    def step(self, to: Stage) -> Step:
        """Return the step that leads to a stage."""
        return {Stage.PAPER: self.paper, Stage.LIVE: self.live}[to]

    def narrowed(self, mandate: Mandate) -> Mandate:
        """Leave of a mandate what this policy allows."""
        return self.mandate.narrow(mandate) if self.mandate is not None else mandate

    def digest(self, to: Stage) -> str:
        """Return the sha256 of all that a step asks for, limits included.

        Who may sign is no part of it, nor what mandates may not pass: both are looked up each time.
        So a key that comes or goes voids no approval but its own.
        """
        asked = self.model_dump(mode="json", include={str(to), "watch"})
        return digest({"to": str(to), **asked})


def unmet(verdicts: Iterable[Verdict]) -> list[str]:
    """Say what would have to be true, of the checks that refuse."""
    return [verdict.needed for verdict in verdicts if not verdict.passed and not verdict.advice]
