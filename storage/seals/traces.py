"""Traces: the rises and falls of a symbol, a bit a step, by which a market is known again. Pure.

Two things are taken. *Runs*: all stretches of forty daily moves, as rises and falls in a row; moves
that are small for the symbol are left out. They know nothing of dates, names, levels or scale, and
of the returns only their signs, so a shift in time, rounding, noise, logarithms or the inverse
price change few of them. *Traces*: whether a symbol rose more than its median, week by week and
month by month. They are compared by how often two agree, so coarser bars, days left out, or another
price of the same day (the open, the middle) leave them alike.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

RUN: Final = 40
"""Moves of a run: chance gives the same one once in 5e11 pairs."""
KEPT_RUNS: Final = 128
_LOOKED_AT: Final = 16 * KEPT_RUNS
RUN_HEX: Final = 12
SMALL: Final = 0.02
"""Moves below this share of the symbol's median move have no sign."""
TURNS: Final = (10, 30)
"""How often a run changes direction; others are trends or saws, which many markets have."""

KEPT_SYMBOLS: Final = 32
STEPS: Final = {"week": 1024, "month": 480}
"""The most steps that are kept of a trace: the newest ones."""
FEWEST: Final = 48
"""Steps that two traces must have in common."""
ALIKE: Final = 0.86
"""How often traces of one series agree; of independent ones, half of the time."""
STILL: Final = 1e-7
"""Moves that differ by less are equal."""
LONGEST_WAVE: Final = FEWEST // 2
"""Steps after which a wave is seen to repeat itself."""
SURE: Final = 6.5
"""Standard deviations that an agreement must lie from chance, at the same dates."""
SURE_SHIFTED: Final = 7.5
"""The same, where many shifts were tried."""
MOST_SHIFT: Final = {"week": 104, "month": 24}
"""Steps by which one may lie later than the other."""
SHIFTED_SYMBOLS: Final = 16
_EPOCH_MONDAY: Final = 4
"""Days from 1970-01-01 to the first Monday after it."""


class Trace(NamedTuple):
    """Rises and falls of one symbol, at one step.

    Attributes
    ----------
    first
        Number of the first step: weeks or months since 1970.
    rises
        Shape (steps,): whether it rose more than its median.
    """

    step: str
    first: int
    rises: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Track:
    """What is kept of the rises and falls of a set of bars, as text.

    Attributes
    ----------
    runs
        The lowest digests of its runs, in order.
    traces
        Of some symbols, those whose names have the lowest digests: ``w1200:<bits>``, base64.
    """

    runs: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()

    def read(self) -> list[Trace]:
        """Return the traces."""
        return [_read(text) for text in self.traces]


def track(closes: pl.DataFrame) -> Track:
    """Take the runs and traces of daily closes.

    Parameters
    ----------
    closes
        ``symbol``, ``day``, ``close`` > 0, ordered by symbol and day, a row for each day.
    """
    parts = {
        str(name): (part["day"].to_physical().to_numpy(), np.log(part["close"].to_numpy()))
        for (name,), part in closes.group_by(["symbol"], maintain_order=True)
    }
    numbers = _runs([levels for _, levels in parts.values()])
    if len(numbers) > _LOOKED_AT:
        numbers = np.partition(numbers, _LOOKED_AT)[:_LOOKED_AT]
    lowest = sorted(set(numbers.tolist()))[:KEPT_RUNS]
    runs = tuple(hashlib.sha256(one.to_bytes(8)).hexdigest()[:RUN_HEX] for one in lowest)
    by_name = sorted(parts, key=lambda name: hashlib.sha256(name.encode()).digest())
    found = (traces for name in by_name if (traces := _traces(*parts[name])))
    return Track(runs, tuple(_write(one) for each in islice(found, KEPT_SYMBOLS) for one in each))


def same_series(one: Track, other: Track) -> bool:
    """Whether a trace of each is of the same series, at the same dates or shifted in time."""
    mine, theirs = one.read(), other.read()
    return any(
        _agree([t for t in mine if t.step == step], [t for t in theirs if t.step == step])
        for step in STEPS
    )


def _runs(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.uint64]:
    """Return scrambled numbers of all runs of all symbols; the lowest ones are a fair sample."""
    signs = [kept for levels in parts if len(kept := _signs(levels)) >= RUN]
    if not signs:
        return np.empty(0, np.uint64)
    rises = np.concatenate(signs)
    numbers = rises.astype(np.uint64)
    packed, width = numbers, 1
    while 2 * width <= RUN:  # bits of a window by doubling: 1, 2, 4, ... of them
        packed = packed[:-width] | (packed[width:] << np.uint64(width))
        width *= 2
    rest = RUN - width
    packed = packed[: len(packed) - rest] | (packed[rest:] << np.uint64(rest))
    turned = np.concatenate([[0], np.cumsum(rises[1:] != rises[:-1])])
    turns = turned[RUN - 1 :] - turned[: len(packed)]
    whole = np.concatenate(
        [np.arange(len(one)) <= len(one) - RUN for one in signs]
    )[: len(packed)]  # fmt: skip
    kept = packed[whole & (turns >= TURNS[0]) & (turns <= TURNS[1])]
    full = np.uint64((1 << RUN) - 1)
    return _scramble(np.where(kept & np.uint64(1), kept ^ full, kept))  # the inverse is the same


def _signs(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the moves of a symbol that are not small, as rises and falls."""
    moves = np.diff(levels)
    size = np.abs(moves)
    if not (size > 0).any():
        return np.empty(0, bool)
    signs: NDArray[np.bool_] = (moves > 0)[size >= SMALL * np.median(size[size > 0])]
    return signs


def _scramble(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix bits (splitmix64), so that order says nothing."""
    with np.errstate(over="ignore"):
        mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def _traces(days: NDArray[np.int32], levels: NDArray[np.float64]) -> list[Trace]:
    days64 = days.astype(np.int64)
    weeks = (days64 - _EPOCH_MONDAY) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    found = (
        _trace(step, numbers, levels)
        for step, numbers in (("week", weeks), ("month", months))
    )  # fmt: skip
    return [one for one in found if one is not None]


def _trace(step: str, numbers: NDArray[np.int64], levels: NDArray[np.float64]) -> Trace | None:
    last = np.flatnonzero(np.append(np.diff(numbers) != 0, True))
    steps, ends = numbers[last], levels[last]
    span = int(steps[-1] - steps[0])
    # A symbol that has a price in few of its steps has no trace at them.
    if span < FEWEST or 2 * len(steps) < span:
        return None
    filled = ends[np.searchsorted(steps, np.arange(steps[0], steps[-1] + 1), side="right") - 1]
    moves = np.diff(filled)
    middle = np.median(moves)
    if np.median(np.abs(moves - middle)) < STILL:  # steady growth: what is left is rounding
        return None
    rises = moves > middle
    kept = rises[-STEPS[step] :]
    return Trace(step, int(steps[-1]) - len(kept) + 1, kept) if _varied(kept) else None


def _varied(rises: NDArray[np.bool_]) -> bool:
    """Whether it is neither a trend nor a wave nor a saw, which many series are."""
    if not 0.25 <= float(rises.mean()) <= 0.75:
        return False
    again = [float((rises[lag:] == rises[:-lag]).mean()) for lag in range(1, LONGEST_WAVE)]
    return all(1 - ALIKE < share < ALIKE for share in again)


def _agree(mine: Sequence[Trace], theirs: Sequence[Trace]) -> bool:
    if not mine or not theirs:
        return False
    grid, wide = _aligned(mine, theirs)
    steps, reach = grid.shape[1], MOST_SHIFT[mine[0].step]
    if _matched(grid, wide[:, reach : reach + steps], SURE):
        return True
    few, many = grid[:SHIFTED_SYMBOLS], wide[:SHIFTED_SYMBOLS]
    shifts = range(2 * reach + 1)
    return any(_matched(few, many[:, at : at + steps], SURE_SHIFTED) for at in shifts)


def _aligned(
    mine: Sequence[Trace], theirs: Sequence[Trace]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lay traces side by side, 1 for a rise, -1 for a fall, 0 where there is none.

    The second has room for the largest shift on either side of the first.
    """
    reach = MOST_SHIFT[mine[0].step]
    first = min(t.first for t in mine)
    end = max(t.first + len(t.rises) for t in mine)
    return _grid(mine, first, end), _grid(theirs, first - reach, end + reach)


def _grid(traces: Sequence[Trace], first: int, end: int) -> NDArray[np.float32]:
    grid = np.zeros((len(traces), end - first), np.float32)
    for row, one in zip(grid, traces, strict=True):
        signs = np.where(one.rises, 1.0, -1.0)[max(0, first - one.first) :]
        start = max(0, one.first - first)
        kept = signs[: max(0, end - first - start)]
        row[start : start + len(kept)] = kept
    return grid


def _matched(mine: NDArray[np.float32], theirs: NDArray[np.float32], sure: float) -> bool:
    """Whether any two agree, or contradict one another, more often than chance lets them."""
    common = np.abs(mine) @ np.abs(theirs).T
    score = np.abs(mine @ theirs.T)
    enough = common >= FEWEST
    agreement = 0.5 + 0.5 * score / np.maximum(common, 1)
    return bool((enough & (agreement >= ALIKE) & (score >= sure * np.sqrt(common))).any())


def _write(one: Trace) -> str:
    packed = base64.b64encode(np.packbits(one.rises).tobytes()).decode().rstrip("=")
    return f"{one.step[0]}{one.first}.{len(one.rises)}:{packed}"


def _read(text: str) -> Trace:
    head, _, packed = text.partition(":")
    first, _, count = head[1:].partition(".")
    step = next(step for step in STEPS if step[0] == head[0])
    bits = np.frombuffer(base64.b64decode(packed + "=" * (-len(packed) % 4)), np.uint8)
    return Trace(step, int(first), np.unpackbits(bits, count=int(count)).astype(bool))
