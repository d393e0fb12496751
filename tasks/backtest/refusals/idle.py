"""A backtest in which nothing was traded is no result: what kept its orders from being filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from configs.errors import BadInput, in_spec
from tasks.backtest.costs.charges import charge_of
from tasks.backtest.decisions.decisions import INVESTED
from tasks.backtest.market.tradability import untraded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tasks.backtest.journal import Journal
    from tasks.backtest.problem import Problem


def refuse_idle(journal: Journal, problem: Problem) -> None:
    """Refuse a backtest in which no order was filled.

    Raises
    ------
    BadInput
        Counting why, the most frequent reason first, with the key of the spec that it hangs on.
    """
    if not journal.fills.is_empty():
        return
    wanted = list(_wanted(problem))
    if not wanted:
        decided = len(problem.decisions.preferences)
        raise BadInput(
            f"the backtest traded nothing: none of its {decided:,} decisions chose a symbol",
            place=in_spec("backtest" if problem.spec.reactions else "signal"),
            hint="with `positive_only` or `weighting: proportional` only scores above zero are "
            "held, and there may be none; `suspend_on` leaves out what patterns suspend",
        )
    counts = {reason: sum(REASONS[reason](problem, *one) for one in wanted) for reason in REASONS}
    found = sorted((-count, reason) for reason, count in counts.items() if count)
    listed = ", ".join(f"{-count:,} {reason}" for count, reason in found) or "none says why"
    place, hint = REMEDIES.get(found[0][1], ("backtest", "")) if found else ("backtest", "")
    raise BadInput(
        f"the backtest traded nothing: of {len(wanted):,} orders that its decisions asked for, "
        f"{listed}",
        place=in_spec(place),
        hint=hint or None,
    )


def _wanted(problem: Problem) -> Iterator[tuple[int, int]]:
    """Yield the step and the column of each purchase that decisions ask for."""
    for row, columns in problem.decisions.preferences.items():
        if problem.first <= row + 1 <= problem.last:
            for column in columns[: problem.spec.topk]:
                yield row + 1, int(column)


def _no_price(problem: Problem, row: int, column: int) -> bool:
    market = problem.market
    return bool(np.isnan(market.deal[row, column]) and not np.isnan(market.close[row, column]))


def _no_bar(problem: Problem, row: int, column: int) -> bool:
    return bool(np.isnan(problem.market.close[row, column]))


def _no_volume(problem: Problem, row: int, column: int) -> bool:
    volume: NDArray[np.float64] = problem.market.volume[: row + 1, column : column + 1]
    return not _no_bar(problem, row, column) and bool(untraded(volume)[-1, 0])


def _at_limit(problem: Problem, row: int, column: int) -> bool:
    others = (_no_price, _no_bar, _no_volume)
    blocked = bool(problem.market.blocked_buy[row, column])
    return blocked and not any(reason(problem, row, column) for reason in others)


def _no_money(problem: Problem, row: int, column: int) -> bool:
    """Whether one lot costs more than the share of the account that one symbol gets."""
    spec, market = problem.spec, problem.market
    if market.blocked_buy[row, column]:
        return False
    price = market.deal[row, column] / market.factor[row, column]
    share = INVESTED * spec.account / spec.topk
    return bool(price * spec.trade_unit + charge_of(spec.costs).least_fee > share)


REASONS: dict[str, Callable[[Problem, int, int], bool]] = {
    "had no price to deal at": _no_price,
    "had no bar": _no_bar,
    "had a bar without volume": _no_volume,
    "were at the price limit, or held still": _at_limit,
    "were for less than a lot": _no_money,
}
"""Why an order was not filled, and how that is told."""

REMEDIES: dict[str, tuple[str, str]] = {
    "had no price to deal at": (
        "backtest.deal_price", "`deal_price: close` deals at the close, which the data have"
    ),
    "had a bar without volume": (
        "data", "a bar of volume zero was not traded; leave the column out if it says nothing"
    ),
    "were at the price limit, or held still": (
        "backtest.limit_threshold", "a wider limit, or none"
    ),
    "were for less than a lot": (
        "backtest.trade_unit", "a larger `account`, a smaller `trade_unit`, or a smaller `topk`"
    ),
}  # fmt: skip
"""The key on which a reason hangs, and what to change."""
