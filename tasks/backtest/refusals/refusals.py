"""What a backtest cannot be asked for; said before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.backtest.market.benchmark import EQUAL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    import polars as pl

    from taskspecs.schema import BacktestSpec


def refuse_impossible(
    spec: BacktestSpec, symbols: Collection[str], first_day: date, last_day: date
) -> None:
    """Refuse what the bars alone show to be impossible.

    Parameters
    ----------
    spec
        The backtest that is asked for.
    symbols
        All symbols that have bars.
    first_day, last_day
        The first and the last local date with a bar.

    Raises
    ------
    BadInput
        Naming the key of the spec: fewer symbols than ``topk``, or than ``topk + n_drop`` where the
        worst are replaced; a benchmark without bars, a period without bars.

    Examples
    --------
    >>> from datetime import date
    >>> from taskspecs.schema import BacktestSpec
    >>> refuse_impossible(BacktestSpec(topk=3), ["A", "B"], date(2020, 1, 1), date(2020, 12, 31))
    Traceback (most recent call last):
    ...
    configs.errors.BadInput: TaskSpec, key backtest.topk: topk is 3, but there are only 2 symbols
    `topk: 1` and `n_drop: 1` is the most that fits, or load more symbols; or write `strategy: \
weights`, which holds up to 2 without replacing any
    """
    _refuse_topk(spec, len(symbols), "there {are} only {symbols}")
    if spec.benchmark != EQUAL_WEIGHT and spec.benchmark not in symbols:
        raise BadInput(
            f"the benchmark `{spec.benchmark}` is not among the symbols of the data",
            place=in_spec("backtest.benchmark"),
            hint=did_you_mean(spec.benchmark, [EQUAL_WEIGHT, *symbols]),
        )
    starts_late = spec.start is not None and spec.start > last_day
    if starts_late or (spec.end is not None and spec.end < first_day):
        key = "start" if starts_late else "end"
        raise BadInput(
            f"the period of the backtest, {spec.start or 'the first bar'} to "
            f"{spec.end or 'the last bar'}, has no bars",
            place=in_spec(f"backtest.{key}"),
            hint=f"bars reach from {first_day} to {last_day}; change backtest.{key}",
        )


def refuse_scores(spec: BacktestSpec, scores: pl.DataFrame, symbols: Collection[str]) -> None:
    """Refuse scores that cannot be traded.

    Parameters
    ----------
    spec
        ``strategy`` and ``topk``.
    scores
        ``symbol``, ``ts``, ``score``.
    symbols
        Those that have bars.

    Raises
    ------
    BadInput
        No scores, scores of symbols without bars, fewer scored symbols than ``topk``, or than
        `TopkDropout` needs to have something to choose from.

    Notes
    -----
    Look-ahead: all scores: whether a backtest can be run, and no value.
    """
    if scores.is_empty():
        raise BadInput(
            "the signal has no scores, so there is nothing to trade",
            place=in_spec("signal"),
            hint="its expression is missing everywhere: are its windows longer than the data?",
        )
    scored = scores["symbol"].unique().sort().to_list()
    unknown = [symbol for symbol in scored if symbol not in set(symbols)]
    if unknown:
        raise BadInput(f"there are scores but no bars of {', '.join(unknown[:5])}")
    _refuse_topk(spec, len(scored), "the signal scores only {symbols}")


def needed_candidates(spec: BacktestSpec) -> int:
    """Return how many symbols must be ranked for the strategy's rule to make sense.

    qlib's `TopkDropout` sells the worst `n_drop` of what is held and as many that are not, and
    buys the best of these. Where there are not as many that are not held, it sells what it has no
    replacement for, and buys it back at the next decision.

    Examples
    --------
    >>> from taskspecs.schema import BacktestSpec
    >>> needed_candidates(BacktestSpec(topk=3, n_drop=2))
    5
    >>> needed_candidates(BacktestSpec(strategy="weights", topk=3))
    3
    """
    return spec.topk + (spec.n_drop if spec.strategy == "topk_dropout" else 0)


def _refuse_topk(spec: BacktestSpec, symbols: int, what: str) -> None:
    if symbols >= needed_candidates(spec):
        return
    are, counted = ("is", "1 symbol") if symbols == 1 else ("are", f"{symbols} symbols")
    found = what.format(are=are, symbols=counted)
    if symbols < spec.topk:
        raise BadInput(
            f"topk is {spec.topk}, but {found}", place=in_spec("backtest.topk"),
            hint=_what_fits(spec, symbols),
        )  # fmt: skip
    raise BadInput(
        f"topk {spec.topk} and n_drop {spec.n_drop} need {needed_candidates(spec)} symbols to "
        f"choose from, but {found}: what is held would be sold, and bought back a bar later, for "
        "ever",
        place=in_spec("backtest.n_drop"),
        hint=_what_fits(spec, symbols),
    )


def _what_fits(spec: BacktestSpec, symbols: int) -> str:
    """Say which lines of the spec would fit so many symbols."""
    if symbols == 1:
        return (
            "hold the one symbol while its signal is above zero, and cash otherwise: "
            "backtest: {strategy: weights, topk: 1, positive_only: true}"
        )
    if spec.strategy == "weights":
        return f"lower topk to {symbols} or less, or load more symbols"
    topk = min(spec.topk, symbols - 1)
    n_drop = min(spec.n_drop, symbols - topk)
    return (
        f"`topk: {topk}` and `n_drop: {n_drop}` is the most that fits, or load more symbols; or "
        f"write `strategy: weights`, which holds up to {symbols} without replacing any"
    )
