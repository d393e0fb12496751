"""Symbols: read, named after the file, checked, chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import polars as pl

from configs.errors import BadInput, did_you_mean, in_spec
from taskspecs.schema import Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERN: str = get_args(Symbol)[1].pattern
_LONGEST = 32
_ENDINGS = re.compile(r"(\.(csv|txt|tsv|parquet|pq|gz))+$", re.IGNORECASE)


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


def from_file_name(name: str) -> str:
    """Return the symbol that a file's name means.

    Raises
    ------
    BadInput
        If nothing of the name can stand in a symbol.

    Examples
    --------
    >>> from_file_name("btc perp (1m).csv.gz")
    'btc_perp_1m'
    """
    stem = re.sub(r"[^A-Za-z0-9._\-^=]+", "_", _ENDINGS.sub("", name))
    symbol = re.sub(r"^[^A-Za-z0-9]+", "", stem)[:_LONGEST].rstrip("_")
    if not symbol:
        raise BadInput(
            f"`{name}` has no column with symbols, and its name cannot be one",
            hint="rename the file after the symbol, or name the column: "
            "`columns: {symbol: <your column>}`",
        )
    return symbol


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
            f"at most {_LONGEST} of them; rename them in the file",
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
