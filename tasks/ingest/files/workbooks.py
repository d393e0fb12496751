"""Excel and OpenDocument workbooks, sheet by sheet."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest.files import limits
from tasks.ingest.files.cellkinds import kind
from tasks.ingest.files.grids import Grid, lay_out, padded
from tasks.ingest.health import Finding
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskspecs.schema import DataSpec

_REFERENCE = re.compile(rb"<c[^>]{0,80}? ?r=\"([A-Z]{1,3})(\d{1,7})\"")
_CHUNK = 2**20
_LOOKED_AT = 400


def is_workbook(names: Sequence[str]) -> bool:
    """Whether the members of a zip archive are those of a workbook.

    Examples
    --------
    >>> is_workbook(["[Content_Types].xml", "xl/workbook.xml"]), is_workbook(["a.csv"])
    (True, False)
    """
    return any(name in {"xl/workbook.xml", "xl/workbook.bin"} for name in names) or (
        "content.xml" in names and "mimetype" in names
    )


def read(content: bytes, name: str, data: DataSpec) -> dict[str, Grid]:
    """Read the sheets of a workbook that hold rows, as text cells.

    Cells keep what was stored: formulas are never computed, only their stored values are read.

    Parameters
    ----------
    content
        The file's bytes.
    name
        What to call it in messages.
    data
        `sheet`, where a spec names one.

    Returns
    -------
    dict
        Sheet to grid, in the workbook's order.

    Raises
    ------
    BadInput
        If it is damaged, protected, beyond the bounds, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if content.startswith(b"PK"):
        _refuse_bombs(content, name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [data.sheet] if data.sheet else list(book.sheet_names)
        if data.sheet and data.sheet not in book.sheet_names:
            raise BadInput(
                f"`{name}` has no sheet `{data.sheet}`",
                place=in_spec("data.sheet"),
                hint=did_you_mean(data.sheet, book.sheet_names),
            )
        sheets = {each: book.get_sheet_by_name(each) for each in names}
        grids: dict[str, Grid] = {}
        for title, sheet in sheets.items():
            limits.refuse_size(sheet.total_height, sheet.total_width, name=f"{name}: {title}")
            if sheet.total_height * sheet.total_width > limits.SHEET_CELLS:
                raise _too_many_cells(name)
            grid = _grid(sheet.to_python(skip_empty_area=False), title, data)
            if grid is not None:
                grids[title] = grid
    except PasswordError as error:
        raise BadInput(f"`{name}` is protected by a password", hint="save it without") from error
    except (CalamineError, ValueError, OSError) as error:
        raise BadInput(
            f"`{name}` is a damaged Excel file: {str(error)[:200]}",
            hint="open it in Excel and save it anew, or export it as CSV",
        ) from error
    if not grids:
        raise BadInput(f"`{name}` has no sheet with rows")
    return grids


def _refuse_bombs(content: bytes, name: str) -> None:
    """Refuse workbooks that become huge, by bytes or by a lone cell far away.

    Raises
    ------
    BadInput
        Before any sheet is read.
    """
    size = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                farthest, tail = [0, 0], b""
                with archive.open(info) as stream:
                    while chunk := stream.read(_CHUNK):
                        size += len(chunk)
                        if size > limits.SHEET_BYTES:
                            raise _too_many_cells(name)
                        text = tail + chunk
                        tail = text[-120:]
                        _follow(text, farthest)
                if farthest[0] * farthest[1] > limits.SHEET_CELLS:
                    raise _too_many_cells(name)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise BadInput(
            f"`{name}` is a damaged Excel file: {error}",
            hint="perhaps it was not downloaded whole; fetch it again",
        ) from error


def _follow(text: bytes, farthest: list[int]) -> None:
    for letters, row in _REFERENCE.findall(text):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        farthest[0] = max(farthest[0], int(row))
        farthest[1] = max(farthest[1], column)


def _too_many_cells(name: str) -> BadInput:
    return BadInput(
        f"`{name}` has more cells than a workbook of bars: at most {limits.SHEET_CELLS:,}, in "
        f"{limits.SHEET_BYTES / 2**20:.0f} MiB",
        hint="export the sheet as CSV",
    )


def _grid(cells: Sequence[Sequence[object]], title: str, data: DataSpec) -> Grid | None:
    rows = [[text_of(cell) for cell in row] for row in cells]
    empty = [not any(row) for row in rows]
    if all(empty):
        return None
    # A block of cells has the width of its fullest rows; a note beside it stays where it is.
    layout = lay_out(rows[:_LOOKED_AT])
    body = rows[layout.first :]
    last = len(body)
    footer: list[str] = []
    while last and layout.time is not None and kind(body[last - 1][layout.time]) not in {
        "time",
        "digits",
    }:  # fmt: skip
        said = [cell for cell in body[last - 1] if cell]
        if len(said) > 0.5 * layout.width:
            break
        if said:
            footer.insert(0, " ".join(said)[:60])
        last -= 1
    if not last:
        return None
    width = max(layout.width, 1)
    columns = {str(at): [row[at] or None for row in body[:last]] for at in range(width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    outside = len(layout.preamble) + len(footer)
    example = "; ".join([" ".join(filter(None, row)) for row in layout.preamble[:3]] + footer[:2])
    return Grid(
        frame,
        [padded(row, width) for row in layout.header],
        layout.preamble,
        layout.first + 1,
        None,
        (
            Understood(
                "sheet", title, "told" if data.sheet else "sure", f"sheet: {title}"
            ),
        ),
        (Finding("outside_lines", outside, 0, example[:120]),),
    )  # fmt: skip


def text_of(cell: object) -> str:
    """Write a stored cell as text that cannot be read otherwise.

    Examples
    --------
    >>> text_of(15.923), text_of(12.0), text_of(date(2020, 1, 2))
    ('15.9230', '12', '2020-01-02')
    """
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time(0)
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float):
        return number_text(
            repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        )
    return str(cell).strip()


def number_text(text: str) -> str:
    """Add a zero to a number with three decimals, which could else be one of thousands.

    Examples
    --------
    >>> number_text("15.923"), number_text("15.92")
    ('15.9230', '15.92')
    """
    whole, point, decimals = text.partition(".")
    return f"{whole}.{decimals}0" if point and len(decimals) == 3 else text
