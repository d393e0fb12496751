"""What is written for a person who has not said it: by the symbols, the bars and their market."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.outline.facts import Facts
    from taskspecs.frequencies import Frequency

LOOK_BACK: Final[Mapping[Frequency, int]] = {
    "1min": 240, "5min": 96, "15min": 96, "30min": 96, "1h": 120, "day": 120, "week": 26,
    "month": 12,
}  # fmt: skip
"""Bars that a first signal looks back: hours of minutes, half a year of days, a year of months."""
LEAST_LOOK_BACK = 5
HISTORIES = 8
"""Look-backs that the bars must hold at least; of fewer bars the look-back is shorter."""
PACE: Final[Mapping[Frequency, int]] = {"1min": 60, "5min": 12, "15min": 4, "30min": 2}
"""Bars between decisions where every bar would cost more than it brings; elsewhere 1."""
SHARE_HELD = 0.4
MOST_HELD = 50
LOTS = 100
"""Shares that the account can buy of each symbol held, at least; fewer would round too much."""
ACCOUNT = 1_000_000.0

SHARES_COSTS: Final = {"open_bps": 5, "close_bps": 15, "min_fee": 5, "slippage_bps": 2}
ROUND_THE_CLOCK_COSTS: Final = {"open_bps": 5, "close_bps": 5, "min_fee": 0, "slippage_bps": 1}

INDEXES: Final = (
    "SPY", "^GSPC", "^SPX", "SPX", "^IXIC", "QQQ", "^DJI", "DIA", "SH000300", "000300.SH",
    "SH000905", "000905.SH", "^HSI", "^GDAXI", "^FTSE", "^N225",
)  # fmt: skip
"""Symbols that are compared with rather than chosen, where the bars hold them."""


class Choice(NamedTuple):
    """A key of the TaskSpec, what it was set to, and why."""

    key: str
    value: Any
    why: str


def choose_backtest(facts: Facts) -> list[Choice]:
    """Choose how a signal over these bars is traded."""
    rule = _one() if facts.single else _several(facts)
    held = next(choice.value for choice in rule if choice.key == "backtest.topk")
    pace = PACE.get(facts.frequency, 1)
    paced = [
        Choice("backtest.rebalance_bars", pace, f"every bar of {facts.frequency} would cost more")
    ]
    return [
        *rule,
        *(paced if pace > 1 else ()),
        *_account(facts, held),
        _costs(facts),
        _benchmark(facts),
    ]


def _one() -> list[Choice]:
    key = "backtest."
    return [
        Choice(f"{key}strategy", "weights", "one symbol: held while its signal is above zero"),
        Choice(f"{key}topk", 1, "there is one"),
        Choice(f"{key}positive_only", True, "else in cash"),
    ]


def _several(facts: Facts) -> list[Choice]:
    topk = min(max(round(SHARE_HELD * facts.beside), 1), MOST_HELD)
    n_drop = max(topk // 10, 1)
    return [
        Choice("backtest.topk", topk, f"of {facts.beside} symbols that have a bar at one time"),
        Choice("backtest.n_drop", n_drop, "replaced at most at one time"),
    ]


def _account(facts: Facts, held: int) -> list[Choice]:
    needed = LOTS * held * facts.price
    if needed <= ACCOUNT:
        return []
    account = float(f"{needed:.1g}")
    account = account if account >= needed else 2 * account
    return [Choice("backtest.account", account, f"a share costs {facts.price:,.0f} in the median")]


def _costs(facts: Facts) -> Choice:
    if facts.weekends:
        why = "dealt in at weekends: fees of a crypto exchange; write what you would pay"
        return Choice("backtest.costs", dict(ROUND_THE_CLOCK_COSTS), why)
    why = "fees and slippage of shares; write what you would pay"
    return Choice("backtest.costs", dict(SHARES_COSTS), why)


def _benchmark(facts: Facts) -> Choice:
    known = {symbol.upper(): symbol for symbol in facts.symbols}
    index = next((known[name] for name in INDEXES if name in known), None)
    if index and not facts.single:
        return Choice(
            "backtest.benchmark", index, "an index among your symbols; it may be held too"
        )
    why = "the one symbol, held throughout" if facts.single else "or one of your symbols"
    return Choice("backtest.benchmark", "equal_weight", why)


def choose_look_back(facts: Facts) -> int:
    """Choose how many bars a first signal looks back, so that most bars have one.

    Examples
    --------
    >>> from datetime import date
    >>> from agent.assistant.outline.facts import Facts
    >>> day = date(2020, 1, 1)
    >>> few = Facts(("A",), 1, 100, "day", day, day, frozenset(), False, 1.0)
    >>> choose_look_back(few)
    12
    """
    return max(min(LOOK_BACK[facts.frequency], facts.bars // HISTORIES), LEAST_LOOK_BACK)


def first_study(facts: Facts) -> dict[str, Any]:
    """Return features, signal and detection for bars of which nothing more is known.

    Momentum: over several symbols by rank, over one by its sign. Only closes are read.
    """
    bars = choose_look_back(facts)
    move = "$close / Ref($close, 1) - 1"
    study: dict[str, Any] = {
        "features": {"define": {"momentum": f"$close / Ref($close, {bars}) - 1"}},
        "signal": {"expression": "$momentum", "label": "Ref($close, -2) / Ref($close, -1) - 1"},
        "detection": [{"detector": "adwin", "watch": f"Abs({move})"}],
    }
    if not facts.single:
        study["aggregation"] = {"normalise": "rank"}
    return study
