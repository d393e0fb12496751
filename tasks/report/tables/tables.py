"""Small frames as tables of text: years, health, metrics and what was read how."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from configs.figures import label, parts, say, split_notes, unit_of
from configs.numbers import NONE, percent, plain, ratio, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.report.clock import Clock

COLUMN_FORMATS: dict[str, Callable[[Any], str]] = {
    "year": lambda value: NONE if value is None else str(value),
    "sharpe": ratio,
    "bars": whole,
    "turnover": lambda value: say(value, "times"),
    "cost": lambda value: percent(value, 2),
}
"""How columns of the table of years are written; other numbers are fractions."""

ACTIONS = {
    "kept": "kept as it is",
    "repaired": "repaired",
    "dropped": "left out",
    "flagged": "kept, but look at it",
    "refused": "refused",
    "guessed": "guessed, please confirm",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One rule of the data-health report, in words."""

    rule: str
    action: str
    said: str
    count: str
    symbols: str
    example: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: its name in words, value, unit and convention."""

    name: str
    label: str
    value: str
    unit: str
    note: str


def list_stress(stress: pl.DataFrame, clock: Clock) -> Table:
    """Return what was made harder, and how the account fared; the years have their own table."""
    if stress.is_empty():
        return Table((), ())
    shown = stress.filter(~pl.col("scenario").str.starts_with("year_")).select(
        pl.col("meaning").alias("condition"),
        "annual_return", "annual_volatility", "sharpe", "max_drawdown",
        pl.col("annual_cost").alias("cost"),
    )  # fmt: skip
    return list_years(shown, clock)


def list_years(by_year: pl.DataFrame, clock: Clock) -> Table:
    """Return a small table of fractions as text; times are shown by their day."""
    columns = tuple(name.replace("_", " ") for name in by_year.columns)
    rows = [
        tuple(_cell(name, value, clock) for name, value in row.items())
        for row in by_year.iter_rows(named=True)
    ]
    return Table(columns, tuple(rows))


def list_windows(windows: pl.DataFrame, clock: Clock) -> Table:
    """Return what each of a model's windows was, its bounds as one cell each."""
    if windows.is_empty():
        return Table((), ())
    parts = ("train", "valid", "test")
    rows = [
        (
            str(row["window"]),
            *(_span(row[f"{part}_start"], row[f"{part}_end"], clock) for part in parts),
            whole(row["train_rows"]),
            whole(row["test_rows"]),
            whole(row["size"]),
        )
        for row in windows.iter_rows(named=True)
    ]
    names = ("window", "trained on", "stopped by", "tested on", "rows", "rows tested", "size")
    return Table(names, tuple(rows))


def _span(first: Any, last: Any, clock: Clock) -> str:
    return NONE if first is None else f"{clock.say(first)} to {clock.say(last)}"


def _cell(name: str, value: Any, clock: Clock) -> str:
    if name in COLUMN_FORMATS:
        return COLUMN_FORMATS[name](value)
    if isinstance(value, float):
        return percent(value)
    if hasattr(value, "astimezone"):
        return clock.say(value)
    return NONE if value is None else str(value)


def list_health(health: pl.DataFrame) -> tuple[tuple[HealthRow, ...], tuple[str, ...]]:
    """Return the rules that applied, in their order, and the names of those that did not."""
    applied = health.filter(pl.col("count") != 0)
    rows = tuple(
        HealthRow(
            rule=row["rule"].replace("_", " "),
            action=row["action"],
            said=ACTIONS.get(row["action"], row["action"]),
            count=whole(row["count"]),
            symbols=whole(row["symbols"]) if row["symbols"] else NONE,
            example=row["example"] or "",
            meaning=row["meaning"] or "",
        )
        for row in applied.iter_rows(named=True)
    )
    absent = health.filter(pl.col("count") == 0)["rule"].to_list()
    return rows, tuple(name.replace("_", " ") for name in absent)


def list_metrics(metrics: pl.DataFrame) -> tuple[Metric, ...]:
    """Return all metrics in their order; how long a year is, the page says once."""
    notes, _ = split_notes(note or "" for note in metrics["note"])
    return tuple(
        Metric(
            row["name"],
            label(row["name"]),
            *parts(row["value"], unit_of(row["name"], row["unit"] or "")),
            note,
        )
        for row, note in zip(metrics.iter_rows(named=True), notes, strict=True)
    )


def list_reading(reading: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return how the source was read: names and values, nested ones as JSON."""
    return tuple((str(name), _text(value)) for name, value in sorted(reading.items()))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
