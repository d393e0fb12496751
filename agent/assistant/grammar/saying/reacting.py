"""What a prompt says a strategy does when a pattern is found: suspend trading, or invest less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask, Fill
from agent.assistant.grammar.words.making import slot

if TYPE_CHECKING:
    from agent.assistant.grammar.words.making import Matched

TYPES: Final = {"drift": "drift", "anomaly": "anomaly", "cluster": "cluster_change"}
"""The pattern that a type of detector finds."""

REACTIONS: Final = ("backtest.suspend_on", "backtest.scale_on")


def _suspend(m: Matched) -> Made:
    return Made("ACTION", (REACTIONS[0], {"then": m["x"].value} if m["x"].value else {}))


def _scale(factor: float) -> Made | None:
    return Made("ACTION", (REACTIONS[1], {"factor": round(factor, 9)})) if 0 <= factor < 1 else None


ACTIONS: Final = (
    Rule("x=SUSPEND", _suspend),
    Rule("x=HALVE", lambda m: _scale(m["x"].value)),
    Rule("REDUCE TO? x=ONEHALF", lambda m: _scale(m["x"].value)),
    Rule("REDUCE TO p=PCT", lambda m: _scale(m["p"].value / 100)),
    Rule("REDUCE p=PCT", lambda m: _scale(1 - m["p"].value / 100)),
    Rule("REDUCE", lambda _: Made("ACTION", (REACTIONS[1], {}))),
)
"""What is done, before it is known when; a stage of its own."""

_WHEN: Final = "WHEN|AFTER|IN|OVER? FILL? FOUND? s=MARKET|STOCK? f=SERIES? FILL? FOUND? d=DETECTOR"
_WHERE: Final = "FOUND? IN? FILL? s=MARKET|STOCK? FOUND? FILL?"
OWNERS: Final = frozenset({"FEATURE", "RANKED", "WINDOW", "TRAIN"})
"""What follows a duration that is its own window, not the reaction's length."""


def _react(m: Matched) -> Made | None:
    key, said = m["a"].value
    if key == REACTIONS[1] and "factor" not in said:
        return Made("ASK", Ask("factor", {}))
    kind, _, name = m["d"].value.partition(":")
    fills = [Fill(f"{key}.types", (TYPES[kind],))]
    fills += [Fill(f"{key}.detectors", (name,))] if name else []
    fills += [Fill(f"detection.{kind}.market_watch", m["f"].value)] if "f" in m else []
    if "s" in m:
        fills.append(Fill(f"{key}.scope", "market" if m["s"].kind == "MARKET" else "symbol"))
    fills += [Fill(f"{key}.bars", m["w"].value)] if "w" in m else []
    fills += [Fill(f"{key}.{part}", value) for part, value in said.items()]
    return slot(*fills)


def _confident(m: Matched) -> Made | None:
    share = m["n"].value / 100 if m["n"].kind == "PCT" else m["n"].value.value
    return slot(Fill("reaction.min_confidence", round(share, 9)))


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    return (
        Rule(f"a=ACTION {_WHEN} {_WHERE}", _react),
        Rule(f"a=ACTION IN|OVER? w=DUR {_WHEN} {_WHERE}", _react),
        Rule(f"a=ACTION {_WHEN} {_WHERE} SEP? IN|OVER w=DUR", _react, OWNERS),
        Rule(f"{_WHEN} {_WHERE} IN|SOMETIMEAFTER|ASFOR? SEP? FILL? a=ACTION", _react),
        Rule(
            f"{_WHEN} {_WHERE} IN|SOMETIMEAFTER|ASFOR? SEP? FILL? a=ACTION IN|OVER? w=DUR",
            _react,
            OWNERS,
        ),
        Rule(
            f"{_WHEN} {_WHERE} IN|SOMETIMEAFTER|ASFOR? SEP? FILL? a=ACTION SEP IN|OVER w=DUR",
            _react,
            OWNERS,
        ),
        Rule("IN? CONFIDENCE IN|ATLEAST|ABOVE? n=NUM|PCT ABOVE?", _confident),
        Rule("n=PCT CONFIDENCE", _confident),
    )
