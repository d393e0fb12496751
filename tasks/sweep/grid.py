"""The points of a sweep: every combination of the axes' values, or a sample of them."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput
from taskspecs.load import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from configs.document import Document
    from tasks.sweep.axes import Axis
    from taskspecs.schema import TaskSpec

MOST = 20_000
"""The most points of one sweep; from more, a sample is to be drawn."""


@dataclass(frozen=True, slots=True)
class Point:
    """One variant: its number in the grid, the place of its value on each axis, its spec."""

    number: int
    places: tuple[int, ...]
    spec: TaskSpec


@dataclass(frozen=True, slots=True)
class Grid:
    """The points of a sweep, how many combinations are left out, why, and the study as written."""

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    left_out: int = 0
    reason: str = ""
    base: TaskSpec | None = None

    def changed(self, point: Point) -> dict[str, str]:
        """Return what a point changes, as it was written."""
        return {
            axis.name: axis.texts[place]
            for axis, place in zip(self.axes, point.places, strict=True)
        }


def lay_out_grid(
    document: Document, axes: Sequence[Axis], *, sample: int | None = None, seed: int = 0
) -> Grid:
    """Make the spec of every point.

    A combination that is no valid spec (`n_drop` above `topk`) is left out; a value that is valid
    in none of its combinations is an error.

    Parameters
    ----------
    document
        The study as it was written.
    axes
        What is varied; the last one fastest.
    sample
        Draw so many points, without replacement; default all.
    seed
        Of the sample.

    Raises
    ------
    BadInput
        Naming the option and the key; also for more than `MOST` points.
    """
    numbers = _numbers(prod(len(axis.texts) for axis in axes), sample, seed)
    points, failures = [], []
    for number in numbers:
        places = _places(number, axes)
        try:
            points.append(Point(number, places, _spec(document, axes, places)))
        except BadInput as error:
            failures.append((places, error))
    _refuse_useless(axes, points, failures)
    reason = failures[0][1].what if failures else ""
    return Grid(tuple(axes), tuple(points), len(failures), reason, understand(document)[0])


def leave_out(grid: Grid, check: Callable[[TaskSpec], None]) -> Grid:
    """Leave out the points that a check refuses, as :func:`lay_out_grid` does what is no spec.

    Raises
    ------
    BadInput
        For a value that is refused in all of its combinations.
    """
    points, failures = [], []
    for point in grid.points:
        try:
            check(point.spec)
            points.append(point)
        except BadInput as error:
            failures.append((point.places, error))
    _refuse_useless(grid.axes, points, failures)
    if not failures:
        return grid
    reason = grid.reason or failures[0][1].what
    return replace(
        grid, points=tuple(points), left_out=grid.left_out + len(failures), reason=reason
    )


def _numbers(total: int, sample: int | None, seed: int) -> Sequence[int]:
    if sample is not None and sample < total:
        drawn = random.Random(seed).sample(range(total), sample)  # noqa: S311 - no secret
        total = len(drawn)
        numbers: Sequence[int] = sorted(drawn)
    else:
        numbers = range(total)
    if total > MOST:
        raise BadInput(
            f"the grid has {total:,} points; at most {MOST:,} are computed at a time",
            hint="draw a sample: --random 1000",
        )
    return numbers


def _places(number: int, axes: Sequence[Axis]) -> tuple[int, ...]:
    places = []
    for axis in reversed(axes):
        number, place = divmod(number, len(axis.texts))
        places.append(place)
    return tuple(reversed(places))


def _spec(document: Document, axes: Sequence[Axis], places: Sequence[int]) -> TaskSpec:
    value = copy.deepcopy(document.value)
    for axis, place in zip(axes, places, strict=True):
        *sections, name = axis.key.split(".")
        here: dict[str, Any] = value
        for section in sections:
            here = here.setdefault(section, {})
        here[name] = axis.values[place]
    return understand(replace(document, value=value, written={}))[0]


def _refuse_useless(
    axes: Sequence[Axis],
    points: Sequence[Point],
    failures: Sequence[tuple[tuple[int, ...], BadInput]],
) -> None:
    for number, axis in enumerate(axes):
        useful = {point.places[number] for point in points}
        for places, error in failures:
            key = error.place.key if error.place else None
            at_fault = key is None or axis.key.startswith(key)
            if places[number] not in useful and at_fault:
                raise error.at(axis.place(axis.texts[places[number]])) from None
    if failures and not points:
        raise failures[0][1]
