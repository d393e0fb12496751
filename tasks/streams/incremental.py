"""Expressions over frames that grow: only new rows are computed, and little is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from configs.errors import BadInput
from tasks.streams.frames import from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.errors import Place

KEYS: Final = ("symbol", "ts")
LONGEST: Final = 20_000
"""Rows of the calendar that an expression may look back on."""
SPARE: Final = 64
"""Times that are remembered beyond what is needed, so that not every bar is followed by a cut."""


class Incremental:
    """Computes expressions as `tasks.features.evaluate` does over all rows: the same bytes.

    What is remembered are the rows of as many times as the longest expression looks back on, and
    the last row before them of each symbol.

    Parameters
    ----------
    expressions
        Name to text; of bounded lookback.
    place
        Where a document says them.

    Raises
    ------
    BadInput
        If one is none, reads the future, or looks back on more than `LONGEST` rows.
    """

    def __init__(self, expressions: Mapping[str, str], place: Place | None = None) -> None:
        self._expressions = dict(expressions)
        try:
            self._rows, self._fields = _needs(expressions)
        except BadInput as error:
            raise (error.at(place) if place else error) from None
        self._past: pl.DataFrame | None = None

    def compute(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `symbol, ts` and a column for each expression, of the rows of a frame.

        Parameters
        ----------
        frame
            `symbol, ts` and what is read; all later than any frame before.
        """
        from tasks.features.evaluation import evaluate
        from tasks.features.increment import evaluate_increment

        new = frame.select(*KEYS, *(name for name in self._fields if name in frame.columns))
        if self._past is None:
            made = evaluate(new, self._expressions, threads=1)
            self._past = self._cut(new)
            return made
        after = self._past["ts"].max()
        together = pl.concat([self._past, new], rechunk=True)
        made = evaluate_increment(together, self._expressions, after=after, threads=1)  # type: ignore[arg-type]
        self._past = self._cut(together)
        return made

    def _cut(self, frame: pl.DataFrame) -> pl.DataFrame:
        times = frame["ts"].unique().sort()
        if len(times) <= 2 * self._rows + SPARE:
            return frame
        first = times[-max(1, self._rows)]
        older = frame.filter(pl.col("ts") < first)
        last = older.sort(KEYS).unique("symbol", keep="last", maintain_order=True)
        return pl.concat([last, frame.filter(pl.col("ts") >= first)], rechunk=True)

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {"past": None if self._past is None else to_bytes(self._past)}

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._past = None if state["past"] is None else from_bytes(state["past"])


def _needs(expressions: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return how many rows back expressions look, and what they read."""
    from taskspecs.expressions import analyse, check, fields

    longest, read = 0, set[str]()
    for name, text in expressions.items():
        tree = check(text, known_fields=None, allow_lookahead=False)
        rows = analyse(tree).lookback_rows
        if rows is None or rows > LONGEST:
            far = "all of history" if rows is None else f"{rows:,} rows"
            raise BadInput(
                f"{name}: a stream remembers {LONGEST:,} rows, and this looks back on {far}",
                hint="take a mean with a window instead of an exponential one or a window of 0",
            )
        longest = max(longest, rows)
        read |= fields(tree)
    return longest, sorted(read)
