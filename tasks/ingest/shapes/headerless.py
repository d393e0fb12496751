"""Rows without headings, known by their structure: prices that hold each other, and epochs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput
from tasks.ingest.cells.cells import numbers
from tasks.ingest.cells.numerals import decide
from tasks.ingest.files.cellkinds import kind, time_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from configs.errors import Place
    from tasks.ingest.cells.numerals import Mark

_LOOKED_AT = 2_000
_LOT = 100.0
_TIME_OF_DAY = re.compile(r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SYMBOL = re.compile(r"^[A-Za-z0-9^][A-Za-z0-9.\-^=&/:_]{0,31}$")
# In which order sources write open, high, low and close; the usual one first.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "open, high, low, close": ("open", "high", "low", "close"),
    "open, close, high, low": ("open", "close", "high", "low"),
    "low, high, open, close": ("low", "high", "open", "close"),
    "close, high, low, open": ("close", "high", "low", "open"),
}
_HOLDS, _DECISIVE = 0.995, 0.5
_LEAN = re.compile(r"^\d{8} \d{2}:\d{2}$")
LEAN_UNIT = 1e-4


@dataclass(frozen=True, slots=True)
class Shape:
    """Headings for columns that have none, and what the shape is."""

    headings: list[str]
    what: str
    sure: bool
    price_unit: float = 1.0


def recognise(
    frame: pl.DataFrame,
    *,
    name: str,
    delimiter: str | None,
    decimal: Mark | None,
    place: Place,
    packed: bool = False,
    unit_is_told: bool = False,
) -> Shape:
    """Name the columns of rows without headings.

    Times are told by how they are written, highs and lows as the columns that hold the others in
    each row, the close by where the next bar opens, a second column of epochs as the bar's end,
    and an amount of money by what volume times price is.

    Parameters
    ----------
    frame
        String columns.
    name, place
        The file's name, and where it begins, for messages.
    delimiter, decimal
        What stands between cells, and the decimal mark where a spec says it.
    packed
        Whether it was the member of an archive, as Lean's files are.
    unit_is_told
        Whether a spec says in what prices are written.

    Raises
    ------
    BadInput
        If the columns follow no order that can be told.
    """
    sample = frame.head(_LOOKED_AT)
    rows = [[cell or "" for cell in row] for row in sample.rows()]
    time = time_column(rows[-200:])
    if time is None:
        raise _unknown(name, place, "no column that could be the time")
    headings = [""] * frame.width
    headings[time] = "date"
    next_at = time + 1
    if next_at < frame.width and _all(rows, next_at, _TIME_OF_DAY):
        headings[next_at] = "time"
        next_at += 1
    _name_symbol(headings, rows, time)
    by_machine = next_at > time + 1 or all(
        re.search(r"^\d{9,}$|\d:\d|^\d{4}\.", r[time]) for r in rows
    )
    columns = _numbers(
        frame, sample, range(next_at, frame.width), name, delimiter, decimal, place, by_machine
    )
    _name_end(headings, sample, columns, time)
    free = [at for at in columns if not headings[at]]
    found = _prices(headings, columns, free, _falls(sample, time))
    if found is None:
        raise _unknown(name, place, "no four columns in which one holds the others")
    what, sure = found
    rest = [at for at in free if not headings[at]]
    sure &= _name_rest(headings, columns, rest)
    for at, heading in enumerate(headings):
        headings[at] = heading or f"column {at + 1}"
    unit = 1.0
    is_lean = not unit_is_told and _all(rows, time, _LEAN) and _are_whole(columns, headings)
    if packed and is_lean:
        unit, what = LEAN_UNIT, f"Lean's, in ten thousandths, {what}"
    elif is_lean:
        raise BadInput(
            f"the prices of `{name}` are whole numbers beside times as Lean writes them, perhaps "
            "ten thousandths of a dollar",
            place=place,
            hint="say it under `data`: `price_unit: 0.0001` if they are, `price_unit: 1` if not",
        )
    return Shape(headings, f"no headings; {what}", sure, unit)


def _unknown(name: str, place: Place, why: str) -> BadInput:
    return BadInput(
        f"`{name}` has no headings, and its columns follow no order that is known: {why}",
        place=place,
        hint="the first line looks like data: put a line of headings above it, as "
        "date,open,high,low,close,volume",
    )


def _all(rows: Sequence[Sequence[str]], at: int, pattern: re.Pattern[str]) -> bool:
    said = [row[at] for row in rows if row[at]]
    return bool(said) and all(pattern.match(cell) for cell in said)


def _name_symbol(headings: list[str], rows: Sequence[Sequence[str]], time: int) -> None:
    """Take the first column before or behind the time that holds words as the symbol."""
    for at in [*range(time), *range(time + 1, len(headings))]:
        cells = {row[at] for row in rows if row[at]}
        is_code = at < time and cells and all(_SYMBOL.match(cell) for cell in cells)
        is_word = at > time and cells and all(kind(cell) == "word" for cell in cells)
        if (is_code or is_word) and not headings[at] and all(map(_SYMBOL.match, cells)):
            headings[at] = "symbol"
            return


def _numbers(  # noqa: PLR0917
    frame: pl.DataFrame,
    sample: pl.DataFrame,
    places: range,
    name: str,
    delimiter: str | None,
    decimal: Mark | None,
    place: Place,
    by_machine: bool,
) -> dict[int, np.ndarray]:
    columns = {f"column {at + 1}": frame[frame.columns[at]] for at in places}
    numeric = {h: c for h, c in columns.items() if _is_numeric(sample[c.name])}
    mark = decide(
        numeric, name=name, delimiter=delimiter, told=decimal, place=place, by_machine=by_machine
    ).mark
    return {
        int(c.name): numbers(sample[c.name], decimal=mark).values.to_numpy()
        for c in numeric.values()
    }


def _is_numeric(column: pl.Series) -> bool:
    said = [cell for cell in column.to_list()[:200] if cell]
    return bool(said) and sum(kind(c) in {"number", "digits", "empty"} for c in said) > 0.9 * len(
        said
    )


def _name_end(
    headings: list[str], sample: pl.DataFrame, columns: Mapping[int, np.ndarray], time: int
) -> None:
    """Name a second epoch that is always one bar after the first."""
    start = sample[sample.columns[time]].cast(pl.Float64, strict=False).to_numpy()
    if np.isnan(start).any() or start.min() < 1e8:
        return
    for at, values in columns.items():
        length = values - start
        if (length > 0).all() and np.ptp(length / start) < 1e-3 and (values < 2 * start).all():
            scale = np.select([start > 1e17, start > 1e14, start > 1e11], [1e9, 1e6, 1e3], 1.0)
            if ((length / scale) < 40 * 86_400).all() and ((length / scale) > 30).all():
                headings[time], headings[at] = "open_time", "close_time"
                return


def _falls(sample: pl.DataFrame, time: int) -> bool:
    """Whether the newest row stands first."""
    texts = sample[sample.columns[time]].to_list()
    first, last = str(texts[0] or ""), str(texts[-1] or "")
    in_order = len(first) == len(last) and first[:2] in {"19", "20", "15", "16", "17"}
    return in_order and first > last


def _prices(
    headings: list[str], columns: Mapping[int, np.ndarray], free: list[int], falls: bool
) -> tuple[str, bool] | None:
    """Name four neighbouring columns that are prices of one bar."""
    for start in range(len(free) - 3):
        places = free[start : start + 4]
        if places[-1] - places[0] != 3:
            continue
        four = np.column_stack([columns[at] for at in places])
        four = four[~np.isnan(four).any(axis=1)]
        fitting = [order for order, names in ORDERS.items() if _holds(four, names)]
        if not fitting or not len(four):
            continue
        order, sure = _by_continuity(four[::-1] if falls else four, fitting)
        for at, field in zip(places, ORDERS[order], strict=True):
            headings[at] = field
        return order, sure
    if len(free) == 1:
        headings[free[0]] = "close"
        return "one column, taken as the close", False
    return None


def _holds(four: np.ndarray, names: Sequence[str]) -> bool:
    high, low = four[:, names.index("high")], four[:, names.index("low")]
    near = four.max(axis=1) <= 5 * np.abs(four).min(axis=1) + 1e-9
    holds = (high >= four.max(axis=1)) & (low <= four.min(axis=1)) & near
    return bool(holds.mean() >= _HOLDS) if len(four) else False


def _by_continuity(four: np.ndarray, fitting: list[str]) -> tuple[str, bool]:
    """Of orders that fit, take the one whose bars open nearest to where the last one closed."""
    jumps = {}
    for order in fitting:
        names = ORDERS[order]
        opened, closed = four[:, names.index("open")], four[:, names.index("close")]
        jumps[order] = float(np.abs(opened[1:] - closed[:-1]).sum()) if len(four) > 1 else 0.0
    usual = fitting[0]
    best = min(fitting, key=jumps.__getitem__)
    if best != usual and jumps[best] < _DECISIVE * jumps[usual]:
        return best, len(four) >= 20
    others = [jumps[order] for order in fitting if order != usual]
    return usual, len(fitting) == 1 or min(others) > jumps[usual]


def _name_rest(headings: list[str], columns: Mapping[int, np.ndarray], rest: list[int]) -> bool:
    """Name volume, amount, volume-weighted price and adjusted close among what is left."""
    price = columns[headings.index("close")]
    high = columns[headings.index("high")] if "high" in headings else price
    low = columns[headings.index("low")] if "low" in headings else price
    sure = True
    for at in list(rest):
        values = columns[at]
        if _share((values >= low) & (values <= high)) > 0.95 and _share(values != price) > 0.3:
            headings[at] = "vwap"
            rest.remove(at)
            break
    follows = len(rest) > 1 and rest[0] == headings.index("close") + 1
    if follows and _is_adjusted(columns[rest[0]], price):
        headings[rest.pop(0)] = "adj_close"
        sure = False
    rest = [at for at in rest if np.nan_to_num(columns[at]).any()]
    if not rest:
        return sure
    pair = _volume_and_amount(columns, rest, price)
    if pair:
        headings[pair[0]], headings[pair[1]] = "volume", "amount"
        return sure
    headings[rest[0]] = "volume"
    return sure and (len(rest) == 1 or _is_count(columns[rest[1]]))


def _is_adjusted(values: np.ndarray, price: np.ndarray) -> bool:
    """Whether a column is the close times a factor that seldom changes and is 1 at one end."""
    ratio = values / price
    steady = _share(np.abs(np.diff(ratio)) < 0.02 * np.abs(ratio[:-1]))
    ends = np.abs(ratio[[0, -1]] - 1).min() < 0.005
    return bool(len(ratio) > 5 and steady > 0.97 and ends and ratio.min() > 0.01)


def _share(hits: np.ndarray) -> float:
    return float(np.mean(hits)) if len(hits) else 0.0


def _volume_and_amount(
    columns: Mapping[int, np.ndarray], rest: list[int], price: np.ndarray
) -> tuple[int, int] | None:
    """Find two columns of which one is the other times the price: of shares, else of lots."""
    for shares in (1.0, _LOT):
        for first, second in permutations(rest, 2):
            volume, amount = columns[first], columns[second]
            traded = (volume > 0) & (amount > 0)
            if traded.sum() >= 1:
                ratio = amount[traded] / volume[traded] / price[traded] / shares
                if 0.9 < np.median(ratio) < 1.1 and _share(np.abs(ratio - 1) < 0.3) > 0.9:
                    return first, second
    return None


def _is_count(values: np.ndarray) -> bool:
    said = values[~np.isnan(values)]
    return bool((said == np.floor(said)).all())


def _are_whole(columns: Mapping[int, np.ndarray], headings: list[str]) -> bool:
    prices = [columns[headings.index(f)] for f in ("open", "high", "low", "close") if f in headings]
    return all(_is_count(values) and np.nanmedian(values) >= 1_000 for values in prices)
