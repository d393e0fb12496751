"""Symbols: read, named after the file, checked, chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import polars as pl

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest.headings import file_names
from tasks.ingest.health import Finding
from taskspecs.schema import Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.ingest.files.tables import Table

PATTERN: str = get_args(Symbol)[1].pattern
_ODD = re.compile(r"\^?[A-Za-z0-9][A-Za-z0-9 ._\-^=/:&+$#*!']{0,40}")
"""What is written otherwise: no path that leads up, no hidden name."""


def texts(column: pl.Series) -> pl.Series:
    """Return symbols as text, stripped; null where the cell is empty.

    Examples
    --------
    >>> texts(pl.Series([" A ", "", None])).to_list(), texts(pl.Series([600000.0])).to_list()
    (['A', None, None], ['600000'])
    """
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False)
    text = column.cast(pl.String).str.strip_chars().rename("symbol")
    return text.to_frame().select(pl.when(pl.col("symbol") != "").then("symbol"))["symbol"]


def acceptable(column: pl.Series) -> tuple[pl.Series, Finding]:
    """Write symbols with letters that a symbol can hold: BTC/USDT as BTC-USDT, M&M as M_M.

    Parameters
    ----------
    column
        String.

    Returns
    -------
    tuple
        The symbols, and how many were written otherwise.

    Raises
    ------
    BadInput
        If two symbols would become one.

    Examples
    --------
    >>> acceptable(pl.Series(["BTC/USDT", "AAPL US Equity"]))[0].to_list()
    ['BTC-USDT', 'AAPL_US_Equity']
    """
    there = column.drop_nulls().unique().sort().to_list()
    odd = [text for text in there if not re.fullmatch(PATTERN, text) and _ODD.fullmatch(text)]
    if not odd:
        return column, Finding("symbol_renamed", 0)
    renamed = {text: _renamed(text) for text in odd}
    taken = set(there) - set(odd)
    for text, new in renamed.items():
        if new in taken:
            raise BadInput(
                f"`{text}` would be written `{new}`, and there is such a symbol already",
                hint="rename one of them in the file",
            )
        taken.add(new)
    example = ", ".join(f"{old} as {new}" for old, new in list(renamed.items())[:3])
    finding = Finding("symbol_renamed", len(renamed), len(renamed), example)
    return column.replace(renamed), finding


def _renamed(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._\-^=]", "_", re.sub(r"[/:]", "-", text.removeprefix("^")))


def of_table(table: Table) -> tuple[str, str]:
    """Return the symbol of a table that has no column for it, and what says it.

    Raises
    ------
    BadInput
        If nothing does, or what does cannot be a symbol.
    """
    if table.symbol is None:
        return file_names.symbol_of(table.name), "the file's name"
    renamed, _ = acceptable(pl.Series([table.symbol]))
    check(renamed.to_list(), heading=table.symbol_how)
    return renamed[0], table.symbol_how


def check(symbols: Sequence[str], *, heading: str) -> None:
    """Refuse symbols that would escape a folder or be read as something else.

    Raises
    ------
    BadInput
        It shows the first, and says how many there are.
    """
    bad = [symbol for symbol in symbols if not re.fullmatch(PATTERN, symbol)]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise BadInput(
            f"{min(bad)!r}{more} in the column `{heading}` cannot be a symbol",
            hint="symbols begin with a letter or digit and hold only these and . _ - ^ =, "
            f"at most {file_names.LONGEST} of them; rename them in the file",
        )


def check_wanted(wanted: Sequence[str], there: Sequence[str], *, file: str) -> None:
    """Refuse a spec that names symbols which the source does not have.

    Raises
    ------
    BadInput
        It names near matches.
    """
    have = set(there)
    missing = [symbol for symbol in wanted if symbol not in have]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise BadInput(
            f"`{missing[0]}`{more} is not in `{file}`",
            place=in_spec(f"data.symbols[{list(wanted).index(missing[0])}]"),
            hint=did_you_mean(missing[0], there),
        )
