"""Expressions over bars: the public entry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.errors import BadInput
from tasks.features.chunks import Chunk, cut_chunks
from tasks.features.machine import Machine
from tasks.features.output import to_frame
from tasks.features.panel import KEYS, build_panel
from tasks.features.plan import compile_plan
from tasks.features.threads import count_threads
from taskspecs.expressions import check

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from tasks.features.panel import Panel
    from tasks.features.plan import Plan
    from taskspecs.expressions import Node


def evaluate(
    bars: pl.DataFrame | pl.LazyFrame,
    expressions: Mapping[str, str] | Sequence[str],
    *,
    allow_lookahead: bool = False,
    threads: int | None = None,
) -> pl.DataFrame:
    """Compute expressions over bars, with qlib's values.

    Fields are rounded to 32 bits, arithmetic stays in 32 bits, windows compute in 64 bits over
    rows of the calendar, and results are rounded to 32 bits. Inside windows NaN and the infinities
    are missing, and one value is enough for a result; comparisons with a missing value are false.

    Parameters
    ----------
    bars
        Columns `symbol` (String), `ts` (Datetime or Date) and the fields that expressions read:
        any numeric or Boolean columns, features among them. One row for each symbol and time, in
        any order.
    expressions
        Feature name to expression; or texts, which then name their columns.
    allow_lookahead
        Whether expressions may read the future, as labels do.
    threads
        Cores to use; default all that this process may use. The result does not depend on it.

    Returns
    -------
    DataFrame
        `symbol, ts` and one Float32 column for each expression; the rows of `bars` sorted by
        (symbol, ts); null where a value is missing. Divisions by zero give infinities, as in qlib.

    Raises
    ------
    BadInput
        An expression that is wrong, with its place; missing, doubled or unusable columns.

    Notes
    -----
    Look-ahead: a row depends on rows up to its own `ts`, of its own symbol; of the others it
    depends on at which times they have rows. With `allow_lookahead`, on as many rows ahead as
    `taskspecs.expressions.analyse` says.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.date_range(date(2024, 1, 1), date(2024, 1, 4), eager=True)
    >>> bars = pl.DataFrame({"symbol": ["A"] * 4, "ts": days, "close": [1.0, 3.0, None, 5.0]})
    >>> evaluate(bars, ["Mean($close, 2)"])["Mean($close, 2)"].to_list()
    [1.0, 2.0, 3.0, 5.0]
    """
    named = _name(expressions)
    trees = check_all(named, usable_fields(bars), allow_lookahead=allow_lookahead)
    plan = compile_plan(trees)
    frame = bars.lazy().select(*KEYS, *plan.inputs).collect()
    panel = build_panel(frame, plan.inputs)
    columns = compute(plan, panel, threads or count_threads())
    return to_frame(panel.keys, plan.names, columns)


def _name(expressions: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    if isinstance(expressions, str):
        raise BadInput("expressions must be a mapping or a list, not one text")
    named = (
        dict(expressions.items())
        if hasattr(expressions, "items")
        else {text: text for text in expressions}
    )
    taken = [name for name in named if name in KEYS]
    if taken:
        raise BadInput(f"a feature cannot be named '{taken[0]}': the keys are {', '.join(KEYS)}")
    return named


def usable_fields(bars: pl.DataFrame | pl.LazyFrame) -> list[str]:
    """Name the columns that expressions may read: the numeric and Boolean ones."""
    schema = bars.lazy().collect_schema()
    missing = [key for key in KEYS if key not in schema]
    if missing:
        raise BadInput(f"bars have no column '{missing[0]}'", hint=f"they have {list(schema)}")
    if not schema["ts"].is_temporal():
        raise BadInput(f"`ts` must be Datetime or Date, not {schema['ts']}")
    return [
        name
        for name, dtype in schema.items()
        if name not in KEYS and (dtype.is_numeric() or dtype == pl.Boolean)
    ]


def check_all(
    named: Mapping[str, str], known: Collection[str], *, allow_lookahead: bool
) -> dict[str, Node]:
    """Check every expression, naming the feature in an error."""
    trees = {}
    for name, text in named.items():
        try:
            trees[name] = check(text, known_fields=known, allow_lookahead=allow_lookahead)
        except BadInput as error:
            what = error.what if name == text else f"{name}: {error.what}"
            raise BadInput(what, hint=error.hint) from error
    return trees


def compute(plan: Plan, panel: Panel, threads: int) -> list[NDArray[np.float32]]:
    """Run a plan over a panel, chunk by chunk.

    Returns
    -------
    list
        One column of shape (rows,) for each feature.
    """
    columns = [np.empty(panel.keys.height, np.float32) for _ in plan.names]
    chunks = cut_chunks(panel)
    capacity = max((chunk.grid_rows for chunk in chunks), default=0)
    machines: SimpleQueue[Machine] = SimpleQueue()
    for _ in range(max(threads, 1)):
        machines.put(Machine(plan, capacity))

    def work(chunk: Chunk) -> None:
        machine = machines.get()

        def emit(feature: int, values: NDArray[Any]) -> None:
            chunk.store(values, columns[feature])

        try:
            machine.run(chunk.load(panel), chunk.bounds, emit)
        finally:
            machines.put(machine)

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        for done in [pool.submit(work, chunk) for chunk in chunks]:
            done.result()
    return columns
