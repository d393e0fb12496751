"""What can be known to be wrong before anything is computed or written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from configs.errors import BadInput, in_spec
from tasks.aggregation.groups import refuse_strangers
from tasks.backtest import refuse_impossible
from tasks.ingest.task import known_bars, summary, take_in
from tasks.resampling import Resampling, refuse_unfinished
from tasks.signal.refusals import refuse_windows
from taskspecs.expressions import fields, parse
from taskspecs.features import all_expressions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from tasks.dag.session import Session
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True)
class Extent:
    """What the data of a run cover.

    Attributes
    ----------
    symbols
        All that have bars, sorted.
    first_day, last_day
        The first and the last local date with a bar.
    first_ts, last_ts
        The ends of the first and the last bar, UTC.
    times
        Gives the times of bars (UTC, rising, unique); read when a check asks for them.
    empty
        Columns of bars that have no value at all.
    """

    symbols: tuple[str, ...]
    first_day: date
    last_day: date
    first_ts: datetime
    last_ts: datetime
    times: Callable[[], pl.Series]
    empty: frozenset[str] = frozenset()

    @classmethod
    def of(cls, summary: Mapping[str, Any], zone: str, times: Callable[[], pl.Series]) -> Self:
        """Read the summary that ingest wrote, its days counted in a zone."""
        first, last = (datetime.fromisoformat(summary[key]) for key in ("start", "end"))
        first_day, last_day = (ts.astimezone(ZoneInfo(zone)).date() for ts in (first, last))
        symbols, empty = tuple(summary["symbols"]), frozenset(summary["empty"])
        return cls(symbols, first_day, last_day, first, last, times, empty)


def check_runnable(session: Session) -> Extent:
    """Hold the spec against the data.

    Reading the source finds unknown symbols, periods without data and files that are no bars; what
    was read is kept for the run, so nothing is read twice.

    Returns
    -------
    Extent
        Of the data.

    Raises
    ------
    BadInput
        Naming the key of the spec; nothing was written.
    """
    extent = extent_of(session)
    check_spec(session.plan.spec, extent)
    return extent


def extent_of(session: Session) -> Extent:
    """Say what the data of a run cover; as :func:`check_runnable`, without holding a spec to it."""
    plan = session.plan
    if session.lake.exists(plan.stage("ingest").dataset):
        content = session.lake.read(session.manifest("ingest"), "summary.json")
        known: dict[str, Any] = json.loads(content)
    else:
        known = summary(known_bars(take_in(session).bars, plan.as_of))
    if not known["rows"]:
        raise BadInput(
            f"no bar was known at {plan.as_of}", hint="take a later --as-of, or leave it out"
        )
    return Extent.of(known, plan.spec.data.zone, cache(lambda: _times(session)))


def _times(session: Session) -> pl.Series:
    if session.prepared is None:
        return session.frame("ingest", "bars")["ts"].unique().sort()
    return known_bars(session.prepared.bars, session.plan.as_of)["ts"].unique().sort()


def check_spec(spec: TaskSpec, extent: Extent) -> None:
    """Hold every section of a spec against what the data cover.

    Raises
    ------
    BadInput
        Naming the key and what to change.
    """
    for check in CHECKS:
        check(spec, extent)


def _check_backtest(spec: TaskSpec, extent: Extent) -> None:
    refuse_impossible(spec.backtest, extent.symbols, extent.first_day, extent.last_day)
    rules = spec.aggregation
    for key in ("normalise", "neutralise"):
        if len(extent.symbols) == 1 and getattr(rules, key) != "none":
            raise BadInput(
                f"{key} is {getattr(rules, key)}, and there is one symbol: compared with no "
                "others, each of its features is the same at all times",
                place=in_spec(f"aggregation.{key}"),
                hint=f"write `aggregation: {{{key}: none}}`, or load more symbols",
            )


def _check_bars(spec: TaskSpec, extent: Extent) -> None:
    """Refuse coarser bars of which none would ever be over, and calendars that do not fit."""
    resampling = Resampling.of(spec)
    if resampling is not None:
        refuse_unfinished(resampling, extent.first_ts, extent.last_ts)


def _check_fields(spec: TaskSpec, extent: Extent) -> None:
    """Refuse to deal at a price, or to score by a field, of which the data have no value."""
    if spec.backtest.deal_price in extent.empty:
        raise BadInput(
            f"the data have no {spec.backtest.deal_price} prices to deal at",
            place=in_spec("backtest.deal_price"),
            hint="write `deal_price: close`, or name the column: data: {columns: {open: YOURS}}",
        )
    defined = all_expressions(spec.features)
    expressions = {"signal.expression": spec.signal.expression, "signal.label": spec.signal.label}
    for key, expression in expressions.items():
        for name in sorted(_bars_read(expression, defined) & extent.empty if expression else ()):
            raise BadInput(
                f"${name} has no value on any bar of the data, and `{expression}` reads it",
                place=in_spec(key),
                hint=f"use a field that the data have, or name the column: "
                f"data: {{columns: {{{name}: YOURS}}}}",
            )


def _bars_read(expression: str, defined: Mapping[str, str]) -> set[str]:
    """Name the fields of bars that an expression reads, by itself or through features."""
    read: set[str] = set()
    waiting, seen = [expression], set[str]()
    while waiting:
        for name in fields(parse(waiting.pop())):
            if name not in defined:
                read.add(name)
            elif name not in seen:
                seen.add(name)
                waiting.append(defined[name])
    return read


def _check_model(spec: TaskSpec, extent: Extent) -> None:
    if spec.signal.model is None:
        return
    times, resampling = extent.times(), Resampling.of(spec)
    if resampling is not None:
        times = resampling.ends(times).drop_nulls()
    refuse_windows(spec.signal, times, zone=spec.data.zone, until=spec.backtest.end)


def _check_groups(spec: TaskSpec, extent: Extent) -> None:
    refuse_strangers(spec, extent.symbols)


CHECKS: tuple[Callable[[TaskSpec, Extent], None], ...] = (
    _check_bars, _check_groups, _check_backtest, _check_fields, _check_model,
)  # fmt: skip
"""Each refuses what it knows to be impossible; the first that does speaks."""
