"""Windows split into a newer and an older part, down to single rows.

How a window is split depends on its length alone, so a feature has the same bytes in whatever
company it is computed, and windows of one series share their parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec

from tasks.features.compilation.graph import Constant, Graph, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.features.compilation.graph import Operand

P = ParamSpec("P")

MASKS: Final = frozenset({"present", "both_present", "not_null", "constant_one"})
"""Kernels that write ones and zeros."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A series inside windows: its values, 0 where missing, and 1 or 0 for there or missing."""

    values: Operand
    mask: Operand


def halve(rows: int) -> tuple[int, int]:
    """Split a window of two rows or more into its newer and older part."""
    return (rows - 1, 1) if rows % 2 else (rows // 2, rows // 2)


def to_float(graph: Graph, x: Operand) -> Operand:
    """Make conditions and whole numbers 64-bit floats."""
    if graph.dtype(x).kind == "f" and graph.dtype(x).itemsize >= 4:
        return x
    return graph.add("convert", x)


def stream(graph: Graph, x: Operand) -> Stream:
    """Prepare a series for windows."""
    if graph.dtype(x).kind != "f":
        return Stream(to_float(graph, x), graph.add("constant_one"))
    x = to_float(graph, x)
    return Stream(graph.add("filled", x, Constant(0.0)), graph.add("present", x))


def pair(graph: Graph, x: Operand, y: Operand) -> tuple[Stream, Stream]:
    """Prepare two series for windows over the rows where both are there."""
    x, y = to_float(graph, x), to_float(graph, y)
    mask = graph.add("both_present", x, y)
    return (
        Stream(graph.add("filled_where", x, mask), mask),
        Stream(graph.add("filled_where", y, mask), mask),
    )


def remembered(
    rule: Callable[Concatenate[Graph, P], Operand],
) -> Callable[Concatenate[Graph, P], Operand]:
    """Lower equal requests once: a window asks twice for each half of each half."""

    def lower(graph: Graph, /, *args: P.args, **kwargs: P.kwargs) -> Operand:
        key = (rule.__name__, *args, *sorted(kwargs.items()))
        return graph.once(key, lambda: rule(graph, *args, **kwargs))

    update_wrapper(lower, rule)
    return lower


@remembered
def total(graph: Graph, x: Operand, rows: int) -> Operand:
    """Sum over a window; 0 rows: all so far. Ones and zeros are counted, which is exact."""
    if rows == 1:
        return x
    if graph.kernel(x) in MASKS:
        so_far = graph.add("running_count", x)
        return graph.add("windowed_count", so_far, Constant(rows)) if rows else so_far
    if rows == 0:
        return graph.add("running_sum", x)
    new, old = halve(rows)
    return graph.add("merge_sum", total(graph, x, new), total(graph, x, old), Constant(new))


@remembered
def comoment(graph: Graph, x: Stream, y: Stream, rows: int) -> Operand:
    """Sum of products of deviations over a window; both streams have one mask."""
    if rows == 0:
        return graph.add("running_comoment", x.values, y.values, x.mask)
    if rows == 1:
        return graph.add("constant_zero")
    new, old = halve(rows)
    sums = [total(graph, v, n) for v in (x.values, y.values, x.mask) for n in (new, old)]
    parts = [comoment(graph, x, y, n) for n in (new, old)]
    return graph.add("merge_comoment", *parts, *sums, Constant(new))


@remembered
def third(graph: Graph, x: Stream, rows: int) -> Operand:
    """Sum of cubed deviations over a window."""
    if rows == 0:
        return Part(graph.add("running_moments", x.values, x.mask, width=3), 1)
    if rows == 1:
        return graph.add("constant_zero")
    new, old = halve(rows)
    parts = [third(graph, x, n) for n in (new, old)]
    below = [comoment(graph, x, x, n) for n in (new, old)]
    sums = [total(graph, v, n) for v in (x.values, x.mask) for n in (new, old)]
    return graph.add("merge_third", *parts, *below, *sums, Constant(new))


@remembered
def fourth(graph: Graph, x: Stream, rows: int) -> Operand:
    """Sum of fourth powers of deviations over a window."""
    if rows == 0:
        return Part(graph.add("running_moments", x.values, x.mask, width=3), 2)
    if rows == 1:
        return graph.add("constant_zero")
    new, old = halve(rows)
    parts = [fourth(graph, x, n) for n in (new, old)]
    below = [third(graph, x, n) for n in (new, old)]
    below += [comoment(graph, x, x, n) for n in (new, old)]
    sums = [total(graph, v, n) for v in (x.values, x.mask) for n in (new, old)]
    return graph.add("merge_fourth", *parts, *below, *sums, Constant(new))


@remembered
def age(graph: Graph, x: Operand, rows: int) -> Operand:
    """Sum of age times value over a window; the newest row has age 0."""
    if rows == 0:
        return graph.add("running_age", x)
    if rows == 1:
        return graph.add("constant_zero")
    new, old = halve(rows)
    parts = [age(graph, x, n) for n in (new, old)]
    return graph.add("merge_age", *parts, total(graph, x, old), Constant(new), Constant(new))


@remembered
def age_squared(graph: Graph, x: Operand, rows: int) -> Operand:
    """Sum of squared age times value over a window."""
    if rows == 0:
        return graph.add("running_age_squared", x)
    if rows == 1:
        return graph.add("constant_zero")
    new, old = halve(rows)
    parts = [age_squared(graph, x, n) for n in (new, old)]
    older = (age(graph, x, old), total(graph, x, old))
    return graph.add("merge_age_squared", *parts, *older, Constant(new), Constant(new))


def overlap(rows: int) -> tuple[int, int]:
    """Split a window of two rows or more into two equal, perhaps overlapping, powers of two."""
    length = 1 << (rows.bit_length() - 1)
    length = length // 2 if length == rows else length
    return length, rows - length


@remembered
def extreme(graph: Graph, x: Operand, rows: int, which: str) -> Operand:
    """`max` or `min` over a window."""
    if rows == 0:
        return graph.add(f"running_{which}", x)
    if rows == 1:
        return x
    length, lag = overlap(rows)
    part = extreme(graph, x, length, which)
    return graph.add(f"merge_{which}", part, part, Constant(lag))


@remembered
def place(graph: Graph, x: Operand, rows: int, which: str) -> Operand:
    """Row, counted from the symbol's first, of the first `max` or `min` over a window."""
    if rows == 0:
        return graph.add(f"running_place_of_{which}", x)
    if rows == 1:
        return graph.add("row_number")
    length, lag = overlap(rows)
    part, values = place(graph, x, length, which), extreme(graph, x, length, which)
    return graph.add(f"merge_place_of_{which}", part, part, values, values, Constant(lag))
