"""Normalise: columns scaled by what is known of their own past."""

from __future__ import annotations

from collections import deque
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Annotated, Any, Literal

import polars as pl
from pydantic import Field

from configs.errors import BadInput, did_you_mean
from configs.section import Section
from tasks.streams.operators.port import BarOperator

if TYPE_CHECKING:
    from collections.abc import Iterable

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
ROBUST = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""


class Causal(Section):
    """What is scaled, and by what."""

    columns: Annotated[tuple[Name, ...], Field(min_length=1, max_length=256)]
    """Columns of bars and features; each scaled one stands beside it, with `_n` behind its name."""
    by: Literal["zscore", "robust"] = "zscore"
    """Mean and standard deviation, or median and median absolute deviation."""
    window: Annotated[int, Field(ge=2, le=10_000)] = 100
    """So many values of the same symbol, before the present one."""
    least: Annotated[int, Field(ge=2, le=10_000)] = 20
    """Until there are so many, there is no scaled value."""


class Normalise(BarOperator):
    """Scales columns, symbol by symbol, by the values before: `(value - centre) / spread`.

    Missing and infinite values have no scaled one and are not remembered; where the past does not
    vary there is none either.

    Look-ahead: none; a row's scale is of rows of its symbol before it.
    """

    def __init__(self, settings: Causal) -> None:
        super().__init__(settings)
        self._past: dict[str, dict[str, deque[float]]] = {name: {} for name in settings.columns}

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the scaled columns."""
        missing = [name for name in self._settings.columns if name not in frame.columns]
        if missing:
            raise BadInput(f"there is no column `{missing[0]}`",
                           hint=did_you_mean(missing[0], frame.columns))  # fmt: skip
        frame = frame.sort("ts", "symbol")
        made = [
            pl.Series(f"{name}_n", list(self._scaled(name, frame)), dtype=pl.Float64)
            for name in self._settings.columns
        ]
        return frame.with_columns(made)

    def _scaled(self, name: str, frame: pl.DataFrame) -> Iterable[float | None]:
        past = self._past[name]
        spread = _robust if self._settings.by == "robust" else _moments
        for symbol, value in frame.select("symbol", pl.col(name).cast(pl.Float64)).iter_rows():
            if value is None or not isfinite(value):
                yield None
                continue
            window = past.setdefault(symbol, deque(maxlen=self._settings.window))
            scaled = None
            if len(window) >= min(self._settings.least, self._settings.window):
                centre, width = spread(window)
                scaled = (value - centre) / width if width > 0.0 else None
            window.append(value)
            yield scaled

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._past

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._past = state


def _moments(values: deque[float]) -> tuple[float, float]:
    n = len(values)
    mean = sum(values) / n
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))


def _robust(values: deque[float]) -> tuple[float, float]:
    ordered = sorted(values)
    centre = ordered[len(ordered) // 2]
    away = sorted(abs(value - centre) for value in ordered)
    return centre, ROBUST * away[len(away) // 2]
