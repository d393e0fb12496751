"""Anomalies: bars that are rare in random projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from river.anomaly import LODA

from tasks.detection.anomaly.by_name import ByName
from tasks.detection.anomaly.by_rank import AlarmsByRank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskspecs.detectors import LodaDetector

_GRACE_BARS = 50
_TIE_BREAK = 2e-3


class Projections(ByName):
    """River's LODA, with an order among bars that lie beyond all of its bins.

    Those have all the same score, as had every record of the past. To the score is added a
    thousandth of how far the bar's farthest field is from its median, in half widths of the unit
    interval, which decides between them and little else.
    """

    def __init__(self, loda: Any, fields: Sequence[str]) -> None:
        super().__init__(loda, fields, _GRACE_BARS)
        self._loda = loda
        self.score = self._strangeness

    def _strangeness(self, bar: dict[str, float]) -> float:
        farthest = max(abs(unit - 0.5) for unit in bar.values())
        return float(self._loda.score_one(bar)) + _TIE_BREAK * farthest


class LodaAlarms(AlarmsByRank):
    """Histograms of random projections; the score is the mean negative log-likelihood.

    Source: Pevny, "Loda: lightweight on-line detector of anomalies", Machine Learning 2016, as in
    River but for ties (see `Projections`); the rule is that of `by_rank.AlarmsByRank`.
    """

    def __init__(self, spec: LodaDetector) -> None:
        loda: Any = LODA(spec.n_bins, spec.n_random_cuts, seed=spec.seed)
        super().__init__(spec, Projections(loda, spec.fields))
