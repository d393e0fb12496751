"""Pieces of a fetch as they come, each a file, so that nothing is asked for twice."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from configs.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from tasks.sources.providers.port import Span


class Parts:
    """The pieces of one symbol that are there.

    Parameters
    ----------
    folder
        Of the whole fetch.
    symbol
        By our name.
    span
        What is wanted of it.

    Attributes
    ----------
    rows
        Bars that are there.
    """

    def __init__(self, folder: Path, symbol: str, span: Span) -> None:
        self.folder, self.span = folder / _safe(symbol), span
        self._upto_us, self.rows = span.start_us, 0
        for path in self.paths():
            start, end, rows = map(int, path.stem.split("-"))
            if start != self._upto_us:
                break
            self._upto_us, self.rows = end, self.rows + rows

    def paths(self) -> list[Path]:
        """Return the pieces, in the order of time."""
        found = self.folder.glob("*-*-*.parquet") if self.folder.is_dir() else ()
        return sorted(found, key=lambda path: int(path.stem.partition("-")[0]))

    @property
    def unfinished(self) -> bool:
        """Whether anything is left to be asked for."""
        return self._upto_us < self.span.end_us

    @property
    def left(self) -> Span:
        """What is left to be asked for."""
        return self.span._replace(start_us=self._upto_us)

    @property
    def share(self) -> float:
        """The part of the period that is there."""
        return (self._upto_us - self.span.start_us) / (self.span.end_us - self.span.start_us)

    def keep(self, bars: pl.DataFrame, upto_us: int) -> None:
        """Keep a piece: whole or not at all.

        Raises
        ------
        Failed
            If it does not come further than the one before.
        """
        if upto_us <= self._upto_us:
            raise Failed("a history that does not come further: it is given up")
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{os.getpid()}.part"
        bars.write_parquet(part)
        part.replace(self.folder / f"{self._upto_us}-{upto_us}-{bars.height}.parquet")
        self._upto_us = upto_us


def _safe(symbol: str) -> str:
    """Return a folder's name for a symbol, of which two differ also where capitals do not."""
    return f"{symbol}-{hashlib.sha256(symbol.encode()).hexdigest()[:8]}"
