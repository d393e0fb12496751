"""What the fast engine covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput
from configs.remedies import Mend
from tasks.backtest.costs.table import KEYS as COSTS

if TYPE_CHECKING:
    from configs.section import Section
    from taskspecs.schema import BacktestSpec

STRATEGIES = frozenset({"topk_dropout", "weights"})

KEYS = frozenset(
    {
        "strategy", "topk", "n_drop", "hold_bars", "weighting", "max_weight", "positive_only",
        "rebalance_bars", "trade_delay_bars", "suspend_on", "scale_on", "account", "deal_price",
        "trade_unit", "limit_threshold", "costs", "benchmark", "start", "end",
    }
)  # fmt: skip
"""Keys of a backtest that these kernels know; any other must be left at its default."""


def refuse_uncovered(spec: BacktestSpec) -> None:
    """Refuse by name what the fast engine does not cover.

    Parameters
    ----------
    spec
        The backtest that is asked for.

    Raises
    ------
    BadInput
        Naming the key: a strategy, or a rule of trading, that only qlib's engine knows.

    Examples
    --------
    >>> from taskspecs.schema import BacktestSpec
    >>> refuse_uncovered(BacktestSpec(topk=3))
    """
    if spec.strategy not in STRATEGIES:
        raise _uncovered("backtest.strategy", spec.strategy)
    _refuse_others("backtest", spec, KEYS)
    _refuse_others("backtest.costs", spec.costs, COSTS)


def _refuse_others(section: str, spec: Section, known: frozenset[str]) -> None:
    """Refuse keys that were added to the spec and that no kernel looks at."""
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        if name not in known and value != field.get_default(call_default_factory=True):
            raise _uncovered(f"{section}.{name}", value)


def _uncovered(key: str, value: object) -> BadInput:
    return BadInput(
        f"the fast engine does not cover {key} {value!r}",
        hint=f"it covers the strategies {', '.join(sorted(STRATEGIES))}, and of backtest the keys "
        f"{', '.join(sorted(KEYS))}",
        remedy=Mend.RUN_SPEC(),
    )
