"""What a person calls a figure, and how it is written: its value with its unit, once."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from configs.numbers import NONE, percent, plain, ratio, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

LABELS: Final[Mapping[str, str]] = {
    "ic_mean": "IC, mean",
    "icir": "ICIR",
    "ic_t": "IC, t-value",
    "ic_decisions": "IC, decisions",
    "rank_ic_mean": "Rank IC, mean",
    "rank_icir": "Rank ICIR",
    "rank_ic_t": "Rank IC, t-value",
    "rank_ic_decisions": "Rank IC, decisions",
    "sharpe": "Sharpe ratio",
    "benchmark_sharpe": "Benchmark's Sharpe ratio",
    "sortino": "Sortino ratio",
    "calmar": "Calmar ratio",
    "max_drawdown": "Worst drawdown",
    "cost_bps_round_trip": "Costs, both ways",
    "health_refused": "Rows refused",
    "leak_clean": "No look-ahead found",
    "sharpe_t": "Sharpe ratio, t-value",
}
"""Names of figures that are not simply their own words."""


def label(name: str) -> str:
    """Name a figure for a person.

    Examples
    --------
    >>> label("sharpe"), label("annual_cost")
    ('Sharpe ratio', 'Annual cost')
    """
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def _times(value: float | None) -> str:
    text = plain(value, 3)
    return text if text == NONE else f"{text}x"


def _yes(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return NONE
    return "yes" if value >= 1 else "no"


_RATES: Final = ("annual_return", "annual_volatility", "annual_cost", "tracking_error", "alpha")
"""Endings of figures that are shares of the account in a year."""

UNITS: Final[Mapping[str, tuple[Callable[[float | None], str], str]]] = {
    "fraction": (percent, ""),
    "a year": (percent, "a year"),
    "times": (_times, ""),
    "times a year": (_times, "a year"),
    "ratio": (ratio, ""),
    "coefficient": (lambda value: plain(value, 2), ""),
    "probability": (lambda value: plain(value, 3), ""),
    "p-value": (lambda value: plain(value, 2), ""),
    "count": (whole, ""),
    "holdings": (lambda value: plain(value, 3), ""),
    "bars": (whole, "bars"),
    "rows": (whole, "rows"),
    "trials": (whole, "trials"),
    "days": (whole, "days"),
    "hours": (lambda value: plain(value, 3), "hours"),
    "money": (whole, "in money"),
    "yes or no": (_yes, ""),
    "bps a round trip": (plain, "bps a round trip"),
    "Sharpe ratio a year": (ratio, "a year"),
    "of the peak": (percent, "of the peak"),
    "of the account": (lambda value: percent(value, 2), "of the account"),
    "of the length needed": (percent, "of the length needed"),
    "in 1,000 bars": (lambda value: plain(value, 3), "in 1,000 bars"),
}
"""By unit: how the number is written, and the words after it. Other units follow the number."""

_BY_NAME: Final[Mapping[str, str]] = {
    "turnover": "times",
    "annual_turnover": "times a year",
    "holdings": "holdings",
    "ic_mean": "coefficient",
    "rank_ic_mean": "coefficient",
    "leak_clean": "yes or no",
    "health_refused": "rows",
    "cost_bps_round_trip": "bps a round trip",
    "sharpe_t": "ratio",
    "paper_bars": "bars",
    "divergence": "of the account",
    "divergence_fill": "of the account",
    "divergence_timing": "of the account",
    "divergence_signal": "of the account",
    "divergence_data": "of the account",
    "history_revised": "yes or no",
    "paper_return": "of the account",
    "backtest_return": "of the account",
    "drawdown": "of the peak",
    "stale_hours": "hours",
}
"""Units that the name of a figure tells more closely than what it was stored with."""

_BY_ENDING: Final[tuple[tuple[str, str], ...]] = (
    *((ending, "a year") for ending in _RATES),
    ("_return", "fraction"),
    ("drawdown", "fraction"),
    ("hit_rate", "fraction"),
    ("exposure", "fraction"),
    ("bars", "bars"),
    ("bars_a_year", "bars"),
    ("_days", "days"),
    ("trades", "count"),
    ("_decisions", "count"),
    ("fees", "money"),
    ("slippage", "money"),
    ("total_cost", "money"),
    ("capacity", "money"),
    ("final_account", "money"),
    ("sharpe", "ratio"),
    ("_standard_error", "ratio"),
    ("_by_moments", "ratio"),
    ("sortino", "ratio"),
    ("calmar", "ratio"),
    ("beta", "ratio"),
    ("ratio", "ratio"),
    ("icir", "ratio"),
    ("_t", "ratio"),
)
"""Units of figures by how their names end; the first that fits."""


def unit_of(name: str, stored: str = "") -> str:
    """Return the unit in which a figure is written.

    Parameters
    ----------
    stored
        The unit that it was stored with; empty where only its name is known.

    Examples
    --------
    >>> unit_of("annual_turnover", "fraction"), unit_of("annual_return"), unit_of("widgets", "pcs")
    ('times a year', 'a year', 'pcs')
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    if stored not in {"", "fraction"}:
        return stored
    return next((unit for ending, unit in _BY_ENDING if name.endswith(ending)), stored)


def parts(value: float | None, unit: str) -> tuple[str, str]:
    """Return a value as text, and the words for its unit.

    Examples
    --------
    >>> parts(0.1138, "a year"), parts(31.0, "bars"), parts(5.0, "pips"), parts(None, "bars")
    (('11.4%', 'a year'), ('31', 'bars'), ('5', 'pips'), ('–', ''))
    """
    write, words = UNITS.get(unit, (plain, unit))
    text = write(value)
    return text, "" if text == NONE else words


def say(value: float | None, unit: str) -> str:
    """Write a value with its unit.

    Examples
    --------
    >>> say(-0.6827, "of the peak"), say(16.45, "times a year"), say(0.4974, "ratio")
    ('−68.3% of the peak', '16.4x a year', '0.50')
    """
    return " ".join(filter(None, parts(value, unit)))


def say_figure(name: str, value: float | None, stored: str = "") -> str:
    """Write a figure, whose name tells its unit where nothing else does.

    Examples
    --------
    >>> say_figure("annual_return", 0.1138), say_figure("max_drawdown_days", 1612.0)
    ('11.4% a year', '1,612 days')
    """
    return say(value, unit_of(name, stored))


def say_bound(bound: str, threshold: float, unit: str) -> str:
    """Write what a figure must be; the unit's words stand by the figure.

    Examples
    --------
    >>> say_bound("at least", -0.4, "of the peak"), say_bound("at least", 1, "yes or no")
    ('at least −40%', 'yes')
    """
    text = re.sub(r"\.0+(?=%|$)", "", parts(threshold, unit)[0])
    return text if unit == "yes or no" else f"{bound} {text}"


ANNUALISED: Final = "annualised: "
"""How the note of a figure begins to tell the length of a year."""


def split_notes(notes: Iterable[str]) -> tuple[list[str], str]:
    """Take out of the notes of several figures what is said again and again: their year.

    Returns
    -------
    tuple[list[str], str]
        The notes without it, and what was common; empty where they do not agree on one.

    Examples
    --------
    >>> split_notes(["after costs; annualised: 252 days a year", "annualised: 252 days a year"])
    (['after costs', ''], 'annualised: 252 days a year')
    """
    told = [note.split("; ") for note in notes]
    years = {part for parts_ in told for part in parts_ if part.startswith(ANNUALISED)}
    if len(years) != 1:
        return ["; ".join(parts_) for parts_ in told], ""
    (year,) = years
    return ["; ".join(part for part in parts_ if part != year) for parts_ in told], year
