"""The data-health report in a terminal: figures in a line, and below it what they mean."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from configs import output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INDENT = "    "
WIDEST = 100
"""Columns beyond which text is hard to read."""


def print_health(rules: Sequence[Mapping[str, Any]]) -> None:
    """Print the rules that applied, and say how many others were checked.

    Parameters
    ----------
    rules
        Rows of the health frame: rule, action, count, symbols, example, meaning.
    """
    applied = [rule for rule in rules if rule["count"]]
    click.echo("\nData health\n")
    longest = max((len(rule["rule"]) for rule in applied), default=0)
    for rule in applied:
        of = f" of {_counted(rule['symbols'], 'symbol')}" if rule["symbols"] else ""
        figures = f"{rule['action']:<9}{rule['count']:>11,}{of}"
        click.echo(f"{click.style(rule['rule'].ljust(longest), bold=True)}  {figures}")
        _print_text(rule["meaning"])
        if rule["example"]:
            _print_text(f"e.g. {rule['example']}")
    quiet = len(rules) - len(applied)
    if quiet:
        output.talk(f"\n{_counted(quiet, 'other rule')} found nothing; --json lists them too")


def _print_text(text: str) -> None:
    width = min(output.width(), WIDEST)
    click.echo(textwrap.fill(text, width, initial_indent=INDENT, subsequent_indent=INDENT))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
