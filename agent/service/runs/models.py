"""A run as all faces tell it."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime

from agent.service.model import Model


class Run(Model):
    """A finished run, as all faces tell it."""

    run_id: str
    name: str
    """Of the study."""
    description: str
    strategy: str
    """``name@spec_hash``, as the gate calls it."""
    spec_hash: str
    source: str
    frequency: str
    zone: str
    """Of the data's days."""
    road: str
    """Who asked for it."""
    symbols: int
    first_ts: AwareDatetime | None
    last_ts: AwareDatetime | None
    as_of: AwareDatetime | None
    """It used what was known then; none where it used all there is."""
    tried_at: AwareDatetime | None
    data_digest: str
    report: str
    """Where its report can be opened: a file, or where it is on a server."""
    variant: str | None
    """What differs from the study as it is written; none where nothing does."""
    gate_stage: str | None
    """Where its strategy stands; none where it was not proposed."""
    patterns: int
    withheld: int
    """Alarms that are no patterns."""
    metrics: dict[str, float | None]


class Figure(Model):
    """A figure of a run."""

    name: str
    value: float | None
    unit: str
    note: str
    """The convention by which it was computed."""


class Artifact(Model):
    """A file of a run."""

    stage: str
    key: str
    name: str
    path: str
    """In the lake."""
    sha256: str
    bytes: int
    rows: int | None


class StageLineage(Model):
    """What a stage was made from."""

    stage: str
    key: str
    code: str
    inputs: list[str]


class HealthRule(Model):
    """A rule of data health, and what it found."""

    rule: str
    action: str
    count: int
    symbols: int
    example: str
    meaning: str


class AskingEvent(Model):
    """An event that asked for a run."""

    event: str
    type: str | None = None
    source: str | None = None


class RunDetail(Run):
    """A finished run with all that is known of it."""

    spec: dict[str, Any]
    """The resolved TaskSpec."""
    figures: list[Figure]
    artifacts: list[Artifact]
    lineage: list[StageLineage]
    health: list[HealthRule]
    patterns_by_type: dict[str, int]
    events: list[AskingEvent]


class Following(Model):
    """What became of a strategy at paper or live in a run."""

    stage: str
    published: AwareDatetime | None
    """The time of the signal that was published; none where none was."""
    stopped: str
    """Why it was demoted or halted; empty where it was not."""
    held_back: str
    """Why a signal did not leave; empty where none was held back."""
    left_out: list[str]
    """Symbols of the data that were not approved."""
    absent: list[str]
    """Approved symbols that have no newest bar."""
    figures: dict[str, float | None]


class RunOutcome(RunDetail):
    """A run that was finished here and now."""

    computed: list[str]
    """The stages that were computed; the others were found done."""
    following: Following | None
    remarks: list[str]
    """What the figures alone do not say."""
    told_later: str
    """Why other studies are told of it later; empty where they are told."""
    level: float
    """Of the false discovery rate by which alarms are patterns."""


class Proposed(Model):
    """A run that was submitted to the gate."""

    strategy: str
    run_id: str
    stage: str
    new: bool
    """Whether it was not proposed before."""
