"""Returns as a table of colours: months by year, or days by week where the period is short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from configs.numbers import signed_percent
from tasks.report.clock import MONTHS, say_day
from tasks.report.stretches import cut

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHORT_DAYS = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """A return: its text, its side, and how strongly it is coloured (0 to 1)."""

    text: str
    side: str
    strength: float


@dataclass(frozen=True, slots=True)
class Heat:
    """The table: what a row is, the columns, and rows of a label, cells and a total."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...], Cell], ...]


def lay_out_heat(inputs: ReportInputs) -> Heat | None:
    """Lay out returns after costs; None where nothing was simulated.

    The strongest colour is that of the 95th percentile of sizes, so that one wild month does not
    pale the others.
    """
    equity = inputs.equity
    if equity.is_empty():
        return None
    local = inputs.clock.local(equity["ts"])
    short = (local[-1] - local[0]).days < SHORT_DAYS
    stretches = cut(equity["ts"], inputs.clock, "day" if short else "month")
    returns = stretches.compounded(equity["net_return"].to_numpy())
    full = float(np.quantile(np.abs(returns), 0.95)) or 1.0
    by_row: dict[int, dict[int, float]] = {}
    for day, value in zip(stretches.days.tolist(), returns.tolist(), strict=True):
        row, column = _place(day, short=short)
        by_row.setdefault(row, {})[column] = value
    columns = WEEKDAYS if short else MONTHS
    rows = []
    for row in sorted(by_row):
        values = by_row[row]
        cells = [_cell(values[n], full) if n in values else None for n in range(len(columns))]
        total = float(np.prod([1 + value for value in values.values()]) - 1)
        rows.append((_label(row, short=short), tuple(cells), _cell(total, full * 3)))
    title = "Returns of days, week by week" if short else "Returns of months, year by year"
    return Heat(title, "week of" if short else "year", columns, tuple(rows))


def _place(day: date, *, short: bool) -> tuple[int, int]:
    """Return row and column: the week's Monday and the weekday, or the year and the month."""
    if short:
        return day.toordinal() - day.weekday(), day.weekday()
    return day.year, day.month - 1


def _label(row: int, *, short: bool) -> str:
    return say_day(date.fromordinal(row)) if short else str(row)


def _cell(value: float, full: float) -> Cell:
    strength = round(min(abs(value) / full, 1.0), 2)
    return Cell(signed_percent(value), "gain" if value >= 0 else "loss", strength)
