"""A table of cells before its headings are understood."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tasks.ingest.files.cellkinds import kind, time_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from tasks.ingest.health import Finding
    from tasks.ingest.understanding import Understood

_MOST_HEADER_ROWS, _MANY = 4, 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of text, with the rows of headings and whatever stands above them kept apart.

    Parameters
    ----------
    frame
        String columns, null where a cell is empty; named by their places.
    header
        Rows of headings, none where the first row is data; each as wide as the frame.
    preamble
        Rows above the headings.
    first_line
        The line (from 1) of the frame's first row.
    delimiter
        What stands between cells; None where cells were stored apart.
    understood, findings
        What was concluded, and what was left out.
    """

    frame: pl.DataFrame
    header: list[list[str]]
    preamble: list[list[str]]
    first_line: int
    delimiter: str | None = None
    understood: tuple[Understood, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in rows of cells the headings and the data are.

    Parameters
    ----------
    first
        The index of the first row of data.
    header
        The rows of headings.
    preamble
        The rows above them that say something.
    width
        Cells in a row of data.
    time
        The column of times, if one can be told.
    """

    first: int
    header: list[list[str]] = field(default_factory=list)
    preamble: list[list[str]] = field(default_factory=list)
    width: int = 0
    time: int | None = None


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return the most frequent number of cells in a row, past any preamble; of equals the larger.

    Lines of one cell are notes, wherever there are others.
    """
    said = [row for row in rows if any(row)] or list(rows)
    later = said[len(said) // 2 :] if len(said) >= _MANY else said
    widths = Counter(len(row) for row in later)
    if len(widths) > 1:
        widths.pop(1, None)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def lay_out(rows: Sequence[Sequence[str]]) -> Layout:
    """Tell headings and data apart in the first rows of a table.

    Data begin where the column that holds times begins to do so. Above are up to four rows of
    headings, down from the last blank row or row of another width.

    Parameters
    ----------
    rows
        The first rows, as many as are at hand.

    Examples
    --------
    >>> found = lay_out([["by X"], ["Date", "Close"], ["2020-01-02", "1"], ["2020-01-03", "2"]])
    >>> found.first, found.header, found.preamble
    (2, [['Date', 'Close']], [['by X']])
    """
    width = usual_width(rows)
    body = [row for row in rows if len(row) == width]
    time = time_column(body[-min(60, max(len(body) - 1, 1)) :])
    first = _first_row(rows, width, time)
    if first is None:
        return _headed_by_first(rows, width)
    header: list[list[str]] = []
    above = first - 1
    while above >= 0 and len(header) < _MOST_HEADER_ROWS:
        row = list(rows[above])
        if not _can_head(row, width, below=header):
            break
        header.insert(0, row)
        above -= 1
    preamble = [list(row) for row in rows[: above + 1] if any(row)]
    return Layout(first, header, preamble, width, time)


def _first_row(rows: Sequence[Sequence[str]], width: int, time: int | None) -> int | None:
    if time is None:
        return None
    for at, row in enumerate(rows):
        if time < len(row) and len(row) >= max(width - 1, 2):
            here = kind(row[time])
            if here == "time" or (here == "digits" and _goes_on(rows, at, time)):
                return at
    return None


def _goes_on(rows: Sequence[Sequence[str]], at: int, time: int) -> bool:
    """Whether digits that could be a time are followed by more of the same length."""
    lengths = [len(row[time].strip()) for row in rows[at : at + 5] if time < len(row) and row[time]]
    return len(lengths) < 2 or abs(lengths[0] - lengths[1]) <= 4


def _headed_by_first(rows: Sequence[Sequence[str]], width: int) -> Layout:
    """Without a column of times, take the first row that is wide enough for the headings."""
    for at, row in enumerate(rows):
        if any(row) and len(row) >= max(2, width - 1):
            return Layout(at + 1, [list(row)], [list(r) for r in rows[:at] if any(r)], width)
    first = next((at for at, row in enumerate(rows) if any(row)), 0)
    return Layout(first + 1, [list(row) for row in rows[first : first + 1]], [], width)


def _can_head(row: list[str], width: int, *, below: list[list[str]]) -> bool:
    said = [cell for cell in row if cell.strip()]
    if not said or len(row) > width + 1 or (len(row) < 2 <= width):
        return False
    if any(kind(cell) == "time" for cell in said):
        return False
    if not below:
        return len(row) >= width - 1
    if len(row) < width - 1:
        return False
    is_pair = len(said) == 2 and bool(row[0].strip()) and bool(row[1].strip()) and width > 3
    return (not is_pair and len(said) >= 2) or len(said) == width


def padded(row: Sequence[str], width: int) -> list[str]:
    """Return a row with as many cells as a table has columns."""
    return [*(cell.strip() for cell in row), *[""] * (width - len(row))][:width]
