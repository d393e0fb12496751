"""How large what is read may be; beyond these a file is a mistake or an attack."""

from __future__ import annotations

from configs.errors import BadInput

UNPACKED_BYTES = 4 * 2**30
"""Bytes that a packed file may become."""
RATIO, RATIO_FROM = 200, 64 * 2**20
"""Times that a packed file may grow once it is beyond so many bytes; text of bars grows tenfold."""
SHEET_BYTES = 2**29
"""Bytes that all sheets of a workbook may become."""
SHEET_CELLS = 30_000_000
DOCUMENT_BYTES = 2**30
"""Bytes of a JSON document, which is held whole."""
MEMBERS = 200_000
"""Files in an archive or a folder."""
COLUMNS = 20_000
ROWS = 300_000_000
CELL_BYTES = 1_000_000


def refuse_growth(packed: int, unpacked: int, *, name: str) -> None:
    """Refuse a packed file that becomes larger than bars ever do.

    Raises
    ------
    BadInput
        With what the bound is.

    Examples
    --------
    >>> refuse_growth(1_000_000, 10_000_000, name="bars.csv.gz")
    """
    if unpacked > UNPACKED_BYTES:
        raise BadInput(
            f"`{name}` becomes more than {UNPACKED_BYTES / 2**30:.0f} GiB when it is unpacked",
            hint="split it, by year or by symbol, or write it as Parquet",
        )
    if unpacked > RATIO_FROM and unpacked > RATIO * max(packed, 1):
        raise BadInput(
            f"`{name}` becomes more than {RATIO} times as large when it is unpacked, as bars do "
            "not: it was not unpacked to its end",
            hint="if it is what it should be, unpack it yourself and give that file",
        )


def refuse_size(rows: int, columns: int, *, name: str) -> None:
    """Refuse tables with more rows or columns than are read.

    Raises
    ------
    BadInput
        With what the bound is.
    """
    if columns > COLUMNS:
        raise BadInput(
            f"`{name}` has {columns:,} columns; at most {COLUMNS:,} are read",
            hint="write one row for each symbol and time instead of a column for each symbol",
        )
    if rows > ROWS:
        raise BadInput(
            f"`{name}` has {rows:,} rows; at most {ROWS:,} are read", hint="split it by year"
        )
