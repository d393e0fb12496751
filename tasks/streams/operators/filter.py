"""Filter: rows of which something holds."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from pydantic import Field, model_validator

from configs.section import Section
from tasks.streams.incremental import KEYS, Incremental
from tasks.streams.operators.port import BarOperator

KEPT = "__kept"


class Where(Section):
    """Which rows go on."""

    where: Annotated[str, Field(min_length=1, max_length=4_000)]
    """An expression over bars, features and what stands before, as `$volume > 0`; rows at which it
    is above 0 go on, those at which it is missing do not."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, said: Any) -> Any:
        return {"where": said} if isinstance(said, str) else said


class Filter(BarOperator):
    """Keeps rows at which an expression is above 0; the expression sees those that it drops, too.

    Look-ahead: none; rows up to the present one.
    """

    def __init__(self, settings: Where) -> None:
        super().__init__(settings)
        self._made = Incremental({KEPT: settings.where})

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that go on."""
        made = self._made.compute(frame)
        joined = frame.join(made, on=KEYS, how="left", maintain_order="left")
        return joined.filter(pl.col(KEPT) > 0).drop(KEPT)

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._made.freeze()

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._made.thaw(state)
