"""The figures of a run that are shown without being asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.cli.recorded import Row

HEADLINE = (
    "annual_return", "benchmark_annual_return", "annual_volatility", "sharpe",
    "sharpe_standard_error", "max_drawdown", "annual_turnover", "annual_cost", "ic_mean", "ic_t",
)  # fmt: skip


def headline(metrics: Iterable[Row]) -> list[Row]:
    """Choose the rows of a run's metrics that make its headline, in the headline's order."""
    by_name = {row["name"]: row for row in metrics}
    return [by_name[name] for name in HEADLINE if name in by_name]
