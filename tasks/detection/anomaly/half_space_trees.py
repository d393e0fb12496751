"""Anomalies: bars that fall where few bars fell before."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

from tasks.detection.anomaly.forest import Forest
from tasks.detection.protocol import Alarm, BarByBar
from tasks.detection.scaling.ranks import RankWindow
from tasks.detection.scaling.scale import CausalScale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskspecs.detectors import HalfSpaceTreesDetector

SCALE_BARS = 20
"""Bars from which the first scale is learnt, before the trees see any."""


class HalfSpaceTreesAlarms(BarByBar):
    """Half-space trees over scaled series, with a threshold learnt from their own scores.

    Source: Tan, Ting and Liu, "Fast anomaly detection for streaming data", IJCAI 2011, as in
    River.

    *Scale.* Every field enters by its own `CausalScale` over the last `window_bars` values.

    *Score.* In [0, 1], of the bar before the trees learn it; higher is stranger. None until the
    trees have seen `window_bars` bars.

    *Threshold.* With n scores before it, a score is an anomaly when its conformal p-value
    p = (1 + number of them not below it) / (n + 1) is at most 1 - `quantile` (Laxhammar and
    Falkman, 2010): no alarm comes before n reaches 1 / (1 - `quantile`) - 1. Of exchangeable bars
    at most 1 - `quantile` raise an alarm. `confidence` is 1 - p: the share of past scores that lie
    below.

    *Contributors.* Each field in turn is put back to its median and the bar scored again; a
    field's share is its drop in score over the sum of the drops. All are 0 where no field alone
    lowers the score.

    *States.* `prev_state` holds each field's median over the window, `new_state` its value, in
    the field's unit.

    Look-ahead: none; bars up to the present.
    """

    def __init__(self, spec: HalfSpaceTreesDetector) -> None:
        self._spec = spec
        self._fields = spec.fields
        self._forest: Any = Forest(spec)
        self._learnt = 0
        self._scales = [CausalScale(spec.window_bars) for _ in self._fields]
        self._rate = 1.0 - spec.quantile
        self._scores = RankWindow(max(1_000, ceil(10.0 / self._rate)))
        self._score: float | None = None

    @property
    def score(self) -> float | None:
        """How strange the last bar was, in [0, 1]; None before the trees know enough."""
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take the next bar: scale, score, compare, learn."""
        alarm = None
        if len(self._scales[0]) >= SCALE_BARS:
            alarm = self._judge(values)
        for scale, value in zip(self._scales, values, strict=True):
            scale.push(value)
        return alarm

    def _judge(self, values: Sequence[float]) -> Alarm | None:
        bar = {
            field: scale.unit(value)
            for field, scale, value in zip(self._fields, self._scales, values, strict=True)
        }
        alarm = None
        if self._learnt >= self._spec.window_bars:
            self._score = score = float(self._forest.score_one(bar))
            alarm = self._compare(score, bar, values)
            self._scores.push(score)
        self._forest.learn_one(bar)
        self._learnt += 1
        return alarm

    def _compare(
        self, score: float, bar: Mapping[str, float], values: Sequence[float]
    ) -> Alarm | None:
        past = len(self._scores)
        allowed = floor(self._rate * (past + 1) + 1e-9) - 1  # 1 / (1 - 0.995) is not quite 200
        if allowed < 0:
            return None
        threshold = self._scores.nth_largest(allowed + 1)
        if score <= threshold:
            return None
        p_value = (1 + self._scores.count_at_least(score)) / (past + 1)
        medians = [scale.centre for scale in self._scales]
        return Alarm(
            prev_state={f: (v, "source") for f, v in zip(self._fields, medians, strict=True)},
            new_state={f: (v, "source") for f, v in zip(self._fields, values, strict=True)},
            metrics={
                "score": (score, "score"),
                "threshold": (threshold, "score"),
                "past_scores": (past, "count"),
                "p_value": (p_value, "probability"),
            },
            confidence=1.0 - p_value,
            contributors=self._shares(score, bar),
        )

    def _shares(self, score: float, bar: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        drops = [
            max(0.0, score - float(self._forest.score_one({**bar, field: 0.5})))
            for field in self._fields
        ]
        total = sum(drops) or 1.0
        return tuple((f, drop / total) for f, drop in zip(self._fields, drops, strict=True))
