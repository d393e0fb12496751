"""What a prompt says about trading: how many, how often, at what cost, with how much money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask, Fill
from agent.assistant.grammar.words.making import asks, claim, counted, said, slot, unused, valued
from agent.assistant.grammar.words.quantities import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.grammar.words.making import Make, Matched

EACH_SIDE: Final = ("backtest.costs.open_bps", "backtest.costs.close_bps")
COST_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "both": EACH_SIDE,
    "fee": EACH_SIDE,
    "open": EACH_SIDE[:1],
    "close": EACH_SIDE[1:],
    "slippage": ("backtest.costs.slippage_bps",),
}
"""Which keys a rate of each kind of cost sets."""

MIN_FEE: Final = "backtest.costs.min_fee"
NO_COST_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    **COST_KEYS,
    "both": (*EACH_SIDE, "backtest.costs.slippage_bps", MIN_FEE),
    "fee": (*EACH_SIDE, MIN_FEE),
}
"""Which keys are zero where there is to be no such cost."""

MOST_SYMBOLS: Final = 500
"""Of more than these, it is shares that are counted."""

RHYTHMS: Final[Mapping[str, str]] = {
    "bar": "day", "day": "day", "week": "week", "month": "month",
}  # fmt: skip
"""How often a study on daily bars can decide."""

LEAST_ACCOUNT: Final = 1_000.0
"""Money that stands without the word capital is one only from here on."""


def _cost(m: Matched) -> Made:
    kind = m["c"].value if "c" in m else "both"
    bps = m["r"].value * (100 if m["r"].kind == "PCT" else 1)
    bps = round(bps * (m["s"].value if "s" in m else 1.0), 9)
    note = "on each side" if kind in {"both", "fee"} else ""
    if "s" in m and m["s"].value != 1.0:
        note = "half of it on each side"
    return slot(*(Fill(key, bps, note) for key in COST_KEYS[kind]))


def _one_side(kind: str) -> Make:
    """``买入万三，卖出千一``."""

    def make(m: Matched) -> Made:
        bps = m["r"].value * (100 if m["r"].kind == "PCT" else 1)
        return slot(*(Fill(key, bps) for key in COST_KEYS[kind]))

    return make


def _free(m: Matched) -> Made | None:
    return slot(*(Fill(key, 0.0) for key in NO_COST_KEYS[m["c"].value]))


def _account(m: Matched) -> Made:
    number = m["n"].value.value * (m["f"].value if "f" in m else 1.0)
    return slot(Fill("backtest.account", float(number)))


def _large_account(m: Matched) -> Made | None:
    made = _account(m)
    return made if made.value[0].value >= LEAST_ACCOUNT else None


def _scaled_account(m: Matched) -> Made | None:
    return _large_account(m) if m["n"].value.scaled else None


def _many_shares(m: Matched) -> Made | None:
    """A number of shares is no account, no year and no number of symbols."""
    number = m["n"].value
    return Made("UNUSED", None) if number.scaled or number.value > MOST_SYMBOLS else None


def _best_stock(m: Matched) -> Made | None:
    return slot(Fill("backtest.topk", 1)) if m["x"].value == 1 else None


def _every(m: Matched) -> Made:
    unit = RHYTHMS.get(m["u"].value)
    if unit:
        return slot(Fill("aggregation.every", unit))
    return _spaced(Duration(1, m["u"].value))


def _spaced(duration: Duration) -> Made:
    """So many days or weeks apart; of the calendar's longer periods the bars differ in number."""
    if duration.unit not in {"bar", "day", "week"}:
        return Made("ASK", Ask("frequency", {}))
    return slot(Fill("backtest.rebalance_bars", duration))


def _bars(key: str) -> Make:
    return lambda m: slot(Fill(key, m["w"].value))


def _settlement(m: Matched) -> Made | None:
    """``T+1``."""
    if not (m["p"].glued and m["n"].glued):
        return None
    return slot(Fill("backtest.trade_delay_bars", m["n"].value.whole))


def _weighting(m: Matched) -> Made:
    return weights(("weighting", m["v"].value))


def weights(*said: tuple[str, Any]) -> Made:
    """Say something that goes with the strategy of weights alone."""
    fills = [Fill("backtest.strategy", "weights", "its weights follow from the scores")]
    return slot(*fills, *(Fill(f"backtest.{key}", value) for key, value in said))


def _max_weight(m: Matched) -> Made:
    share = m["n"].value / 100 if m["n"].kind == "PCT" else m["n"].value.value
    return weights(("max_weight", round(share, 9)))


def _winsorise(m: Matched) -> Made:
    share = m["n"].value / 100 if m["n"].kind == "PCT" else m["n"].value.value
    return slot(Fill("aggregation.winsorise", round(share, 9)))


def _limit(m: Matched) -> Made:
    return slot(Fill("backtest.limit_threshold", round(m["r"].value / 100, 9)))


HOLDING: Final[tuple[tuple[str, Make], ...]] = (
    ("HOLD? ONLY? TOP|RANKTOP DASH? n=COUNT COUNTER? RANKED|STOCK?", counted("backtest.topk")),
    ("HOLD ONLY? n=COUNT COUNTER? TOP|RANKTOP? RANKED|STOCK?", counted("backtest.topk")),
    ("ONLY? HOLD n=COUNT COUNTER? STOCK?", counted("backtest.topk")),
    ("HOLD? n=COUNT COUNTER? TOP|RANKTOP RANKED|STOCK?", counted("backtest.topk")),
    ("HOLD? n=COUNT RANKED", counted("backtest.topk")),
    ("HOLD? FRONT n=COUNT COUNTER? STOCK?", counted("backtest.topk")),
    ("HOLD? TOP|RANKTOP FRONT? n=COUNT COUNTER? STOCK?", counted("backtest.topk")),
    ("TOPK n=COUNT", counted("backtest.topk")),
    ("PORTFOLIO n=COUNT STOCK?", counted("backtest.topk")),
    ("n=COUNT DASH? COUNTER? STOCK? DASH? PORTFOLIO", counted("backtest.topk")),
    ("HOLD? ONLY? SINGLE? TOP|RANKTOP SINGLE? x=STOCK ONLY?", _best_stock),
    ("HOLD? TOP|RANKTOP STOCK|RANKED", claim),
    ("HOLD TOP|RANKTOP", claim),
    ("HOLD BOTH", said("backtest.topk", 2)),
    ("REPLACE ATMOST? n=COUNT COUNTER? STOCK? ATATIME?", counted("backtest.n_drop")),
    ("ATATIME? ATMOST? REPLACE n=COUNT COUNTER? STOCK? ATATIME?", counted("backtest.n_drop")),
    ("ATMOST? n=COUNT COUNTER? STOCK? REPLACE", counted("backtest.n_drop")),
    ("ATATIME REPLACE ATMOST? n=COUNT COUNTER? STOCK?", counted("backtest.n_drop")),
)
"""How many are held, how many replaced."""

COSTS: Final[tuple[tuple[str, Make], ...]] = (
    ("s=SIDE? c=COST s=SIDE? IN? r=BPS|PCT s=SIDE?", _cost),
    ("s=SIDE? r=BPS|PCT s=SIDE? IN? c=COST s=SIDE?", _cost),
    ("s=SIDE? r=BPS s=SIDE?", _cost),
    ("CONDITION r=BPS|PCT", unused),
    ("s=SIDE r=PCT", _cost),
    ("r=PCT s=SIDE", _cost),
    ("BUY r=BPS|PCT", _one_side("open")),
    ("SELL r=BPS|PCT", _one_side("close")),
    ("BOTHSIDES c=COST? r=BPS|PCT COST?", asks("both_sides")),
    ("c=COST BOTHSIDES r=BPS|PCT", asks("both_sides")),
    ("c=COST IN? n=NIL", _free),
    ("c=COST IN? n=NUM", asks("cost_unit")),
    ("n=NIL c=COST", _free),
    ("NEG c=COST", _free),
    ("NEG IN? c=COST", _free),
    ("c=COST DASH? FREE", _free),
    ("AFTERCOSTS", claim),
    ("AFTERCOSTS IN? r=BPS|PCT s=SIDE?", _cost),
    ("MINFEE DOLLAR? n=NUM CURRENCY?",
     lambda m: slot(Fill(MIN_FEE, float(m["n"].value.value)))),
    ("DOLLAR? n=NUM CURRENCY? MINFEE",
     lambda m: slot(Fill(MIN_FEE, float(m["n"].value.value)))),
    ("NEG MINFEE", said(MIN_FEE, 0.0)),
)  # fmt: skip
"""What trading costs."""

WEIGHTS: Final[tuple[tuple[str, Make], ...]] = (
    ("HOLD? EQUALWEIGHT PORTFOLIO|STOCK?", lambda _: weights(("weighting", "equal"))),
    ("v=RANKWEIGHT", _weighting),
    ("MAXWEIGHT IN? n=NUM|PCT EVERY? STOCK?", _max_weight),
    ("n=NUM|PCT MAXWEIGHT", _max_weight),
    ("ATMOST n=PCT EVERY STOCK", _max_weight),
    ("ATMOST n=PCT IN EVERY? SINGLE? STOCK", _max_weight),
    ("EVERY STOCK ATMOST n=PCT", _max_weight),
    ("v=POSITIVE", lambda _: weights(("positive_only", True))),
    ("v=NEUTRAL", valued("aggregation.neutralise")),
    ("OTHER_NEUTRAL", asks("neutral")),
    ("WINSOR IN? n=PCT|NUM", _winsorise),
    ("n=PCT WINSOR", _winsorise),
    ("v=NOPROPOSE", valued("gate.propose")),
)
"""How much of each, and how scores are made comparable before."""

MONEY: Final[tuple[tuple[str, Make], ...]] = (
    ("CAPITAL IN? DOLLAR? n=NUM f=M? CURRENCY? CAPITAL?", _account),
    ("DOLLAR n=NUM f=M? CURRENCY? IN? CAPITAL", _account),
    ("DOLLAR n=NUM f=M? CURRENCY?", _large_account),
    ("n=NUM f=M? CURRENCY IN? CAPITAL", _account),
    ("n=NUM f=M? CURRENCY", _large_account),
    ("n=NUM CAPITAL", _large_account),
    ("n=NUM", _scaled_account),
    ("FROM|SINCE|TO|UNTIL|IN|BEFORE|AFTER? n=NUM STOCK|COUNTER", _many_shares),
    ("FROM|SINCE|TO|UNTIL|IN|BEFORE|AFTER? n=YEAR STOCK|COUNTER|CURRENCY", unused),
)
"""How much money there is; numbers of shares are not money."""

RHYTHM: Final[tuple[tuple[str, Make], ...]] = (
    ("REBALANCE? v=FREQ DASH? ATATIME? REBALANCE? ATATIME?", valued("aggregation.every")),
    ("REBALANCE? EVERY u=UNIT REBALANCE?", _every),
    ("REBALANCE? EVERY w=DUR REBALANCE?", lambda m: _spaced(m["w"].value)),
    ("REBALANCE? v=EVERYSO REBALANCE?",
     lambda m: _spaced(Duration(m["v"].value[1], m["v"].value[0]))),
    ("v=EVERYSO FEATURE|RANKED", asks("rhythm_or_window")),
    ("REBALANCE? FRIDAYS REBALANCE?", said("aggregation.every", "week")),
    ("REBALANCE IN? EVERY|IN? DAYSET", asks("frequency")),
    ("HOLD? IN? ATLEAST w=DUR HOLD?", _bars("backtest.hold_bars")),
    ("ATLEAST HOLD IN? w=DUR", _bars("backtest.hold_bars")),
    ("MINHOLD IN? w=DUR", _bars("backtest.hold_bars")),
    ("w=DUR MINHOLD", _bars("backtest.hold_bars")),
    ("BUY|SELL|REBALANCE|DEALT? DELAY IN? w=DUR REBALANCE|DEALT?",
     _bars("backtest.trade_delay_bars")),
    ("w=DUR DASH? DELAY", _bars("backtest.trade_delay_bars")),
    ("REBALANCE|DEALT|BUY w=DUR LATER", _bars("backtest.trade_delay_bars")),
    ("w=DUR LATER", _bars("backtest.trade_delay_bars")),
    ("REBALANCE|DEALT|BUY IN? x=NEXTDAY DEALT?", valued("backtest.trade_delay_bars")),
    ("x=NEXTDAY REBALANCE|DEALT", valued("backtest.trade_delay_bars")),
    ("T p=PLUS n=COUNT DEALT|REBALANCE?", _settlement),
    ("REBALANCE? OTHER_FREQ REBALANCE?", asks("frequency")),
    ("v=FREQ DASH? FEATURE|RANKED", asks("rhythm_or_window")),
    ("v=DATAFREQ", valued("data.frequency")),
    ("v=FREQ DATA", lambda m: valued("data.frequency")(m) if m["v"].value == "day"
     else Made("ASK", Ask("frequency", {}))),
    ("IN? v=DEAL DEALT?", valued("backtest.deal_price")),
    ("LIMIT r=PCT", _limit),
    ("r=PCT LIMIT", _limit),
    ("LOT n=COUNT STOCK?", counted("backtest.trade_unit")),
    ("n=COUNT DASH? STOCK LOT", counted("backtest.trade_unit")),
)  # fmt: skip
"""When trades are decided and how they are filled."""


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    return tuple(
        Rule(pattern, make) for pattern, make in (*HOLDING, *COSTS, *WEIGHTS, *MONEY, *RHYTHM)
    )
