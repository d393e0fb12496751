"""What a person should be told of a run that its figures alone do not say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.backtest.refusals.refusals import needed_candidates
from taskspecs.expressions import analyse, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskspecs.schema import TaskSpec

APART = {"week": 5, "month": 21}
"""Days of trading between decisions, about."""


def remarks_of(spec: TaskSpec, figures: Mapping[str, float | None]) -> list[str]:
    """Return what should be told, a sentence each; nothing where all is as it seems.

    Parameters
    ----------
    figures
        The metrics of the backtest, by name.

    Examples
    --------
    >>> from taskspecs.schema import TaskSpec
    >>> spec = TaskSpec.model_validate(
    ...     {"name": "a", "signal": {"expression": "$close"}, "backtest": {"n_drop": 2}})
    >>> remarks_of(spec, {"short_bars": 12.0, "bars": 3000.0})[0][:64]
    'on 12 of 3,000 bars fewer than topk + n_drop = 4 symbols could b'
    """
    return [*_short(spec, figures), *_label(spec)]


def _short(spec: TaskSpec, figures: Mapping[str, float | None]) -> list[str]:
    short, bars = figures.get("short_bars"), figures.get("bars")
    if not short or not bars:
        return []
    return [
        (
            f"on {short:,.0f} of {bars:,.0f} bars fewer than topk + n_drop = "
            f"{needed_candidates(spec.backtest)} symbols could be ranked: there what was held was "
            "sold without a replacement, and bought back later. A smaller `n_drop` or `topk` "
            "avoids it, a longer list of symbols, or `strategy: weights`"
        )
    ]


def _label(spec: TaskSpec) -> list[str]:
    held, reach = held_and_reach(spec)
    if reach > held // 2:
        return []
    delay = spec.backtest.trade_delay_bars
    bars = "1 bar" if reach == 1 else f"{reach} bars"
    return [
        (
            f"it decides every {spec.aggregation.every}, and its label reaches {bars}: the "
            "information coefficient, and what a model learns, are of the first of about "
            f"{held} bars that a decision is held. Of all of them is this line under `signal`: "
            f"`label: Ref($close, -{held + delay}) / Ref($close, -{delay}) - 1`"
        )
    ]


def held_and_reach(spec: TaskSpec) -> tuple[int, int]:
    """Return for how many bars a decision is held, about, and how many of them the label is of.

    Decisions that follow one another bar by bar are held for one.
    """
    held = APART.get(str(spec.aggregation.every), 1) if spec.frequency == "day" else 1
    ahead = analyse(parse(spec.signal.label)).lookahead_rows
    return held, max(ahead - spec.backtest.trade_delay_bars, 1)
