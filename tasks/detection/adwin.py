"""Drift of a mean: ADWIN says that it changed, least squares say when, Welch's test how surely."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from river.drift import ADWIN

from tasks.detection.protocol import Alarm, Numbers
from tasks.detection.significance import MIN_SIDE, MeanChange, judge_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import Adwin

LONGEST_MEMORY = 4_096
"""Values kept to describe a change; ADWIN's own window has no such bound."""
_LEAST_SPREAD = 1e-50
_ROUNDING = 1e-12


class AdwinDetector:
    """Adaptive windowing over one standardised series.

    Source: Bifet and Gavalda, "Learning from time-changing data with adaptive windowing", SDM
    2007, as in River, compared at every bar (`clock=1`).

    *Scale.* ADWIN's bound has a term for values within a range of one, so it is blind to returns
    of 0.01 and trigger-happy on prices of 100. The first `warmup_bars` values of a level fix its
    mean and standard deviation; all values of that level, these included, enter ADWIN
    standardised by them. The map is fixed, so it cannot absorb a drift. Standardised values
    exceed a range of one, hence `delta` is a nominal level, not a guarantee.

    *Alarm.* The values since the level began are cut by least squares. Those before make up
    `prev_state`, those after `new_state`: mean and std in the unit of the source, and their
    number. `confidence` and the metrics are explained in `significance.judge_change`.

    *After an alarm.* The values after the cut begin the next level, which is watched again once
    there are `warmup_bars` of them.

    *No spread.* While all values of a level are equal but for rounding it has no scale; that is
    looked at again every `warmup_bars` bars, and what was missed meanwhile is then gone through.

    *Score.* The mean of ADWIN's window, in the unit of the source.

    Look-ahead: none; bars up to the present.
    """

    def __init__(self, spec: Adwin) -> None:
        self._spec = spec
        self._adwin: Any = None  # River's methods carry no types
        self._level: deque[float] = deque(maxlen=LONGEST_MEMORY)
        self._until_scale = spec.warmup_bars
        self._mean = 0.0
        self._std = 1.0

    @property
    def score(self) -> float | None:
        """The mean of the window, in the unit of the source; None while its scale is learnt."""
        if self._adwin is None:
            return None
        return self._mean + self._std * float(self._adwin.estimation)

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take the next value of the series."""
        value = values[0]
        self._level.append(value)
        if self._adwin is not None:
            return self._alarm() if self._enter((value,)) else None
        self._until_scale -= 1
        if self._until_scale > 0:
            return None
        return self._alarm() if self._begin() else None

    def _begin(self) -> bool:
        """Learn the scale of the level, and go through it; say whether its mean changed."""
        known = np.array(self._level)
        mean, std = float(known.mean()), float(known.std())
        if std <= max(_LEAST_SPREAD, _ROUNDING * float(np.abs(known).max())):
            self._until_scale = self._spec.warmup_bars
            return False
        self._mean, self._std = mean, std
        adwin: Any = ADWIN
        self._adwin = adwin(delta=self._spec.delta, clock=1, min_window_length=MIN_SIDE)
        return self._enter(self._level)

    def _enter(self, values: Iterable[float]) -> bool:
        """Feed values; say whether any of them made ADWIN cut its window."""
        adwin, mean, std = self._adwin, self._mean, self._std
        for value in values:
            adwin.update((value - mean) / std)
            if adwin.drift_detected:
                return True
        return False

    def _alarm(self) -> Alarm:
        values = np.array(self._level)
        change = judge_change(values)
        before, after = values[: change.cut], values[change.cut :]
        self._adwin = None
        self._level = deque(after.tolist(), maxlen=LONGEST_MEMORY)
        self._until_scale = self._spec.warmup_bars - len(after)
        return Alarm(
            prev_state=_state(before),
            new_state=_state(after),
            metrics=_metrics(change, float(after.mean() - before.mean())),
            confidence=change.confidence,
            contributors=((self._spec.watch, 1.0),),
            since_bars=len(after) - 1,
        )


def _state(side: NDArray[np.float64]) -> Numbers:
    return {
        "mean": (float(side.mean()), "source"),
        "std": (float(side.std(ddof=1)), "source"),
        "bars": (len(side), "bars"),
    }


def _metrics(change: MeanChange, shift: float) -> Numbers:
    return {
        "shift": (shift, "source"),
        "effect": (change.effect, "standard deviations"),
        "autocorrelation": (change.autocorrelation, "ratio"),
        "p_value": (change.p_value, "probability"),
    }
