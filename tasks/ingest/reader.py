"""Read a source: canonical bars, and what was found, repaired, dropped and guessed on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import polars as pl

from configs.errors import BadInput
from tasks.ingest.bars import symbols
from tasks.ingest.bars.completeness import drop_incomplete
from tasks.ingest.bars.duplicates import drop_duplicates, refuse_contradictions
from tasks.ingest.bars.factors import adjust
from tasks.ingest.bars.order import KEY, arrange
from tasks.ingest.bars.prices import drop_absurd, drop_unusable, widen
from tasks.ingest.bars.publication import publish
from tasks.ingest.bars.selection import drop_nameless, keep_period, keep_wanted
from tasks.ingest.bars.suspicions import suspicions
from tasks.ingest.bars.volumes import drop_negative, empty_suspended
from tasks.ingest.headings.columns import assign
from tasks.ingest.health import Finding, report
from tasks.ingest.ingested import Found, Ingested
from tasks.ingest.opening import load
from tasks.ingest.origin.sample import as_file
from tasks.ingest.rows import Rows, read_rows
from tasks.ingest.rules import BY_NAME
from tasks.ingest.times import frequency
from tasks.ingest.times.clock import Clock, refuse_repeated_hours
from tasks.ingest.times.ends import ends
from tasks.ingest.times.frequency import is_intraday
from tasks.ingest.times.stamps import temporal
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.ingest.files.tables import Table
    from tasks.ingest.understanding import Certainty
    from taskspecs.schema import DataSpec

COLUMNS = (*KEY, "open", "high", "low", "close", "volume", "factor", "known_at")
OPTIONAL = ("amount", "vwap")


def read(
    data: DataSpec,
    path: Path,
    *,
    original_name: str | None = None,
    seen_at: datetime | None = None,
) -> Ingested:
    """Read the bars of a source from exactly this file.

    Parameters
    ----------
    data
        The `data` section of a spec.
    path
        The source's bytes: any file or folder that :func:`tasks.ingest.opening.load` opens.
    original_name
        What the file was called before it was copied; it names the symbol of a file that has no
        column for it. Default: the path's name.
    seen_at
        When the file was taken in: bars that end later were not complete. Default: now.

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
    return _read(data, path, original_name or path.name, seen_at, guessed=False)


def inspect(
    path: Path,
    data: DataSpec,
    *,
    original_name: str | None = None,
    seen_at: datetime | None = None,
) -> Ingested:
    """Read a file as :func:`read` does, with the frequency that it turns out to have.

    Parameters
    ----------
    path
        A file or folder of bars.
    data
        ``DataSpec(source="file", path=...)``, with columns, zone and session if they are known.
    original_name, seen_at
        As for :func:`read`.

    Raises
    ------
    BadInput
        As :func:`read`.
    """
    return _read(data, path, original_name or path.name, seen_at, guessed=True)


def _read(
    data: DataSpec, path: Path, name: str, seen_at: datetime | None, *, guessed: bool
) -> Ingested:
    data = as_file(data)
    now = seen_at or datetime.now(UTC)
    table = load(path, name, data)
    named = {} if table.is_canonical else data.columns
    columns = assign(table.schema, named, file=name, temporal=temporal(table))
    cells = read_rows(table, columns, data)
    data = _in_named_zone(data, cells)
    findings = [*table.findings, *cells.findings]
    rows, dropped = drop_nameless(cells.frame, file=name)
    findings += dropped
    clock, guesses = _clock(data, rows, table, guessed=guessed)
    findings += guesses
    rows, how, timed = _timed(rows, cells, clock, name)
    findings += timed
    if data.symbols is not None:
        symbols.check_wanted(data.symbols, rows["symbol"].unique().to_list(), file=name)
    rows, dropped = keep_wanted(rows, data.symbols)
    findings += dropped
    last = cast("datetime | None", rows["ts"].max())
    rows, dropped = drop_incomplete(rows, clock, now, keep=data.future == "keep")
    findings += dropped
    if rows.is_empty():
        raise _nothing_yet(name, now, dropped)
    rows, dropped = keep_period(rows, clock, data.start, data.end, file=name)
    findings += dropped
    rows, known_how, published = publish(rows, table, columns, clock, dayfirst=data.dayfirst)
    findings += published
    bars, repaired = _refine(rows, cells, clock, data)
    findings += repaired
    refuse_contradictions(repaired, bars.height, file=name)
    if bars.is_empty():
        raise _nothing_left(name, findings)
    reading = dict(cells.reading)
    reading["ts"] = f"{reading['ts']}: {how}"
    reading["known_at"] = known_how
    understood = (*table.understood, *cells.understood, *_of_clock(clock, cells, how, data))
    ingested = _ingested(bars, findings, reading, clock)
    return replace(
        ingested,
        understood=understood,
        seen_at=now,
        last_end=last,
    )


def _in_named_zone(data: DataSpec, cells: Rows) -> DataSpec:
    """Use the zone that the file's times name, where the spec names none."""
    zone = cells.stamps.times.zone
    return data.model_copy(update={"timezone": zone}) if zone and not data.timezone else data


def _of_clock(clock: Clock, cells: Rows, how: str, data: DataSpec) -> list[Understood]:
    instants = cells.stamps.times.kind == "instant"
    zone_is_sure = instants or cells.stamps.times.zone is not None
    zone: Certainty = "sure" if zone_is_sure else "told" if data.timezone else "guessed"
    stamp: Certainty = "sure" if cells.stamps.role != "date" else "guessed"
    if not is_intraday(clock.frequency):
        stamp = "told" if data.session_close else "guessed"
    line = "session_close: '16:00'"
    if is_intraday(clock.frequency):
        line = f"columns: {{close_time: {cells.stamps.heading.split(' + ', maxsplit=1)[0]}}}"
    return [
        Understood("frequency", clock.frequency, "sure", f"frequency: {clock.frequency}"),
        Understood("zone", clock.zone, zone, "timezone: America/New_York"),
        Understood("stamps", how, stamp, line),
    ]


def _clock(
    data: DataSpec, rows: pl.DataFrame, table: Table, *, guessed: bool
) -> tuple[Clock, list[Finding]]:
    if not guessed:
        clock = Clock.of(data, data.frequency)
        frequency.check(rows, data.frequency, name=table.name, named=table.frequency)
        return clock, []
    found = frequency.guess(rows, name=table.name, named=table.frequency)
    return Clock.of(data, found), [Finding("frequency", rows.height, 0, found)]


def _timed(
    rows: pl.DataFrame, cells: Rows, clock: Clock, name: str
) -> tuple[pl.DataFrame, str, list[Finding]]:
    """Add `ts`, the end of each bar."""
    if cells.stamps.times.kind == "local" and not clock.zone_is_given:
        refuse_repeated_hours(rows, clock, file=name)
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


def _nothing_yet(name: str, now: datetime, findings: list[Finding]) -> BadInput:
    example = next((finding.example for finding in findings if finding.count), "")
    return BadInput(
        f"no bar of `{name}` had ended by {now:%Y-%m-%d %H:%M} UTC: {example}",
        hint="is this machine's clock right? for simulated data write `future: keep` under `data`",
    )


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
