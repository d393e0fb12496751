"""Data goes to stdout, talk to stderr; tables fit the terminal, and `--json` is for programs."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from configs.standpoint import name_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from rich.table import Table

UNBOUNDED = 4_000
"""Columns of a table that goes to a file or a pipe: a line there is a row, never folded."""

GAP = 2
"""Columns of text between the columns of a table."""
LEAST_CUT = 12
"""What is left at least of a value that is cut."""

Level = Literal["info", "warning", "error"]
_logging = False


class Talk(Protocol):
    """Whoever is told what happens."""

    def __call__(self, message: str, level: Level = "info") -> None:
        """Say a sentence."""


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option of every command that reads."""


def talk(message: str, level: Level = "info") -> None:
    """Say something to the person; never data."""
    if not _logging:
        click.echo(name_workspace(message), err=True)
        return
    first, *rest = message.splitlines() or [""]
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {level:<7} {first}", err=True)
    for line in rest:
        click.echo(f"    {line}", err=True)


@contextmanager
def logging() -> Iterator[None]:
    """Let what is said in the block be a log: each line has the time, in UTC, and a level.

    For commands that run for days: whoever reads of a failure asks first when it was.
    """
    global _logging  # noqa: PLW0603 - a process has one stderr
    before, _logging = _logging, True
    try:
        yield
    finally:
        _logging = before


def print_json(value: Any) -> None:
    """Print one JSON value, readable, in UTF-8; what is not a number is null."""
    click.echo(to_json(value))


def to_json(value: Any) -> str:
    """Write one JSON value as :func:`print_json` does."""
    plain = _without_nan(value)
    return json.dumps(plain, ensure_ascii=False, indent=2, default=_plain, allow_nan=False)


def print_rows(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    empty: str,
    title: str = "",
    cut: Collection[str] = (),
) -> None:
    """Print rows as a table that fits the terminal.

    Parameters
    ----------
    columns
        The keys to show, in this order; each is its column's heading.
    empty
        What to say, on stderr, where there are no rows.
    title
        A line above.
    cut
        Columns whose long values are cut where the terminal is too narrow, and not folded.
    """
    from rich.text import Text  # values are data: they are never read as rich's markup

    listed = list(rows)
    if not listed:
        talk(empty)
        return
    table = _table()
    texts = {column: _aligned([row.get(column) for row in listed]) for column in columns}
    _make_fit(texts, cut)
    for column in columns:
        numeric = _numeric([row.get(column) for row in listed])
        heading = column.replace("_", " ")
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for cells in zip(*texts.values(), strict=True):
        table.add_row(*map(Text, cells))
    _print(table, title)


def print_facts(facts: Mapping[str, Any], *, title: str = "") -> None:
    """Print names and values, one pair a line."""
    from rich.text import Text

    table = _table(header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(Text(name), Text(shown(value)))
    _print(table, title)


def shown(value: Any) -> str:
    """Write a value for people: four significant digits, no time where there is none.

    Examples
    --------
    >>> shown(0.123456), shown(12345.6), shown(12345), shown(2013), shown(None), shown(True)
    ('0.1235', '12,346', '12,345', '2013', '-', 'yes')
    """
    if value is None:
        return "-"
    for kind, text in _WRITTEN:
        if isinstance(value, kind):
            return text(value)
    return str(value)


def width() -> int:
    """Return how many columns of text a line of stdout has."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else UNBOUNDED


def write(as_json: bool, value: Any, show: Callable[[], None]) -> None:
    """Print a value for a program, or call `show` for a person."""
    if as_json:
        print_json(value)
    else:
        show()


def _aligned(values: Sequence[Any]) -> list[str]:
    """Write a column: if one of its counts needs separators, all of them have separators."""
    counts = [value for value in values if type(value) is int]
    if any(abs(count) >= 10_000 for count in counts):
        return [f"{value:,}" if type(value) is int else shown(value) for value in values]
    return [shown(value) for value in values]


def _make_fit(texts: dict[str, list[str]], cut: Collection[str]) -> None:
    """Cut the values of some columns, so that the others need not be folded."""
    natural = {name: max(map(len, [name, *values])) for name, values in texts.items()}
    excess = sum(natural.values()) + GAP * len(natural) - width()
    for name in (name for name in texts if name in cut and excess > 0):
        room = max(len(name), natural[name] - excess, LEAST_CUT)
        texts[name] = [t if len(t) <= room else f"{t[: room - 1]}…" for t in texts[name]]
        excess -= natural[name] - room


def _numeric(values: Sequence[Any]) -> bool:
    """Whether a column holds numbers, and perhaps gaps."""
    given = [value for value in values if value is not None]
    return bool(given) and all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in given
    )


def _count(value: int) -> str:
    return f"{value:,}" if abs(value) >= 10_000 else str(value)  # 2013 may be a year


def _float(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _time(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")


_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "yes" if value else "no"),
    (int, _count),
    (float, _float),
    ((list, tuple), lambda values: ", ".join(map(shown, values))),
    (datetime, _time),
)
"""How values are written, by their kind; the first that fits."""


def _without_nan(value: Any) -> Any:
    if hasattr(value, "model_dump"):  # a pydantic model, whose import no command owes
        value = value.model_dump()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _without_nan(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(part) for part in value]
    return value


def _plain(value: Any) -> str:
    """Write what JSON has no word for."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _table(*, header: bool = True) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        box=box.SIMPLE_HEAD if header else None,
        show_header=header,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0) if header else (0, GAP, 0, 0),
    )


def _print(table: Table, title: str) -> None:
    from rich.console import Console

    if title:
        click.echo("\n" + click.style(title, bold=True))
    console = Console(file=sys.stdout, highlight=False, soft_wrap=False, width=width())
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    click.echo("\n".join(line for line in lines if line))
