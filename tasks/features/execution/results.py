"""Features of some symbols while they are computed: their values, and which of them are missing."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.storing import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Results:
    """Columns that several threads fill, each its own rows.

    Attributes
    ----------
    values
        For each feature a column of shape (rows,), NaN where missing.
    valid
        Of shape (features, bytes): a bit for each row as in Arrow, 0 for missing; of use where a
        feature has missing values.
    missing
        For each feature, how many values are missing.
    lease
        What the values' memory is borrowed under, if it is: to be kept alive as long as they are.
    """

    values: Sequence[NDArray[np.float32]]
    valid: NDArray[np.uint8]
    missing: NDArray[np.int64]
    lease: Lease | None = None

    def mark(self, feature: int, rows: slice) -> int:
        """Mark what is missing in some rows of a feature, and count it."""
        return int(mark(self.valid[feature], self.values[feature], rows.start, rows.stop))

    def settle(self, missing: NDArray[np.int64], bounds: Iterable[int]) -> None:
        """Mark the bytes that hold rows of two threads, once all rows are there.

        Parameters
        ----------
        missing
            For each feature, how many values are missing.
        bounds
            Where the rows of one thread end and those of another begin, or all end.
        """
        self.missing[:] = missing
        shared = np.unique([bound // 8 for bound in bounds if bound % 8]).astype(np.int64)
        rows = shared[:, np.newaxis] * 8 + np.arange(8)
        for feature in np.flatnonzero(missing).tolist():
            there = ~np.isnan(self.values[feature].take(rows, mode="clip"))
            self.valid[feature, shared] = np.packbits(there, axis=1, bitorder="little")[:, 0]


class Memory:
    """Blocks for one batch after another, which come back when nobody reads them any more.

    New memory costs as much as it takes to compute a quarter of what is put into it.

    Parameters
    ----------
    columns
        Of a batch.
    rows
        Of each batch. The columns of a single one get memory of their own: whoever keeps one of
        them does not keep all.
    """

    def __init__(self, columns: int, rows: Sequence[int]) -> None:
        self._columns, self._longest = columns, max(rows, default=0)
        self._alone = len(rows) < 2
        self.spare: list[NDArray[np.float32]] = []

    def borrow(self, rows: int) -> Results:
        """Make results of so many rows in memory of which there is some to spare, or in new one."""
        if self._alone:
            return hold([np.empty(rows, np.float32) for _ in range(self._columns)], rows)
        try:
            block = self.spare.pop()
        except IndexError:
            block = np.empty(self._columns * self._longest, np.float32)
        table = block[: self._columns * rows].reshape(self._columns, rows)
        return hold(list(table), rows, Lease(block, weakref.ref(self)))


class Lease:
    """Gives a block back when the last reader has let go of it, if it is still of use."""

    __slots__ = ("_block", "_memory")

    def __init__(self, block: NDArray[np.float32], memory: weakref.ref[Memory]) -> None:
        self._block, self._memory = block, memory

    def __del__(self) -> None:
        memory = self._memory()
        if memory is not None:
            memory.spare.append(self._block)


def hold(columns: Sequence[NDArray[np.float32]], rows: int, lease: Lease | None = None) -> Results:
    """Take columns of so many rows to be filled.

    Parameters
    ----------
    columns
        Float32, each of shape (rows,), to be written to.
    rows
        Of each.
    lease
        Gives the memory back once nobody reads the results; default the memory is kept.

    Returns
    -------
    Results
        With no value marked as there.

    Notes
    -----
    Look-ahead: none; nothing is computed.
    """
    valid = np.empty((len(columns), -(-rows // 8)), np.uint8)
    return Results(columns, valid, np.zeros(len(columns), np.int64), lease)


def take(columns: Sequence[NDArray[np.float32]], rows: int) -> Results:
    """Take columns that are filled, of so many rows.

    Parameters
    ----------
    columns
        Float32, each of shape (rows,), NaN where a value is missing.
    rows
        Of each.

    Returns
    -------
    Results
        With the missing values marked.

    Notes
    -----
    Look-ahead: none; each value by itself.
    """
    results = hold(columns, rows)
    missing = [results.mark(feature, slice(0, rows)) for feature in range(len(columns))]
    results.settle(np.array(missing, np.int64), [rows])
    return results
