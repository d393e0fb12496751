"""`qraft sql`: questions to the frames of a run, by DuckDB, read-only."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from configs import output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from agent.cli.context import Context
    from configs.errors import Failed
    from storage.sql import Part
    from tasks.dag.datasets import Dataset
    from tasks.runs.results import Results

ROWS_SHOWN = 40
"""Rows of an answer on a terminal, where no limit is given."""

EXAMPLE = 'qraft sql "SELECT * FROM bars LIMIT 5"'


ALL = "all"
OTHERS = {False: "--run NAME asks another, --run all asks all", True: "--run NAME asks one"}
"""What else can be asked, by whether several were."""


class Asked(NamedTuple):
    """A run that is asked, and the views that it has."""

    results: Results
    views: Mapping[str, Dataset]


@click.command()
@click.argument("query", required=False)
@click.option(
    "--run", default="last", show_default=True, help="`last`, a run's id, a study; `all` for all."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=click.IntRange(min=0), help=f"Default: {ROWS_SHOWN} in a table.")
@output.as_json
@click.pass_obj
def sql(
    context: Context, *, query: str | None, run: str, as_csv: bool, limit: int | None, as_json: bool
) -> None:
    """Ask the frames of a run by SQL (DuckDB's); without QUERY, list them and their columns.

    Every view has the columns `run_id` and `study`; with `--run all` it holds the rows of all runs.
    Nothing can be changed by a query, and nothing else be read. A file that differs from what was
    committed is not used.

    Example: qraft sql "SELECT symbol, avg(volume) FROM bars GROUP BY symbol"
    Example: qraft sql --run all "SELECT study, value FROM metrics WHERE name = 'sharpe'"
    """
    from configs.errors import BadInput

    if as_json and as_csv:
        raise BadInput("--json and --csv exclude each other")
    asked = _asked(context, run)
    if query is None:
        _list_views(context, asked, as_json=as_json)
        return
    most = ROWS_SHOWN if limit is None and not (as_json or as_csv) else limit
    answer = _answer(context, asked, query, None if most is None else most + 1)
    shown = answer if most is None else answer.head(most)
    if as_csv:
        click.echo(_flat(shown).write_csv(), nl=False)
        return
    rows = shown.to_dicts()
    output.write(as_json, rows, lambda: _show(shown.columns, rows))
    if not as_json:
        output.talk(f"of {_whose(asked)}; {OTHERS[len(asked) > 1]}")
    if shown.height < answer.height:
        output.talk(f"there are more than {most} rows; --limit N shows more, --csv all")


def _asked(context: Context, run: str) -> list[Asked]:
    """Return the runs that are asked, the newest first, and what each of them has."""
    from configs.errors import Forbidden
    from tasks.dag.datasets import datasets
    from tasks.runs.results import pick, results_of, tried

    every = run == ALL
    ids = dict.fromkeys(tried(context.ledger)) if every else [pick(context.ledger, run)]
    if not ids:
        pick(context.ledger)  # says what makes the first
    found, sealed = [], 0
    for run_id in ids:
        results = results_of(context.lake, context.ledger, run_id)
        try:
            found.append(Asked(results, datasets(context.lake, results)))
        except Forbidden:
            if not every:
                raise
            sealed += 1
    if sealed:
        output.talk(f"left out: {sealed} runs whose bars reach into what was sealed since")
    return found


def _answer(
    context: Context, asked: Sequence[Asked], query: str, limit: int | None
) -> pl.DataFrame:
    """Verify the files that the query can mean, then ask."""
    from storage.sql import query as ask

    names = list(dict.fromkeys(name for one in asked for name in one.views))
    text = query.casefold()
    mentioned = [name for name in names if name in text] or names
    with ExitStack() as stack:
        files = _Verified(context, stack)
        parts = {
            name: [files.part(one, name) for one in asked if name in one.views]
            for name in mentioned
        }
        return ask(parts, query, limit, on_stuck=_give_up)


def _give_up(error: Failed) -> None:
    """End the process: the engine does not listen, and a query has nothing to finish."""
    click.echo(f"error: {error}", err=True)
    os._exit(error.exit_code)


class _Verified:
    """Files of the lake, each compared with its manifest once, however many runs share it."""

    def __init__(self, context: Context, stack: ExitStack) -> None:
        self._context = context
        self._stack = stack
        self._paths: dict[str, Path] = {}

    def part(self, asked: Asked, name: str) -> Part:
        from storage.sql import Part

        dataset = asked.views[name]
        stored = dataset.stored.path
        if stored not in self._paths:
            self._paths[stored] = dataset.verified(self._context.lake, self._stack)
        labels = {"run_id": asked.results.run_id, "study": asked.results.study}
        return Part(self._paths[stored], labels)


def _whose(asked: Sequence[Asked]) -> str:
    if len(asked) != 1:
        return f"{len(asked)} runs"
    return f"the run {asked[0].results.run_id} ({asked[0].results.study})"


def _list_views(context: Context, asked: Sequence[Asked], *, as_json: bool) -> None:
    from storage.sql import COLUMNS
    from tasks.dag.outputs import TABLES

    columns: dict[str, dict[str, str]] = {}
    held = [one for one in asked if one.views]
    for row in _answer(context, held, COLUMNS, None).to_dicts() if held else []:
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    value: list[dict[str, Any]] = [
        {
            "view": view.name,
            "meaning": view.meaning,
            "rows": sum(
                one.views[view.name].stored.rows or 0 for one in held if view.name in one.views
            ),
            "columns": columns[view.name],
        }
        for view in TABLES
        if view.name in columns
    ]

    def show() -> None:
        rows = [{**row, "columns": _columns(row["columns"])} for row in value]
        output.print_rows(
            rows, ["view", "rows", "columns"], empty=f"{_whose(asked)} has no results yet"
        )
        output.talk(f"of {_whose(asked)}; {OTHERS[len(asked) > 1]}; for example: {EXAMPLE}")

    output.write(as_json, value, show)


def _columns(kinds: Mapping[str, str], most: int = 24) -> str:
    names = list(kinds)
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _show(columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    """Print as many columns as the terminal can hold, and say which it could not."""
    texts = {c: [output.shown(row[c]) for row in rows] for c in columns}
    fitting, used = 0, 0
    for column in columns:
        used += max([len(column), *map(len, texts[column])]) + output.GAP
        if used > output.width() and fitting:
            break
        fitting += 1
    output.print_rows(rows, columns[:fitting], empty="no rows")
    if hidden := columns[fitting:]:
        names = ", ".join([*hidden[:8], *(["..."] if len(hidden) > 8 else [])])
        output.talk(f"too narrow for {len(hidden)} more ({names}); --csv and --json have all")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Write nested values as JSON, for CSV knows none."""
    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    texts = [
        pl.Series(name, [json.dumps(value, default=str) for value in frame[name].to_list()])
        for name in nested
    ]
    return frame.with_columns(texts)
