"""What is made of a source's events: order, operators, bars, detection, retention, alerts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configs.section import Section
from taskspecs.detectors import DetectorSpec

Milliseconds = Annotated[int, Field(ge=0, le=3_600_000)]
BarLength = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}(s|min|h)$")]
"""As `1s`, `10s`, `1min`, `1h`; whole days are a study's."""


class GapRule(Section):
    """What is done about sequence numbers that do not come."""

    wait_ms: Milliseconds = 500
    """How long one is waited for before it counts as missing."""
    fill: Literal["history", "none"] = "none"
    """`history`: the source's history is asked for what is missing."""
    patience_ms: Milliseconds = 30_000
    """How long bars are held back for what the history was asked for."""


class OrderSpec(Section):
    """What late, repeated and missing events are."""

    lateness_ms: Milliseconds = 2_000
    """An event may come so much later than the newest one; what is later still is counted, kept
    raw, and changes no bar that was closed."""
    step: Annotated[int, Field(ge=1)] | None = None
    """Distance of sequence numbers that follow each other, symbol by symbol; default gaps are not
    looked for."""
    gap: GapRule = GapRule()
    clock_skew_ms: Milliseconds = 5_000
    """Clocks that differ by more are reported."""


class BarsSpec(Section):
    """Bars that are made of events."""

    every: BarLength = "1min"
    """How long a bar is, as `10s`, `1min`, `1h`."""
    quiet: Literal["skip", "carry"] = "skip"
    """A time without an event has no bar, or one with the last close and no volume."""


class Keeping(Section):
    """How long what is kept where."""

    hot_days: Annotated[int, Field(ge=1, le=3_650)] = 7
    """Days, by time of ingestion, that events stay in the warehouse."""
    patterns_days: Annotated[int, Field(ge=1, le=3_650)] = 30
    """Days that patterns stay in the warehouse."""
    raw_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days that the archive in the lake is kept; default for ever."""


class Thinning(Section):
    """What is left out when the flow cannot keep up."""

    lag_s: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """Behind by so much, detection is thinned; at half of it, it is whole again."""
    keep_every: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Of the events that are watched, each so-many-th of a symbol is looked at; bars all are."""


class FeedbackRule(Section):
    """How people's ratings of patterns move what is told."""

    step: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    """By how much of itself a threshold moves for each rating, up after -1, down after 1."""
    most: Annotated[float, Field(ge=1, le=10)] = 2.0
    """It never moves further than so many times, or to so small a part, of where it began."""


class AlertSpec(Section):
    """When a source's operators are told."""

    silent_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds without an event."""
    lag_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds that the flow is behind."""
    gaps_per_hour: Annotated[int, Field(ge=1)] | None = None
    """Gaps in an hour, at least."""


class DetectionSpec(Section):
    """What is watched online, in the source's bars or in its events."""

    on: Literal["bars", "events"] = "bars"
    """Whether each bar is looked at, or each event."""
    detector: DetectorSpec
    """As in a study; `watch` is an expression over bars and `features`, or of events `$price`,
    `$size`, `$return`."""
    least_confidence: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Patterns below are not told. A confidence is the chance that a thousand quiet values of the
    source bring nothing as severe; ratings move this threshold (see `feedback`)."""


Operator = Annotated[dict[str, Any], Field(min_length=1, max_length=1)]
"""One operator: its name and its settings, as `{validate: {price: {above: 0}}}`; what there is
is in `tasks.streams.operators`, which checks the settings."""


class FlowSections(Section):
    """What is made of a source's events; the sections of a SourceSpec beside the connection."""

    order: OrderSpec = OrderSpec()
    operators: Annotated[tuple[Operator, ...], Field(max_length=64)] = ()
    """Level one, of any source: validate, dedupe, order, normalise times, clip, rate."""
    bars: BarsSpec = BarsSpec()
    features: dict[str, str] = Field(default_factory=dict, max_length=256)
    """Expressions over bars, in the language of studies."""
    then: Annotated[tuple[Operator, ...], Field(max_length=64)] = ()
    """Level two, of this source: normalise, filter, derive, join on bars and features."""
    detection: Annotated[tuple[DetectionSpec, ...], Field(max_length=64)] = ()
    """Detectors, and what they watch."""
    thinning: Thinning = Thinning()
    feedback: FeedbackRule = FeedbackRule()
    keep: Keeping = Keeping()
    alerts: AlertSpec = AlertSpec()

    @model_validator(mode="after")
    def _distinct_features(self) -> Self:
        clash = sorted(name for name in self.features if name.startswith("$"))
        if clash:
            raise ValueError(f"a feature's name has no `$`: {clash[0]}")
        return self
