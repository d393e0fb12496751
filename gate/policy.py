"""The policy: what each step asks for, read from YAML, and its verdict on evidence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from configs.section import Section
from gate.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping


class Rule(Section):
    """A bound on one figure of the evidence."""

    figure: str
    """The figure's name in the evidence."""
    meaning: str
    """What a person reads."""
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError(f"the rule on {self.figure} needs `at_least` or `at_most`")
        return self

    @property
    def bound(self) -> str:
        """The bound in words."""
        low = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        high = [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " and ".join(low + high)


class Step(Section):
    """What one step asks for."""

    approvals: Annotated[int, Field(ge=1)]
    """How many people must approve."""
    rules: tuple[Rule, ...]


class Policy(Section):
    """Each step and what it asks for."""

    paper: Step
    live: Step

    def step(self, to: Stage) -> Step:
        """Return the step that leads to a stage."""
        return {Stage.PAPER: self.paper, Stage.LIVE: self.live}[to]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's verdict."""

    figure: str
    value: float | None
    bound: str
    passed: bool
    meaning: str


def check(step: Step, figures: Mapping[str, float | None]) -> tuple[Check, ...]:
    """Hold the evidence against every rule of a step; a figure that is missing fails."""
    return tuple(_verdict(rule, figures.get(rule.figure)) for rule in step.rules)


def _verdict(rule: Rule, value: float | None) -> Check:
    passed = value is not None and value == value  # noqa: PLR0124 - NaN passes nothing
    if value is not None:
        passed = passed and (rule.at_least is None or value >= rule.at_least)
        passed = passed and (rule.at_most is None or value <= rule.at_most)
    return Check(rule.figure, value, rule.bound, passed, rule.meaning)
