"""A pattern as all faces tell it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime

from agent.service.model import Model

PatternType = Literal["drift", "anomaly", "cluster_change"]
Rating = Literal[-1, 0, 1]


class Contributor(Model):
    """A field, and what it adds to a pattern."""

    field: str
    score: float | None


class Pattern(Model):
    """What a detector found in a run."""

    run_id: str
    pattern_id: str
    type: str
    ts: AwareDatetime
    symbol: str | None
    """None for the market's own."""
    source: str
    """What was watched."""
    detector: str
    prev_state: dict[str, Any]
    new_state: dict[str, Any]
    metrics: dict[str, Any]
    confidence: float | None
    contributors: list[Contributor]
    p_value: float | None
    card_id: str


class LessUseful(Model):
    """A detector that people find useless: its patterns have to be surer than others."""

    detector: str
    source: str
    useful: int
    useless: int
    least_confidence: float


class PatternPage(Model):
    """Patterns of a run, the newest first."""

    run_id: str
    patterns: list[Pattern]
    next: str | None
    """The cursor of the next page; none where this is the last."""
    more: int
    """How many follow on later pages."""
    kept: int
    withheld: int
    """Of the whole run, whatever was asked for."""
    level: float
    """Of the false discovery rate."""
    zone: str
    frequency: str
    left_out: list[LessUseful]
    """By what people think; empty where none is left out."""


class Response(Model):
    """What a detector notices of changes of a kind and size that were planted."""

    kind: str
    size_std: float | None
    planted: int
    noticed: int
    power: float | None
    delay_bars: float | None


class Calibration(Model):
    """How often a detector is wrong on null data of this data set."""

    card_id: str
    detector: str
    scope: str
    source: str
    series: int
    sampled_series: int
    bars: int
    null_bars: int
    block_bars: float | None
    null_alarms: int
    false_alarms_per_1000: float | None
    false_alarms_per_1000_upper: float | None
    alarms: int
    kept: int
    withheld: int
    responses: list[Response]


class Feedback(Model):
    """A person's rating."""

    feedback_id: str
    actor: str
    rating: int
    verdict: str
    note: str
    at: AwareDatetime


class PatternDetail(Model):
    """A pattern with all that is known of it."""

    pattern_id: str
    type: str
    ts: AwareDatetime
    symbol: str | None
    source: str
    detector: str
    prev_state: dict[str, Any]
    new_state: dict[str, Any]
    metrics: dict[str, Any]
    confidence: float | None
    contributors: list[Contributor]
    p_value: float | None
    card_id: str
    kept: bool
    """Whether it stands out from what null data bring."""
    runs: list[str]
    """The runs that have it."""
    zone: str
    frequency: str
    level: float
    calibration: Calibration | None
    feedback: list[Feedback]


class Rated(Model):
    """A rating that was put on the ledger."""

    feedback: str
    pattern: str
    rating: int
    verdict: str
    comment: str
    actor: str


class Bars(Model):
    """Bars around a pattern, in the order of time."""

    pattern_id: str
    run_id: str
    ts: AwareDatetime
    symbol: str | None
    bars: list[dict[str, Any]]
    """Of the symbol, as the study saw them; of the whole market where it is the market's."""
