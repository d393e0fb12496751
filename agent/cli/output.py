"""Data goes to stdout, talk to stderr; tables fit the terminal, and `--json` is for programs."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.table import Table

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option of every command that reads."""


def talk(message: str) -> None:
    """Say something to the person; never data."""
    click.echo(message, err=True)


def print_json(value: Any) -> None:
    """Print one JSON value, readable, in UTF-8."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_rows(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, empty: str, title: str = ""
) -> None:
    """Print rows as a table that fits the terminal.

    Parameters
    ----------
    columns
        The keys to show, in this order; each is its column's heading.
    empty
        What to say, on stderr, where there are no rows.
    """
    from rich.text import Text  # values are data: they are never read as rich's markup

    listed = list(rows)
    if not listed:
        talk(empty)
        return
    table = _table(title)
    for column in columns:
        numeric = all(isinstance(row.get(column), (int, float)) for row in listed)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        table.add_row(*(Text(shown(row.get(column))) for column in columns))
    _print(table)


def print_facts(facts: Mapping[str, Any], *, title: str = "") -> None:
    """Print names and values, one pair a line."""
    from rich.text import Text

    table = _table(title, header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(Text(name), Text(shown(value)))
    _print(table)


def shown(value: Any) -> str:
    """Write a value for people: four significant digits, no time where there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    return str(value)


def write(as_json: bool, value: Any, show: Callable[[], None]) -> None:
    """Print a value for a program, or call `show` for a person."""
    if as_json:
        print_json(value)
    else:
        show()


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _table(title: str, *, header: bool = True) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        title=title or None, title_justify="left", box=box.SIMPLE_HEAD if header else None,
        show_header=header, pad_edge=False,
    )  # fmt: skip


def _print(table: Table) -> None:
    from rich.console import Console
    Console(file=sys.stdout, highlight=False, soft_wrap=False).print(table)
