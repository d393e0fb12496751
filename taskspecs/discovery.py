"""What a TaskSpec may say of how much a pattern has to prove."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from configs.section import Section


class CalibrationSpec(Section):
    """How much is spent on learning how often each detector is wrong."""

    null_bars: Annotated[int, Field(ge=1_000, le=10_000_000)] = 60_000
    """Bars of null data: fast detectors get more, up to twenty for each bar they watch, slow ones
    fewer, each at most what takes about two seconds at the default. More bars tell smaller p-values
    apart."""
    injections: Annotated[int, Field(ge=0, le=1_000)] = 20
    """Changes of each size that are planted to measure power and delay; slow detectors get
    fewer."""
    seed: Annotated[int, Field(ge=0)] = 42
    """Null data are drawn from this seed."""


class DiscoverySpec(Section):
    """Which of the alarms are patterns."""

    level: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of false ones among the patterns that is accepted, in expectation."""
    method: Literal["bh", "by", "lord", "saffron", "none"] = "bh"
    """`bh`: Benjamini and Hochberg over all bars, series and detectors of the run; `by`: the same
    under any dependence (Benjamini and Yekutieli); `lord`, `saffron`: online, each year of a series
    judged by what came before; `none`: every alarm is a pattern."""
    calibration: CalibrationSpec = CalibrationSpec()
