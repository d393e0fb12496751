"""What the last values let one expect of the next."""

from __future__ import annotations

_FORGETTING = 0.998
_START = 10.0
_MOST_GAIN = 1e4
_CLIP = 4.0


class Forecast:
    """Two lags and a constant by recursive least squares with forgetting.

    Source: Ljung and Soderstrom, "Theory and Practice of Recursive Identification", 1983. An error
    beyond four usual ones teaches as if it were four, so that an outlier does not spoil the model.
    """

    __slots__ = ("_c", "_error", "_n", "_p", "_w", "_x1", "_x2")

    def __init__(self) -> None:
        self._w = [0.6, 0.2, 0.0]
        self._p = [_START, 0.0, 0.0, _START, 0.0, _START]  # the upper triangle, row by row
        self._x1 = self._x2 = 0.0
        self._c = 1.0
        self._error = 0.0
        self._n = 0

    def error(self, value: float) -> float:
        """Return what the forecast misses a standardised value by, then learn it."""
        a, b, c = self._x1, self._x2, self._c
        w = self._w
        missed = value - (w[0] * a + w[1] * b + w[2] * c)
        self._n += 1
        limit = _CLIP * self._error if self._n > 20 else abs(missed)
        taught = min(limit, max(-limit, missed))
        self._error += max(0.01, 1.0 / self._n) * (min(abs(missed), limit) - self._error)
        p00, p01, p02, p11, p12, p22 = self._p
        g0 = p00 * a + p01 * b + p02 * c
        g1 = p01 * a + p11 * b + p12 * c
        g2 = p02 * a + p12 * b + p22 * c
        down = 1.0 / (_FORGETTING + a * g0 + b * g1 + c * g2)
        w[0] += g0 * down * taught
        w[1] += g1 * down * taught
        w[2] += g2 * down * taught
        # Without excitation the gain would grow without bound.
        grow = 1.0 / _FORGETTING if p00 + p11 + p22 < _MOST_GAIN else 1.0
        self._p = [
            (p00 - g0 * g0 * down) * grow, (p01 - g0 * g1 * down) * grow,
            (p02 - g0 * g2 * down) * grow, (p11 - g1 * g1 * down) * grow,
            (p12 - g1 * g2 * down) * grow, (p22 - g2 * g2 * down) * grow,
        ]  # fmt: skip
        self._x2, self._x1 = a, value
        return missed
