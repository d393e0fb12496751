"""How patterns may act on a backtest: which of them, for how long, and what they do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from configs.section import Section


class Reaction(Section):
    """Which patterns act, and for how long.

    A pattern is known at the end of its bar, so it acts on orders from the bar after it. One that
    is found while another still acts makes it last longer. Alarms act as they were raised, with the
    confidence that they had: which of them a report keeps as discoveries is judged afterwards, with
    the whole period in view, and has no part in trading.
    """

    types: Annotated[
        tuple[Literal["drift", "anomaly", "cluster_change"], ...], Field(min_length=1)
    ] = ("drift",)
    """The patterns that act, by what they are."""
    scope: Literal["market", "symbol"] = "market"
    """`market`: patterns of market series, and across symbols, act on everything. `symbol`: those
    of a symbol act on it."""
    detectors: tuple[str, ...] = ()
    """The detectors whose patterns act, as `adwin`; default all."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.9
    """The least confidence of a pattern that acts."""
    bars: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Bars for which a pattern acts."""


class Suspension(Reaction):
    """While such a pattern acts, nothing is bought."""

    then: Literal["sell", "hold"] = "sell"
    """`sell`: what is held is sold, of the whole market at once; of a symbol its score is taken
    away, so that the strategy drops it by its own rule. `hold`: nothing is bought or sold."""


class Scaling(Reaction):
    """While such a pattern acts, decisions invest less."""

    factor: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Weights are multiplied by it, or with `topk_dropout` the money that buys; the rest stays in
    cash. What is held is cut at the next decision (`weights`) or not at all (`topk_dropout`)."""
