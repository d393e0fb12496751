"""Read a source: canonical bars, and what was found, repaired, dropped and guessed on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput
from tasks.ingest import frequency, symbols
from tasks.ingest.clock import Clock
from tasks.ingest.columns import assign
from tasks.ingest.duplicates import drop_duplicates
from tasks.ingest.ends import ends
from tasks.ingest.factors import adjust
from tasks.ingest.health import Finding, report
from tasks.ingest.ingested import Found, Ingested
from tasks.ingest.order import KEY, arrange
from tasks.ingest.prices import drop_absurd, drop_unusable, widen
from tasks.ingest.publication import publish
from tasks.ingest.rows import Rows, read_rows
from tasks.ingest.rules import BY_NAME
from tasks.ingest.sample import as_file
from tasks.ingest.selection import drop_nameless, keep_period, keep_wanted
from tasks.ingest.suspicions import suspicions
from tasks.ingest.tables import load
from tasks.ingest.volumes import drop_negative, empty_suspended

if TYPE_CHECKING:
    from pathlib import Path

    from taskspecs.schema import DataSpec

COLUMNS = (*KEY, "open", "high", "low", "close", "volume", "factor", "known_at")
OPTIONAL = ("amount", "vwap")


def read(data: DataSpec, path: Path, *, original_name: str | None = None) -> Ingested:
    """Read the bars of a source from exactly this file.

    Parameters
    ----------
    data
        The `data` section of a spec.
    path
        The source's bytes: a CSV (plain or gzipped) or a Parquet file.
    original_name
        What the file was called before it was copied; it names the symbol of a file that has no
        column for it. Default: the path's name.

    Returns
    -------
    Ingested
        Bars, health, reading.

    Raises
    ------
    BadInput
        If the file cannot be read as bars of this spec; what is wrong, where, and what would help.
    Failed
        If the file cannot be read at all.

    Notes
    -----
    Look-ahead: a bar depends on its own and earlier rows of its symbol. What is decided from the
    whole file (which column is what, how times are written, whether stamps are starts or ends) is
    the file's form, not its prices.
    """
    return _read(data, path, original_name or path.name, guessed=False)


def inspect(path: Path, data: DataSpec, *, original_name: str | None = None) -> Ingested:
    """Read a file as :func:`read` does, with the frequency that it turns out to have.

    Parameters
    ----------
    path
        A CSV or a Parquet file.
    data
        ``DataSpec(source="file", path=...)``, with columns, zone and session if they are known.
    original_name
        As for :func:`read`.

    Raises
    ------
    BadInput
        As :func:`read`.
    """
    return _read(data, path, original_name or path.name, guessed=True)


def _read(data: DataSpec, path: Path, name: str, *, guessed: bool) -> Ingested:
    data = as_file(data)
    table = load(path, name)
    temporal = [heading for heading, dtype in table.schema.items() if dtype.is_temporal()]
    columns = assign(table.schema, data.columns, file=name, temporal=temporal)
    cells = read_rows(table, columns)
    findings = list(cells.findings)
    rows, dropped = drop_nameless(cells.frame, file=name)
    findings += dropped
    clock, guesses = _clock(data, rows, name, guessed=guessed)
    findings += guesses
    rows, how, timed = _timed(rows, cells, clock)
    findings += timed
    if data.symbols is not None:
        symbols.check_wanted(data.symbols, rows["symbol"].unique().to_list(), file=name)
    rows, dropped = keep_wanted(rows, data.symbols)
    findings += dropped
    rows, dropped = keep_period(rows, clock, data.start, data.end, file=name)
    findings += dropped
    rows, known_how, published = publish(rows, table, columns, clock)
    findings += published
    bars, repaired = _refine(rows, cells, clock, data)
    findings += repaired
    if bars.is_empty():
        raise _nothing_left(name, findings)
    reading = dict(cells.reading)
    reading["ts"] = f"{reading['ts']}: {how}"
    reading["known_at"] = known_how
    return _ingested(bars, findings, reading, clock)


def _clock(
    data: DataSpec, rows: pl.DataFrame, name: str, *, guessed: bool
) -> tuple[Clock, list[Finding]]:
    if not guessed:
        clock = Clock.of(data, data.frequency)
        frequency.check(rows, data.frequency, name=name)
        return clock, []
    found = frequency.guess(rows, name=name)
    return Clock.of(data, found), [Finding("frequency", rows.height, 0, found)]


def _timed(
    rows: pl.DataFrame, cells: Rows, clock: Clock
) -> tuple[pl.DataFrame, str, list[Finding]]:
    """Add `ts`, the end of each bar."""
    ended = ends(cells.stamps, cells.frame["symbol"], clock)
    kept = rows["row"]
    rows = rows.with_columns(ts=ended.ts.gather(kept))
    findings = [
        Finding.of("nonexistent_time", rows.filter(ended.skipped.gather(kept)), clock),
        Finding.of("ambiguous_time", rows.filter(ended.repeated.gather(kept)), clock),
    ]
    if ended.guess:
        findings.append(Finding.of(ended.guess, rows, clock, show=("wall",)))
    return rows.drop("wall"), ended.how, findings


def _refine(
    rows: pl.DataFrame, cells: Rows, clock: Clock, data: DataSpec
) -> tuple[pl.DataFrame, list[Finding]]:
    """Apply the rules, each to what the one before left."""
    findings: list[Finding] = []
    for rule in (arrange, drop_absurd, drop_unusable, drop_negative, drop_duplicates, widen):
        rows, found = rule(rows, clock)
        findings += found
    rows, found = adjust(rows, cells.adjustment, clock, wanted=data.adjust)
    findings += found
    rows, found = empty_suspended(rows, clock)
    findings += found
    return rows, [*findings, *suspicions(rows, clock)]


def _nothing_left(name: str, findings: list[Finding]) -> BadInput:
    lost = [f for f in findings if f.count and BY_NAME[f.rule].action == "dropped"]
    return BadInput(
        f"no row of `{name}` is a bar that can be used",
        hint="dropped: " + "; ".join(f"{f.count:,} by {f.rule} ({f.example})" for f in lost),
    )


def _ingested(
    rows: pl.DataFrame, findings: list[Finding], reading: dict[str, str], clock: Clock
) -> Ingested:
    order = [*COLUMNS, *(name for name in OPTIONAL if name in rows.columns)]
    bars = rows.select(order).with_columns(pl.col("symbol").cast(pl.String))
    count = bars["symbol"].n_unique()
    delivered = Finding("rows_delivered", bars.height, count)
    first, last = bars.select(first=pl.col("ts").min(), last=pl.col("ts").max()).row(0)
    found = Found(clock.frequency, clock.zone, first, last, count, bars.height)
    return Ingested(bars, report([*findings, delivered]), reading, found)
