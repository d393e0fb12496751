"""The key figures: a card each, with its error, its convention and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.report.tables.tables import Metric

MOST_CARDS = 12

ORDER = (
    "annual_return",
    "benchmark_annual_return",
    "excess_annual_return",
    "information_ratio",
    "sharpe",
    "annual_volatility",
    "max_drawdown",
    "beta",
    "rank_ic_mean",
    "annual_turnover",
    "annual_cost",
    "exposure",
    "hit_rate",
)
"""The figures that come first, in this order; others follow in the order of the metrics."""

ERROR = "_standard_error"
"""The ending of a metric that is the standard error of another."""


@dataclass(frozen=True, slots=True)
class Card:
    """A figure."""

    label: str
    value: str
    unit: str
    error: str | None
    note: str


def deal_cards(metrics: Sequence[Metric]) -> tuple[Card, ...]:
    """Choose the figures to show large; a standard error joins the figure it belongs to."""
    errors = {m.name.removesuffix(ERROR): m for m in metrics if m.name.endswith(ERROR)}
    belong = {error.name for error in errors.values()}
    rank = {name: place for place, name in enumerate(ORDER)}
    shown = sorted(
        (m for m in metrics if m.name not in belong), key=lambda m: rank.get(m.name, len(rank))
    )
    return tuple(
        Card(
            label=m.label,
            value=m.value,
            unit=m.unit,
            error=errors[m.name].value if m.name in errors else None,
            note=m.note,
        )
        for m in shown[:MOST_CARDS]
    )
