"""What a model is given to predict a bar from: the bars before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from river.linear_model import PARegressor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Pair = tuple[dict[str, float], list[float]]
    """What a bar is predicted from, and the bar."""

_SIGMAS_EACH_WAY = 8.0
_SLOWNESS = 0.01
"""Most that one bar moves the model's weights: Crammer's aggressiveness C."""


class Lags:
    """Pairs each bar with the bars before it.

    Parameters
    ----------
    lags
        How many of them.
    fields
        How many series there are.
    """

    def __init__(self, lags: int, fields: int) -> None:
        self._past = np.zeros((lags, fields))
        self._names = [
            f"{field} {lag} before" for lag in range(lags, 0, -1) for field in range(fields)
        ]

    def pairs(self, units: NDArray[np.float64]) -> Iterator[Pair]:
        """Return what each bar is predicted from, and the bar.

        Parameters
        ----------
        units
            Shape (bars, fields), in [0, 1]; given on as robust standard deviations from the median.
        """
        deviations = (units - 0.5) * (2.0 * _SIGMAS_EACH_WAY)
        rows = np.concatenate([self._past, deviations])
        lags = len(self._past)
        known = np.concatenate([rows[i : i + len(units)] for i in range(lags)], axis=1)
        self._past = rows[len(units) :]
        names = self._names
        # One by one: a list of dicts would keep the garbage collector busy.
        return (
            (dict(zip(names, before, strict=True)), bar)
            for before, bar in zip(known.tolist(), deviations.tolist(), strict=True)
        )


def linear_model() -> Any:
    """Return a new linear model that no outlier throws off.

    Source: Crammer, Dekel, Keshet, Shalev-Shwartz and Singer, "Online passive-aggressive
    algorithms", JMLR 2006, their first variant, as River's PARegressor.
    """
    return PARegressor(C=_SLOWNESS, mode=1, eps=0.0)
