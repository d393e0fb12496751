"""Columns that may be larger than memory should hold."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_MEMORY_ROWS: Final = 5_000_000
"""Columns of up to so many rows stay in memory; longer ones are files that memory caches."""


class Scratch:
    """Makes columns and forgets them all at the end."""

    def __init__(self) -> None:
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def column(self, rows: int) -> NDArray[np.float32]:
        """Make a column of shape (rows,), its values undefined."""
        if rows <= IN_MEMORY_ROWS:
            return np.empty(rows, np.float32)
        file = tempfile.TemporaryFile(prefix="qraft-")  # noqa: SIM115 (closed with the others)
        self._files.enter_context(file)
        file.truncate(rows * 4)
        return np.asarray(np.memmap(file, np.float32, "r+", shape=(rows,)))
