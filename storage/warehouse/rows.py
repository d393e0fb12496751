"""What a row of the warehouse's tables holds, as it is read; `schema` says how it is stored.

A test holds the two against each other: a column that is added there is added here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from datetime import datetime


class RunRow(TypedDict):
    """A finished run, of table ``runs``."""

    run_id: str
    name: str
    """Of the study."""
    description: str
    strategy: str
    """``name@spec_hash``."""
    spec_hash: str
    spec: str
    """The resolved TaskSpec, as canonical JSON."""
    source: str
    frequency: str
    zone: str
    """Of the data's days, such as ``America/New_York``."""
    road: str
    """Who asked for it."""
    symbols: int
    first_ts: datetime | None
    last_ts: datetime | None
    as_of: datetime | None
    """What it saw was known then; none where it saw all there is."""
    tried_at: datetime | None
    data_digest: str
    report: str
    """Where the report is in the lake."""


class FigureRow(TypedDict):
    """A figure of a run, of table ``metrics``."""

    run_id: str
    name: str
    value: float | None
    unit: str
    note: str
    """The convention by which it was computed."""


class ArtifactRow(TypedDict):
    """A file of a run, of table ``artifacts``."""

    run_id: str
    stage: str
    key: str
    name: str
    path: str
    """In the lake."""
    sha256: str
    bytes: int
    rows: int | None


class StageRow(TypedDict):
    """What a stage of a run was made from: the rows of table ``lineage``, gathered."""

    stage: str
    key: str
    code: str
    inputs: list[str]


class HealthRow(TypedDict):
    """A rule of data health and what it found, of table ``health``."""

    run_id: str
    rule: str
    action: str
    count: int
    symbols: int
    example: str
    meaning: str


class Contributor(TypedDict):
    """A field and what it adds to a pattern."""

    field: str
    score: float


class PatternRow(TypedDict):
    """What a detector found, of table ``patterns`` or ``withheld_patterns``."""

    run_id: str
    pattern_id: str
    type: str
    """``drift``, ``anomaly`` or ``cluster_change``."""
    ts: datetime
    symbol: str | None
    """None for the market's own."""
    source: str
    """What was watched."""
    detector: str
    prev_state: str
    """Figures before, as JSON; so are the next two."""
    new_state: str
    metrics: str
    confidence: float | None
    contributors: list[Contributor]
    p_value: float | None
    card_id: str
    """Of the detector's calibration on these data."""


class FoundPattern(PatternRow):
    """A pattern by its id, and whether it was kept."""

    kept: bool


class NewestPattern(TypedDict):
    """A pattern in its newest run, with what that run is called."""

    pattern_id: str
    run_id: str
    type: str
    ts: datetime
    symbol: str | None
    source: str
    detector: str
    confidence: float | None
    study: str
    zone: str
    frequency: str


class CardRow(TypedDict):
    """How often a detector is wrong on null data, of table ``calibration_cards``."""

    run_id: str
    card_id: str
    detector: str
    scope: str
    source: str
    settings: str
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


class ResponseRow(TypedDict):
    """What a detector notices of planted changes, of table ``calibration_responses``."""

    run_id: str
    card_id: str
    kind: str
    size_std: float | None
    planted: int
    noticed: int
    power: float | None
    delay_bars: float | None


class FeedbackRow(TypedDict):
    """A person's rating of a pattern, of table ``pattern_feedback``."""

    pattern_id: str
    feedback_id: str
    verdict: str
    actor: str
    note: str
    at: datetime
    rating: int
    detector: str
    source: str
    card_id: str


class CoefficientRow(TypedDict):
    """The information coefficient of one time, of table ``ic``."""

    run_id: str
    ts: datetime
    ic: float | None
    rank_ic: float | None
    n: int
    """Symbols that were compared."""


class MarketRow(TypedDict):
    """A bar of the whole market, of table ``market``."""

    run_id: str
    ts: datetime
    equal_weight_return: float | None
    breadth: float | None
    dispersion: float | None
    average_correlation: float | None


WHOLE_ROWS: dict[str, Any] = {
    "runs": RunRow, "metrics": FigureRow, "artifacts": ArtifactRow, "health": HealthRow,
    "patterns": PatternRow, "withheld_patterns": PatternRow, "calibration_cards": CardRow,
    "calibration_responses": ResponseRow, "pattern_feedback": FeedbackRow, "ic": CoefficientRow,
    "market": MarketRow,
}  # fmt: skip
"""Tables whose rows are read whole."""
