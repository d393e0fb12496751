"""A feature as a wide table: one row for each time of decision, one column for each symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    import polars as pl


def wide_table(features: pl.DataFrame, name: str) -> pl.DataFrame:
    """Lay one feature out by time and symbol, as for a look across the market.

    Parameters
    ----------
    features
        `symbol, ts` and features, unique by (symbol, ts), in any order; as ``Aggregated.features``.
    name
        The feature.

    Returns
    -------
    polars.DataFrame
        `ts`, rising, and the symbols in the order of their names; null where there is no value.

    Raises
    ------
    BadInput
        No such feature.

    Notes
    -----
    Look-ahead: a row holds values of its own `ts`.

    Examples
    --------
    >>> import polars as pl
    >>> long = pl.DataFrame({"symbol": ["B", "A", "A"], "ts": [1, 1, 2], "f": [3.0, 1.0, 2.0]})
    >>> wide_table(long, "f").rows()
    [(1, 1.0, 3.0), (2, 2.0, None)]
    """
    known = [column for column in features.columns if column not in ("symbol", "ts")]
    if name not in known:
        raise BadInput(f"there is no feature `{name}`", hint=did_you_mean(name, known))
    symbols = features["symbol"].unique().sort().to_list()
    wide = features.pivot(on="symbol", on_columns=symbols, index="ts", values=name)
    return wide.sort("ts").select("ts", *symbols)
