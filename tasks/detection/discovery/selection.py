"""Which alarms are kept as patterns: the methods a TaskSpec may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.discovery.adjustment import benjamini_hochberg, benjamini_yekutieli
from tasks.detection.discovery.online import Lord, Saffron, run_in_batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tasks.detection.discovery.online import Procedure
    from taskspecs.discovery import DiscoverySpec

BLOCK_BARS = 250
"""Bars of a series that an online procedure judges as one: about a year of days."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms of a run, and the bars at which others could have come.

    Every usable bar of every series under every detector is a test of "nothing happens here"; its
    p-value is one where no alarm came.

    Parameters
    ----------
    p_values
        Shape (n,), of the alarms.
    stream
        Shape (n,): which series under which detector each is of, from 0.
    time
        Shape (n,): the place of its bar among all times of the run, from 0.
    times
        For each stream the places of its usable bars, ascending.
    """

    p_values: NDArray[np.float64]
    stream: NDArray[np.int64]
    time: NDArray[np.int64]
    times: tuple[NDArray[np.int64], ...]

    @property
    def tests(self) -> int:
        """How many bars there are in all streams."""
        return sum(map(len, self.times))


def q_values(alarms: Alarms) -> NDArray[np.float64]:
    """Return for each alarm the expected share of false ones among those at least as strong.

    Benjamini and Hochberg's adjusted p-values over all bars, series and detectors of the run.

    Parameters
    ----------
    alarms
        Those of a whole run, with how many bars were looked at.

    Returns
    -------
    numpy.ndarray
        Float64, shape (alarms,), in [0, 1].

    Notes
    -----
    Look-ahead: the whole run; for a reader, not for a trade.
    """
    return benjamini_hochberg(alarms.p_values, alarms.tests)


def select(alarms: Alarms, settings: DiscoverySpec) -> NDArray[np.bool_]:
    """Return which alarms are discoveries at the stated level.

    `bh` and `by` look at the whole run. `lord` and `saffron` judge each block of `BLOCK_BARS` times
    of a stream by the strongest alarm in it, its p-value times the block's bars (Bonferroni), and
    know of other blocks only those that ended before; streams of one block are in a fixed order.
    Alarms depend on one another, across symbols above all, and positively, which is what `bh` is
    proved for; `by` holds whatever the dependence is, for a price in power.

    Parameters
    ----------
    alarms
        Those of a whole run, with how many bars were looked at.
    settings
        The method and the level.

    Returns
    -------
    numpy.ndarray
        Boolean, shape (alarms,).

    Notes
    -----
    Look-ahead: `bh` and `by`: the whole run. `lord` and `saffron`: blocks that ended before, and
    the own block.
    """
    return _METHODS[settings.method](alarms, settings.level)


def _bh(alarms: Alarms, level: float) -> NDArray[np.bool_]:
    return q_values(alarms) <= level


def _by(alarms: Alarms, level: float) -> NDArray[np.bool_]:
    return benjamini_yekutieli(alarms.p_values, alarms.tests) <= level


def _all(alarms: Alarms, _: float) -> NDArray[np.bool_]:
    return np.ones(len(alarms.p_values), dtype=bool)


def _online(procedure: Callable[[float], Procedure]) -> Method:
    def choose(alarms: Alarms, level: float) -> NDArray[np.bool_]:
        bars = _bars_by_block(alarms)
        chances = np.array(
            [
                min(1.0, p * bars[time // BLOCK_BARS, stream])
                for p, stream, time in zip(alarms.p_values, alarms.stream, alarms.time, strict=True)
            ]
        )
        tests = dict.fromkeys(sorted(bars), 1.0)
        keys = list(zip((alarms.time // BLOCK_BARS).tolist(), alarms.stream.tolist(), strict=True))
        for key, chance in zip(keys, chances.tolist(), strict=True):
            tests[key] = min(tests[key], chance)
        levels = _levels(procedure(level), tests)
        return np.array(
            [c <= levels[key] for key, c in zip(keys, chances, strict=True)], dtype=bool
        )

    return choose


def _bars_by_block(alarms: Alarms) -> dict[tuple[int, int], int]:
    """Count the bars of each block of each stream; the earliest block first."""
    return {
        (int(block), stream): int(count)
        for stream, times in enumerate(alarms.times)
        for block, count in zip(*np.unique(times // BLOCK_BARS, return_counts=True), strict=True)
    }


def _levels(
    procedure: Procedure, tests: dict[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """Return the level at which each block of each stream was tested."""
    batches: dict[int, list[tuple[int, int]]] = {}
    for key in tests:
        batches.setdefault(key[0], []).append(key)
    given = run_in_batches(procedure, [[tests[key] for key in batch] for batch in batches.values()])
    ordered = [key for batch in batches.values() for key in batch]
    return dict(zip(ordered, (level for batch in given for level in batch), strict=True))


if TYPE_CHECKING:
    Method = Callable[[Alarms, float], NDArray[np.bool_]]

_METHODS: dict[str, Method] = {
    "bh": _bh,
    "by": _by,
    "lord": _online(Lord),
    "saffron": _online(Saffron),
    "none": _all,
}
