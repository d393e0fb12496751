"""The figures of a run as a person reads them: value and unit in one, each convention once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output
from configs.figures import parts, say_figure, split_notes, unit_of
from configs.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.service.runs.models import Figure

HEADLINE = (
    "annual_return", "benchmark_annual_return", "annual_volatility", "sharpe",
    "max_drawdown", "annual_turnover", "annual_cost", "ic_mean", "ic_t",
)  # fmt: skip
"""The figures of a run that are shown without being asked for."""

ERROR = "_standard_error"
"""The ending of a figure that is the standard error of another."""


def headline(figures: Iterable[Figure]) -> list[Figure]:
    """Choose the figures of a run that make its headline, in the headline's order."""
    by_name = {figure.name: figure for figure in figures}
    wanted = [each for name in HEADLINE for each in (name, f"{name}{ERROR}")]
    return [by_name[name] for name in wanted if name in by_name]


def print_figures(figures: Sequence[Figure], *, empty: str, title: str = "") -> None:
    """Print figures, a line each; a standard error joins the figure that it belongs to."""
    rows, year = readable(figures)
    output.print_rows(rows, ["figure", "value", "note"], empty=empty, title=title)
    if year:
        click.echo(year)


def readable(figures: Sequence[Figure]) -> tuple[list[dict[str, str]], str]:
    """Write figures for a table, and return what their notes have in common.

    Examples
    --------
    >>> from agent.service.runs.models import Figure
    >>> names = ("name", "value", "unit", "note")
    >>> rows, year = readable([Figure(**dict(zip(names, row))) for row in (
    ...     ("sharpe", 0.4974, "ratio", "annualised: 252 days"),
    ...     ("sharpe_standard_error", 0.283, "ratio", "Lo (2002)"),
    ... )])
    >>> rows, year
    ([{'figure': 'sharpe', 'value': '0.50 ± 0.28', 'note': ''}], 'annualised: 252 days')
    """
    errors = {each.name.removesuffix(ERROR): each for each in figures if _is_error(each, figures)}
    own = [each for each in figures if not _is_error(each, figures)]
    notes, year = split_notes(each.note for each in own)
    rows = [
        {"figure": each.name, "value": _value(each, errors.get(each.name)), "note": note}
        for each, note in zip(own, notes, strict=True)
    ]
    return rows, year


def _is_error(figure: Figure, figures: Sequence[Figure]) -> bool:
    stem = figure.name.removesuffix(ERROR)
    return stem != figure.name and any(other.name == stem for other in figures)


def _value(figure: Figure, error: Figure | None) -> str:
    if error is None or error.value is None or figure.value is None:
        return say_figure(figure.name, figure.value, figure.unit)
    unit = unit_of(figure.name, figure.unit)
    number, words = parts(figure.value, unit)
    return " ".join(filter(None, [number, "±", parts(error.value, unit)[0], words]))


def tell_patterns(patterns: int, withheld: int, level: float) -> None:
    """Print how many alarms are patterns, what the others are, and how to see them."""
    click.echo(say_patterns(patterns, withheld, level))
    if withheld:
        output.talk("what the withheld alarms said: qraft patterns list --withheld")


def say_patterns(patterns: int, withheld: int, level: float) -> str:
    """Say what came of a run's alarms.

    Examples
    --------
    >>> say_patterns(0, 0, 0.1)
    'no alarms: the detectors saw no change in what they watch'
    >>> say_patterns(2, 0, 0.1)
    '2 patterns: each of 2 alarms stands out from chance'
    """
    alarms = patterns + withheld
    if not alarms:
        return "no alarms: the detectors saw no change in what they watch"
    if not withheld:
        found = _counted(patterns, "pattern")
        return f"{found}: each of {_counted(alarms, 'alarm')} stands out from chance"
    kept = f"{_counted(patterns, 'pattern')} of {_counted(alarms, 'alarm')}"
    others = "none stands" if not patterns else f"the other {withheld:,} do not stand"
    return (
        f"{kept}: {others} out from what the same detectors say on data without any change, if at "
        f"most {percent(level, 0)} of the patterns may be false"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
