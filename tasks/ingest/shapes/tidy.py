"""Files with a row for each field of a bar, made into a row for each bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from tasks.ingest.headings.headings import FIELD_OF, TIMES, plain
from tasks.ingest.shapes.wide import field_of

VALUES: Final = frozenset(
    (
        "value",
        "values",
        "val",
        "observation",
        "obsvalue",
        "wert",
        "valeur",
        "valor",
        "数值",
        "値",
        "值",
    )
)
_KEYS: Final = frozenset({*TIMES, "time", "symbol", "known_at"})
_MOST_FIELDS, _LOOKED_AT = 40, 2_000
_CLOSES: Final = frozenset({"close", "adj_close"})
_NTH, _ROW = "which of its kind", "first row"


@dataclass(frozen=True, slots=True)
class Tidy:
    """Which columns name the bar, its field, and the field's value."""

    keys: tuple[str, ...]
    field: str
    value: str


def find(frame: pl.DataFrame) -> Tidy | None:
    """Tell which columns are what; None if rows are not of single fields.

    Of the names of fields at least two must be known, and one be a close.

    Examples
    --------
    >>> days = ["2024-01-02", "2024-01-02", "2024-01-03", "2024-01-03"]
    >>> fields = ["close", "volume", "close", "volume"]
    >>> find(pl.DataFrame({"date": days, "field": fields, "value": ["1", "9", "2", "8"]}))
    Tidy(keys=('date',), field='field', value='value')
    >>> find(pl.DataFrame({"date": days, "symbol": fields, "close": ["1", "9", "2", "8"]}))
    """
    values = [heading for heading in frame.columns if plain(heading) in VALUES]
    keys = tuple(h for h in frame.columns if FIELD_OF.get(plain(h)) in _KEYS and h not in values)
    if len(values) != 1 or not any(FIELD_OF[plain(key)] in TIMES for key in keys):
        return None
    rest = [heading for heading in frame.columns if heading not in {*keys, *values}]
    if any(field_of(heading) in _CLOSES for heading in rest):
        return None
    field = next((heading for heading in rest if _names_fields(frame[heading])), None)
    return None if field is None else Tidy(keys, field, values[0])


def _names_fields(column: pl.Series) -> bool:
    if not isinstance(column.dtype, (pl.String, pl.Categorical, pl.Enum)):
        return False
    said = column.head(_LOOKED_AT).cast(pl.String).drop_nulls().unique()
    known = {field_of(cell) for cell in said} - {None} if len(said) <= _MOST_FIELDS else set()
    return len(known) > 1 and bool(known & _CLOSES)


def spread(frame: pl.DataFrame, tidy: Tidy) -> tuple[pl.DataFrame, pl.Series]:
    """Return a row for each bar with a column for each field, and the first row (from 0) of each.

    A field that stands twice for one bar makes two rows, which contradict each other or are equal.
    """
    field, keys = pl.col(tidy.field).cast(pl.String), list(tidy.keys)
    nth = pl.int_range(pl.len()).over(*keys, tidy.field).alias(_NTH)
    rows = frame.with_row_index(_ROW).with_columns(nth, field).drop_nulls(tidy.field)
    bars = rows.pivot(
        tidy.field, index=[*keys, _NTH], values=tidy.value, aggregate_function="first",
        maintain_order=True,
    )  # fmt: skip
    first = rows.group_by(*keys, _NTH, maintain_order=True).agg(pl.col(_ROW).min())[_ROW]
    return bars.drop(_NTH), first
