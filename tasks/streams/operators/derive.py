"""Derive: columns by expressions over those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, RootModel

from tasks.streams.incremental import KEYS, Incremental
from tasks.streams.operators.normalise import Name
from tasks.streams.operators.port import BarOperator

if TYPE_CHECKING:
    import polars as pl

Text = Annotated[str, Field(min_length=1, max_length=4_000)]


class Columns(RootModel[Annotated[dict[Name, Text], Field(min_length=1, max_length=256)]]):
    """A name and an expression for each new column."""

    model_config = ConfigDict(frozen=True)


class Derive(BarOperator):
    """Adds columns, in the language of studies, over bars, features and what stands before.

    Look-ahead: none; rows up to the present one.
    """

    def __init__(self, settings: Columns) -> None:
        super().__init__(settings)
        self._made = Incremental(settings.root)

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the new columns."""
        made = self._made.compute(frame)
        return frame.join(made, on=KEYS, how="left", maintain_order="left")

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._made.freeze()

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._made.thaw(state)
