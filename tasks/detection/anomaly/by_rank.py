"""Anomalies by rank: a bar whose score is higher than nearly all before it."""

from __future__ import annotations

from array import array
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tasks.detection.protocol import Alarm, BlockByBlock
from tasks.detection.scaling.block_scale import FIRST_BARS, Blocks, BlockScale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors.anomaly import ByRank

    Hit = tuple[int, float, tuple[float, ...]]
    """Index, score, and each field's part in it."""

_FEWEST_SCORES = 1_000


class Model(Protocol):
    """An anomaly detector of River's, given fields in [0, 1]."""

    certain_from: float
    """A score of the model's own from which a bar is an anomaly; infinite where it has none."""
    grace_bars: int
    """Bars after the first scale before its scores mean anything."""

    def inputs(self, units: NDArray[np.float64]) -> Iterable[Any]:
        """Return what the model takes for each bar, of fields in [0, 1]."""

    def parts(self, bar: Any, score: float) -> tuple[float, ...]:
        """Return each field's part, at least 0, in the score that the bar has just got."""

    def score(self, bar: Any) -> float:
        """Return how strange a bar is; higher is stranger."""

    def learn(self, bar: Any) -> None:
        """Let a bar become part of what is usual."""


class AlarmsByRank(BlockByBlock):
    """Any of River's anomaly detectors, with a threshold learnt from its own scores.

    *Scale.* Fields enter by their own `BlockScale` over the last `window_bars` values.

    *Threshold.* With n scores before the block, a score is an anomaly when its conformal p-value
    p = (1 + number of them not below it) / (n + 1) is at most 1 - `quantile` (Laxhammar and
    Falkman, 2010), or when it reaches what the model itself calls an anomaly. `confidence` is
    1 - p: the share of past scores that lie below. What is learnt of scales and scores is renewed
    between blocks of bars (see `Blocks`), so a bar is never judged by itself. A bar of which every
    field is at its median is none, whatever a model that is still learning makes of it.

    *Contributors.* Each field's part in the score over the sum of the parts; what a part is, is
    stated with the model. All are 0 where no field has any; a single field has all.

    *States.* `prev_state` holds each field's median over the window, `new_state` its value, in
    the field's unit.

    *Score.* The share of past scores that lie below the bar's, in [0, 1]; None before there are
    any to compare with. The model's own score is in the metrics of an alarm.

    Look-ahead: none; bars up to the present.

    Parameters
    ----------
    spec
        What all detectors by rank have in common.
    model
        New; it pickles.
    """

    def __init__(self, spec: ByRank, model: Model) -> None:
        self._fields = spec.fields
        self._model = model
        self._rate = 1.0 - spec.quantile
        self._blocks = Blocks()
        self._scale = BlockScale(spec.window_bars, len(self._fields))
        self._grace = FIRST_BARS + model.grace_bars
        self._bars = 0
        self._scores = array("d")
        self._ordered = np.empty(0)
        self._threshold = inf

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        shares, alarms = np.full(len(values), np.nan), []
        for part in self._blocks.cut(len(values)):
            rows = values[part]
            if self._bars >= FIRST_BARS:
                scores, hits = self._judge(self._scale.unit(rows))
                shares[part] = self._shares_below(scores)
                alarms += [
                    (part.start + hit[0], self._alarm(hit, rows[hit[0]]))
                    for hit in hits
                    if (rows[hit[0]] != self._scale.centre).any()
                ]
            self._bars += len(rows)
            self._scale.learn(rows)
            if self._blocks.is_full:
                self._renew()
        return shares, alarms

    def _judge(self, units: NDArray[np.float64]) -> tuple[list[float], list[Hit]]:
        """Score bars, and learn each after it was scored."""
        model = self._model
        score, learn = model.score, model.learn
        threshold = min(self._threshold, model.certain_from) if len(self._ordered) else inf
        scores: list[float] = []
        hits: list[Hit] = []
        keep = scores.append
        for bar in model.inputs(units):
            told = score(bar)
            if told >= threshold:
                hits.append((len(scores), told, model.parts(bar, told)))
            keep(told)
            learn(bar)
        unheard = max(0, self._grace - self._bars)
        self._scores.extend(scores[unheard:])
        return scores, [hit for hit in hits if hit[0] >= unheard]

    def _shares_below(self, scores: Sequence[float]) -> NDArray[np.float64] | float:
        past = self._ordered
        return np.searchsorted(past, scores) / len(past) if len(past) else np.nan

    def _renew(self) -> None:
        self._scale.renew()
        del self._scores[: -max(_FEWEST_SCORES, ceil(10.0 / self._rate))]
        self._ordered = np.sort(np.array(self._scores))
        past = len(self._ordered)
        allowed = floor(self._rate * (past + 1) + 1e-9) - 1  # 1 / (1 - 0.995) is not quite 200
        beyond = float(self._ordered[-allowed - 1]) if 0 <= allowed < past else inf
        self._threshold = float(np.nextafter(beyond, inf))

    def _alarm(self, hit: Hit, values: NDArray[np.float64]) -> Alarm:
        _, score, parts = hit
        past = self._ordered
        p_value = (1.0 + len(past) - int(np.searchsorted(past, score))) / (len(past) + 1.0)
        total = sum(parts) or 1.0
        medians = self._scale.centre
        named = list(zip(self._fields, medians.tolist(), values.tolist(), parts, strict=True))
        return Alarm(
            prev_state={field: (median, "source") for field, median, _, _ in named},
            new_state={field: (value, "source") for field, _, value, _ in named},
            metrics={
                "score": (score, "score"),
                "threshold": (min(self._threshold, self._model.certain_from), "score"),
                "past_scores": (len(past), "count"),
                "p_value": (p_value, "probability"),
            },
            confidence=1.0 - p_value,
            contributors=tuple((field, part / total) for field, _, _, part in named),
        )
