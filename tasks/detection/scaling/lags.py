"""What a model is given to predict a bar from: the bars before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Pair = tuple[list[float], list[float]]
    """What a bar is predicted from, and the bar."""

_SIGMAS_EACH_WAY = 8.0


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

    def pairs(self, units: NDArray[np.float64]) -> Iterator[Pair]:
        """Return what each bar is predicted from, the earliest bar's fields first, and the bar.

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
        return zip(known.tolist(), deviations.tolist(), strict=True)
