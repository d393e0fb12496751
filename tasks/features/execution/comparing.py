"""Runs the comparisons of a stage over all symbols, a few times at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tasks.features.kernels import crosses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from tasks.features.compilation.stages import Comparison

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
    """

    def __init__(self, times: NDArray[np.int64]) -> None:
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
