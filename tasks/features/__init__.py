"""Features: expressions over bars, symbol by symbol.

Examples
--------
>>> import polars as pl
>>> from datetime import datetime, UTC
>>> from tasks.features import evaluate
>>> days = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3, 4)]
>>> bars = pl.DataFrame({"symbol": ["A"] * 3, "ts": days, "close": [1.0, 2.0, 4.0]})
>>> evaluate(bars, {"change": "$close / Ref($close, 1) - 1"})["change"].to_list()
[None, 1.0, 1.0]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.features.evaluation import evaluate, stream
    from tasks.features.increment import evaluate_increment

__all__ = ["evaluate", "evaluate_increment", "stream"]

_HOMES = {
    "evaluate": "tasks.features.evaluation",
    "evaluate_increment": "tasks.features.increment",
    "stream": "tasks.features.evaluation",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
