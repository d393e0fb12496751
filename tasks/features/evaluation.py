"""Expressions over bars: the public entry."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from tasks.features.compilation.groups import encode_groups
from tasks.features.execution.batches import BATCH_ROWS, Pieces, Whole
from tasks.features.execution.panel import KEYS, build_panel
from tasks.features.execution.running import run
from tasks.features.execution.threads import count_threads
from tasks.features.output import to_frame
from tasks.features.study import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl


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
        any numeric or Boolean columns, features among them; columns of text name groups. One row
        for each symbol and time, in any order.
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
    Look-ahead: a row depends on rows up to its own `ts`, of its own symbol, and of the others on
    the times at which they have rows; comparisons across symbols read the others at the same and
    earlier times. With `allow_lookahead`, on as many rows ahead as
    `taskspecs.expressions.analyse` says.

    Examples
    --------
    >>> from datetime import date
    >>> import polars as pl
    >>> days = pl.date_range(date(2024, 1, 1), date(2024, 1, 4), eager=True)
    >>> bars = pl.DataFrame({"symbol": ["A"] * 4, "ts": days, "close": [1.0, 3.0, None, 5.0]})
    >>> evaluate(bars, ["Mean($close, 2)"])["Mean($close, 2)"].to_list()
    [1.0, 2.0, 3.0, 5.0]
    """
    study = prepare(bars, expressions, allow_lookahead=allow_lookahead)
    frame = encode_groups(bars.lazy(), study.fields).select(*KEYS, *study.fields).collect()
    source = Whole(build_panel(frame, study.fields), frame["ts"].n_unique())
    [(panel, results)] = run(study.stages, source, threads or count_threads())
    return to_frame(panel.keys, study.names, results)


def stream(
    bars: pl.DataFrame | pl.LazyFrame,
    expressions: Mapping[str, str] | Sequence[str],
    *,
    allow_lookahead: bool = False,
    threads: int | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pl.DataFrame]:
    """Compute as `evaluate` does, in batches of symbols, so that memory stays bounded.

    Parameters
    ----------
    bars
        As for `evaluate`; best a scan of Parquet files sorted by (symbol, ts).
    expressions
        As for `evaluate`.
    allow_lookahead
        As for `evaluate`.
    threads
        As for `evaluate`.
    batch_rows
        Rows of a batch, unless one symbol has more.

    Yields
    ------
    DataFrame
        Batches that, one after the other, are what `evaluate` returns, byte for byte; without
        bars one that is empty.

    Raises
    ------
    BadInput
        As `evaluate` does.

    Notes
    -----
    Look-ahead: as of `evaluate`.
    """
    study = prepare(bars, expressions, allow_lookahead=allow_lookahead)
    coded = encode_groups(bars.lazy(), study.fields)
    source = Pieces(coded.select(*KEYS, *study.fields), batch_rows)
    done = run(study.stages, source, threads or count_threads())
    yield from starmap(lambda panel, results: to_frame(panel.keys, study.names, results), done)
    if not source.batches:
        yield evaluate(bars.lazy().head(0), expressions, allow_lookahead=allow_lookahead)
