"""Runs the comparisons of a stage over all symbols, a few times at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from configs.errors import BadInput, did_you_mean
from tasks.features.kernels import crosses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from tasks.features.stages import Comparison

KERNELS: Final[dict[str, Callable[..., None]]] = {
    "CSDemean": crosses.demean,
    "CSNeutralise": crosses.neutralise,
    "CSRank": crosses.rank,
    "CSScale": crosses.scale,
    "CSWinsorise": crosses.winsorise,
    "CSZScore": crosses.zscore,
}
"""The kernel of each operator across symbols."""

TIMES: Final = 256
"""Times that one worker takes at once."""


class CrossSections:
    """Rows of a study by time.

    Parameters
    ----------
    times
        Time of each row, of shape (rows,), in the study's order.
    names
        Symbols, in order.
    row_bounds
        Where each symbol's rows begin, of shape (symbols + 1,).
    """

    def __init__(
        self, times: NDArray[np.int64], names: Sequence[str], row_bounds: NDArray[np.int64]
    ) -> None:
        self._times = times
        self._rows = {name: slice(row_bounds[k], row_bounds[k + 1]) for k, name in enumerate(names)}
        self._order = np.argsort(times, kind="stable")
        starts = np.flatnonzero(np.diff(times[self._order])) + 1
        self._bounds = np.concatenate([[0], starts, [times.size]]).astype(np.int64)

    def compare(
        self,
        comparison: Comparison,
        columns: Sequence[NDArray[np.float32]],
        out: NDArray[np.float32],
        pool: Executor,
    ) -> None:
        """Fill `out` with one comparison, rows in the study's order."""
        if comparison.symbols:
            self._pick(comparison.symbols[0], columns[comparison.columns[0]], out)
            return
        kernel = KERNELS[comparison.operator]
        read = [columns[place] for place in comparison.columns]
        last = self._bounds.size - 1
        parts = [self._bounds[t : min(t + TIMES, last) + 1] for t in range(0, last, TIMES)]
        jobs = [
            pool.submit(kernel, out, *read, *comparison.numbers, self._order, part)
            for part in parts
        ]
        for job in jobs:
            job.result()

    def _pick(self, name: str, column: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Give every row the value of one symbol at its time; NaN where that has no row."""
        if name not in self._rows:
            raise BadInput(f"there is no symbol '{name}'", hint=did_you_mean(name, self._rows))
        times, values = self._times[self._rows[name]], column[self._rows[name]]
        places = np.minimum(np.searchsorted(times, self._times), times.size - 1)
        out[:] = np.where(times[places] == self._times, values[places], np.float32(np.nan))
