"""Run the same function over many pieces of work, on as many processes as are worth it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, TypeVar

from configs.children import protect_children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Work = TypeVar("Work")
Done = TypeVar("Done")

WORTH_SECONDS = 10.0
"""CPU time from which starting processes, up to four seconds of imports in each, pays."""
_CHUNKS_PER_JOB = 8
"""More pieces than processes, so that none is idle while another has much left."""


def map_series(
    function: Callable[[Sequence[Work]], Done],
    work: Sequence[Work],
    *,
    jobs: int | None = None,
    cost_s: float = inf,
) -> Iterator[tuple[int, Done]]:
    """Apply a function to runs of consecutive series, and yield what it returns in their order.

    Processes are joblib's (loky), which start fresh and so are safe after Polars or chDB were
    used. Inside ``joblib.parallel_config(backend="dask")``, or any other backend's, the same
    pieces go to that cluster.

    Parameters
    ----------
    function
        Of a module, pure: what it returns may not depend on how the work is cut.
    work
        The series.
    jobs
        Processes; None takes those of an active ``parallel_config``, else one where all the work
        costs less than `WORTH_SECONDS`, and one for each core where it costs more.
    cost_s
        What all the work costs, about, in seconds of CPU time.

    Yields
    ------
    tuple[int, Done]
        How many series are done so far, and what came of the last run of them.

    Examples
    --------
    >>> list(map_series(len, [1.0, 2.0, 3.0], cost_s=0.1))
    [(1, 1), (2, 1), (3, 1)]
    """
    if not work:
        return
    wanted = jobs if jobs is not None else _worth(cost_s)
    if wanted == 1:
        for done, one in enumerate(work, start=1):
            yield done, function([one])
        return
    from joblib import Parallel, delayed

    protect_children()
    parallel = Parallel(n_jobs=wanted, return_as="generator", max_nbytes=None, batch_size=1)
    size = max(1, -(-len(work) // (parallel.n_jobs * _CHUNKS_PER_JOB)))
    pieces = [work[start : start + size] for start in range(0, len(work), size)]
    done = 0
    for piece, result in zip(
        pieces, parallel(delayed(function)(piece) for piece in pieces), strict=True
    ):
        done += len(piece)
        yield done, result


def _worth(cost_s: float) -> int | None:
    """Return how many processes to use; None leaves it to an active `parallel_config`."""
    from joblib import cpu_count
    from joblib.parallel import get_active_backend

    _, configured = get_active_backend()
    if configured not in {None, 1}:
        return None
    return int(cpu_count()) if cost_s >= WORTH_SECONDS else 1
