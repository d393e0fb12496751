"""Features made comparable across symbols at one time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Normalise = Literal["none", "zscore", "rank", "robust_zscore"]
Neutralise = Literal["none", "market", "group"]

AT_ONCE = 16
"""Features that are treated together: each is by itself, so that memory is all that it decides."""
_TIME = "ts"
_KEYS = ("symbol", _TIME)
_GROUP = "__group"
_MAD_TO_STD = 1.4826
_MEAN_AD_TO_STD = 1.2533


def compare_symbols(
    features: pl.DataFrame,
    *,
    normalise: Normalise,
    neutralise: Neutralise,
    groups: Mapping[str, str] | None = None,
    winsorise: float | None = None,
) -> pl.DataFrame:
    """Winsorise, neutralise, then normalise each feature across the symbols of each time.

    Every feature is treated by itself. A missing, NaN or infinite value takes no part and comes
    out missing. With fewer than two values at a time, or of a group, there is nothing to compare:
    all of them come out missing, unless neither treatment is asked for.

    Parameters
    ----------
    features
        `symbol, ts` and columns of numbers, unique by (symbol, ts).
    normalise
        `zscore`: mean 0, sample standard deviation 1 (qlib's CSZScoreNorm). `rank`: (rank - 0.5)
        / n, ties sharing their mean rank, so within (0, 1) with mean 0.5. `robust_zscore`: distance
        from the median in units of 1.4826 times the median absolute deviation or, where more than
        half of the values are equal, of 1.2533 times the mean absolute deviation (Iglewicz and
        Hoaglin, 1993). Where all values are equal each is 0.
    neutralise
        `market`: subtract the mean across symbols first. `group`: subtract the mean of the symbol's
        group; a symbol of no group comes out missing.
    groups
        Symbol to group; for `group`.
    winsorise
        A share p, above 0 and below 0.5: of n values the floor(p n) lowest become the lowest of the
        others, and the highest likewise (Tukey, 1962, "The Future of Data Analysis").

    Returns
    -------
    polars.DataFrame
        Rows sorted by (symbol, ts); same columns, as Float32, missing as null.

    Notes
    -----
    Look-ahead: a row depends on the rows at its own `ts`. Groups are taken as given: a list made
    today knows of symbols that have survived until today.

    Examples
    --------
    >>> frame = pl.DataFrame({"symbol": ["A", "B", "C"], "ts": [1, 1, 1], "f": [3.0, 1.0, None]})
    >>> compare_symbols(frame, normalise="rank", neutralise="none")["f"].to_list()
    [0.75, 0.25, None]
    """
    names = [name for name in features.columns if name not in _KEYS]
    treatments = list(_treatments(winsorise, neutralise, normalise))
    by_time = _order(features, _TIME, "symbol")
    keys = features.select(pl.col(*_KEYS).gather(by_time)).with_columns(pl.col(_TIME).set_sorted())
    by_symbol = _order(keys, *_KEYS)
    group = pl.col("symbol").replace_strict(groups or {}, default=None, return_dtype=pl.String)
    keys = keys.with_columns(group.alias(_GROUP))
    treated = keys.select(pl.col(*_KEYS).gather(by_symbol))
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        part = keys.with_columns(features[name].gather(by_time) for name in some)
        for treatment, within in treatments:
            part = part.with_columns(_among(treatment(pl.col(name)), within) for name in some)
        treated = treated.hstack(part.select(pl.col(some).cast(pl.Float32).gather(by_symbol)))
    return treated.select(features.columns)


def _order(frame: pl.DataFrame, *by: str) -> pl.Series:
    return frame.select(pl.arg_sort_by(*by)).to_series()


def _among(treated: pl.Expr, within: tuple[str, ...]) -> pl.Expr:
    return treated.over(within) if within else treated


def _treatments(
    winsorise: float | None, neutralise: Neutralise, normalise: Normalise
) -> Iterator[tuple[Callable[[pl.Expr], pl.Expr], tuple[str, ...]]]:
    """List what is done to each feature, in order, and among which rows; none: each by itself."""
    yield _finite, ()
    if winsorise is not None:
        yield partial(_winsorised, share=winsorise), (_TIME,)
    if neutralise == "market":
        yield _centred, (_TIME,)
    if neutralise == "group":
        yield _centred_if_grouped, (_TIME, _GROUP)
    if normalise != "none":
        yield _NORMALISERS[normalise], (_TIME,)


def _finite(value: pl.Expr) -> pl.Expr:
    value = value.cast(pl.Float64)
    return pl.when(value.is_finite()).then(value)


def _winsorised(value: pl.Expr, share: float) -> pl.Expr:
    place = value.rank("ordinal")
    beyond = (value.count() * share).floor()
    lowest = value.filter(place == beyond + 1).first()
    highest = value.filter(place == value.count() - beyond).first()
    return value.clip(lowest, highest)


def _centred(value: pl.Expr) -> pl.Expr:
    return _only_if_comparable(value, value - value.mean())


def _centred_if_grouped(value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(_GROUP).is_not_null()).then(_centred(value))


def _only_if_comparable(value: pl.Expr, result: pl.Expr) -> pl.Expr:
    return pl.when(value.count() >= 2).then(result)


def _zscore(value: pl.Expr) -> pl.Expr:
    return _only_if_comparable(value, _in_units(value - value.mean(), value.std(), value))


def _rank(value: pl.Expr) -> pl.Expr:
    return _only_if_comparable(value, (value.rank("average") - 0.5) / value.count())


def _robust_zscore(value: pl.Expr) -> pl.Expr:
    away = value - value.median()
    median_distance = _MAD_TO_STD * away.abs().median()
    mean_distance = _MEAN_AD_TO_STD * away.abs().mean()
    unit = pl.when(median_distance > 0).then(median_distance).otherwise(mean_distance)
    return _only_if_comparable(value, _in_units(away, unit, value))


def _in_units(distance: pl.Expr, unit: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Divide by the unit; where all values are equal, rounding of the mean is not a distance."""
    spread = value.max() - value.min()
    return pl.when(spread > 0).then(distance / unit).when(value.is_not_null()).then(0.0)


_NORMALISERS: dict[Normalise, Callable[[pl.Expr], pl.Expr]] = {
    "zscore": _zscore,
    "rank": _rank,
    "robust_zscore": _robust_zscore,
}
