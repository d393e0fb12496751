"""What trading a signal would have brought: equity, positions, costs and the metrics of them.

The public functions are found here without being imported before they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.backtest.figures.metrics import measure as measure
    from tasks.backtest.figures.yearly import by_year as by_year
    from tasks.backtest.refusals.refusals import refuse_impossible as refuse_impossible
    from tasks.backtest.result import BacktestResult as BacktestResult
    from tasks.backtest.simulation import run_backtest as run_backtest
    from tasks.backtest.stress import stress_backtest as stress_backtest

_HOMES = {
    "BacktestResult": "tasks.backtest.result",
    "by_year": "tasks.backtest.figures.yearly",
    "measure": "tasks.backtest.figures.metrics",
    "refuse_impossible": "tasks.backtest.refusals.refusals",
    "run_backtest": "tasks.backtest.simulation",
    "stress_backtest": "tasks.backtest.stress",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
