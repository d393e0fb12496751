"""The unit of every figure that the gate shows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.statistics.moments import Moments

ACCOUNT, PEAK, FLAG = "of the account", "of the peak", "1 where so, else 0"
UNITS: dict[str, str] = {
    "bars_a_year": "bars", "leak_clean": FLAG, "health_refused": "rows",
    "cost_bps_round_trip": "bps", "sharpe_t": "standard errors", "bars": "bars",
    "sharpe": "a year", "max_drawdown": PEAK, "annual_return": "of the account, a year",
    "paper_bars": "bars", "paper_return": ACCOUNT, "backtest_return": ACCOUNT, "drawdown": PEAK,
    "divergence": ACCOUNT, "divergence_fill": ACCOUNT, "divergence_timing": ACCOUNT,
    "divergence_signal": ACCOUNT, "divergence_data": ACCOUNT, "input_drift": "stability index",
    "stale_hours": "hours", "history_revised": FLAG, "future_bars": "bars",
}  # fmt: skip
"""Figure to unit: of the evidence of a run, and of a strategy on paper."""


def with_unit(name: str, value: Any) -> str:
    """Write a figure with its unit.

    Examples
    --------
    >>> with_unit("stale_hours", 12.345), with_unit("divergence", None)
    ('12.35 hours', 'not known')
    """
    if value is None:
        return "not known"
    written = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{written} {UNITS.get(name, '')}".rstrip()


def describe_moments(found: Moments | None, evidence: Mapping[str, Any]) -> dict[str, str]:
    """Write what a holdout brought, its Sharpe ratio as everywhere else: a year.

    Parameters
    ----------
    found
        Of the returns of a bar; None where they do not vary.
    evidence
        Of the strategy; it knows how many bars make a year.
    """
    if found is None:
        return {"sharpe": "undefined: the returns do not vary"}
    yearly = sharpe_a_year(found, evidence)
    return {
        "sharpe": f"{yearly:.2f} a year" if yearly is not None else f"{found.sharpe:.4g} a bar",
        "bars": f"{found.bars:,} bars",
        "skewness": f"{found.skewness:.2f}, of the returns of a bar; 0 where they are symmetric",
        "kurtosis": f"{found.kurtosis:.2f}, of the returns of a bar; 3 where they are normal",
    }


def sharpe_a_year(found: Moments, evidence: Mapping[str, Any]) -> float | None:
    """Return the Sharpe ratio of moments a year; None where the bars of a year are not known."""
    bars = evidence.get("figures", {}).get("bars_a_year")
    return None if bars is None else float(found.sharpe * bars**0.5)
