"""What makes a study run again by itself: the clock and events."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator, model_validator

from configs.errors import did_you_mean
from configs.section import Section

EVENT_TYPES = (
    "partition_created",
    "quality_anomaly",
    "drift_detected",
    "anomaly_detected",
    "cluster_changed",
    "file_arrived",
    "signal_promoted",
)
"""What Qraft itself tells of; a person's own types begin with `custom.`."""
CUSTOM = "custom."
TIMES_DEBOUNCE, LONGEST_WAIT_S = 10, 86_400.0
"""How long an event waits at most, where a trigger does not say: so often its `debounce_s`."""
Scalar = bool | int | float | str
_Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Path = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w\-]*(\.[A-Za-z0-9_][\w\-]*)*$")]


class ScheduleSpec(Section):
    """When a study reruns by the clock."""

    cron: Annotated[str, StringConstraints(min_length=9, max_length=200)]
    """Five fields, as `30 18 * * 1-5`: minute, hour, day, month, weekday."""
    timezone: str = "UTC"
    """The zone in which the fields are meant, as `America/New_York`."""
    calendar: str | None = None
    """An exchange's calendar, as `XNYS`: run on days of its sessions only."""
    catch_up: Literal["all", "last", "none"] = "all"
    """What is done of the times that were missed: each in order, the last alone, or none."""

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            from zoneinfo import available_timezones

            raise ValueError(
                f"`{name}` is not a time zone; {did_you_mean(name, available_timezones())}"
            ) from error
        return name

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        from cronsim import CronSim, CronSimError

        if len(text.split()) != 5:
            raise ValueError("needs five fields: minute, hour, day, month, weekday")
        try:
            next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)))
        except CronSimError as error:
            raise ValueError(f"not a cron line: {error}") from error
        except StopIteration as error:
            raise ValueError("no time ever matches") from error
        return text

    @field_validator("calendar")
    @classmethod
    def _is_calendar(cls, name: str | None) -> str | None:
        if name is not None and name not in calendars_named():
            from exchange_calendars import get_calendar_names

            known = get_calendar_names()
            if name not in known:
                raise ValueError(f"no exchange calendar `{name}`; {did_you_mean(name, known)}")
        return name


class Range(Section):
    """A condition on a number."""

    min: float | None = None
    """At least so much."""
    max: float | None = None
    """At most so much."""


class TriggerSpec(Section):
    """An event that makes a study run."""

    on: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    """The event's type: partition_created, quality_anomaly, drift_detected, anomaly_detected,
    cluster_changed, file_arrived, signal_promoted, or your own `custom.` one."""
    source: _Pattern | None = None
    """Who tells it, as `us_momentum`, `raw/*` or, of promotions, `gate`; default anyone but the
    study itself."""
    where: dict[_Path, Scalar | tuple[Scalar, ...] | Range] = Field(
        default_factory=dict, max_length=32
    )
    """Conditions on the payload, all of which must hold: a value, a list of values, or a range,
    as `confidence: {min: 0.95}`."""
    debounce_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Seconds of quiet to wait for: a burst of events becomes one run."""
    max_wait_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    """Seconds after which an event is waited with no longer, though others go on coming; at least
    `debounce_s`, default ten times that."""

    @field_validator("on")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in EVENT_TYPES and not name.startswith(CUSTOM):
            raise ValueError(
                f"no event is called `{name}`; {did_you_mean(name, EVENT_TYPES)}, {CUSTOM}..."
            )
        return name

    @model_validator(mode="after")
    def _waits_fit(self) -> Self:
        if self.max_wait_s is not None and self.max_wait_s < self.debounce_s:
            raise ValueError(
                f"`max_wait_s` ({self.max_wait_s:g}) is less than `debounce_s`"
                f" ({self.debounce_s:g}): there would be no quiet to wait for"
            )
        return self

    @property
    def longest_s(self) -> float:
        """Seconds that an event waits at most before its run is due."""
        if self.max_wait_s is not None:
            return self.max_wait_s
        return min(TIMES_DEBOUNCE * self.debounce_s, LONGEST_WAIT_S)

    @field_validator("where")
    @classmethod
    def _ranges_bound(cls, where: dict[str, object]) -> dict[str, object]:
        for name, wanted in where.items():
            if isinstance(wanted, Range) and wanted.min is None and wanted.max is None:
                raise ValueError(f"the range of `{name}` needs `min` or `max`")
        return where

    def says(self) -> str:
        """Say the condition in words, for a person."""
        parts = [self.on]
        if self.source:
            parts.append(f"from {self.source}")
        parts += [f"{name} {_said(wanted)}" for name, wanted in self.where.items()]
        return ", ".join(parts)


@lru_cache(maxsize=1)
def calendars_named() -> frozenset[str]:
    """Return the calendars that the library's table names, read as text.

    To import the library takes seconds, for pandas comes with it, and a look at what is due, most
    often nothing, is made every minute. A name that is not found here is asked of the library.
    """
    found = find_spec("exchange_calendars")
    if found is None or found.origin is None:
        return frozenset()
    try:
        text = Path(found.origin).with_name("calendar_utils.py").read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    tables = re.findall(r"(?ms)^_default_calendar_(?:factories|aliases)\b[^{]*\{(.*?)^\}", text)
    return frozenset(re.findall(r'(?m)^\s+"([^"]+)":', "\n".join(tables)))


def _said(wanted: Scalar | tuple[Scalar, ...] | Range) -> str:
    if isinstance(wanted, Range):
        bounds = [f">= {wanted.min:g}"] if wanted.min is not None else []
        bounds += [f"<= {wanted.max:g}"] if wanted.max is not None else []
        return " and ".join(bounds)
    if isinstance(wanted, tuple):
        return f"one of {', '.join(map(str, wanted))}"
    return f"= {wanted}"
