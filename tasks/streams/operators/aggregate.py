"""Aggregate: coarser bars of the bars that closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from configs.section import Section
from tasks.resampling.merging import merge
from tasks.resampling.resampling import Marks
from tasks.streams.operators.port import BarOperator
from tasks.streams.windows.frames import from_bytes, to_bytes
from tasks.streams.windows.windows import seconds_of
from taskspecs.sources.flow import BarLength

if TYPE_CHECKING:
    from datetime import datetime


class Coarser(Section):
    """What bars become."""

    every: BarLength
    """Their length, as `5min`; of UTC."""


class Aggregate(BarOperator):
    """Makes coarser bars, by the rules of `tasks.resampling`: a bar is there once a finer one has
    come at or after its end; features and other columns give their last value.

    Look-ahead: none; a bar depends on rows up to its end.
    """

    def __init__(self, settings: Coarser) -> None:
        super().__init__(settings)
        self._marks = Marks(seconds_of(settings.every))
        self._held: pl.DataFrame | None = None

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the coarser bars that are over."""
        together = frame if self._held is None else pl.concat([self._held, frame], how="diagonal")
        newest: datetime = frame["ts"].max()  # type: ignore[assignment]
        made = merge(together, self._marks, until=newest)
        self._held = together.filter(self._marks.ends(together["ts"]) > newest)
        return made

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return None if self._held is None else to_bytes(self._held)

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._held = None if state is None else from_bytes(state)
