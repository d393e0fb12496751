"""`qraft sql`: questions to the frames of a run, by DuckDB, read-only."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from configs import output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from agent.cli.context import Context
    from tasks.datasets import Dataset

ROWS_SHOWN = 40
"""Rows of an answer on a terminal, where no limit is given."""

EXAMPLE = 'qraft sql "SELECT * FROM bars LIMIT 5"'

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " ORDER BY table_name, ordinal_position"
)


@click.command()
@click.argument("query", required=False)
@click.option("--run", default="last", show_default=True, help="`last`, or a run's id.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=click.IntRange(min=0), help=f"Default: {ROWS_SHOWN} in a table.")
@output.as_json
@click.pass_obj
def sql(
    context: Context, *, query: str | None, run: str, as_csv: bool, limit: int | None, as_json: bool
) -> None:
    """Ask the frames of a run by SQL (DuckDB's); without QUERY, list them and their columns.

    Nothing can be changed by a query, and nothing else be read. A file that differs from what was
    committed is not used.

    Example: qraft sql "SELECT symbol, avg(volume) FROM bars GROUP BY symbol"
    """
    from configs.errors import BadInput
    from tasks.datasets import datasets
    from tasks.results import pick, results_of

    if as_json and as_csv:
        raise BadInput("--json and --csv exclude each other")
    run_id = pick(context.ledger, run)
    views = datasets(context.lake, results_of(context.lake, context.ledger, run_id))
    if query is None:
        _list_views(context, views, run_id, as_json=as_json)
        return
    most = ROWS_SHOWN if limit is None and not (as_json or as_csv) else limit
    answer = _answer(context, views, query, None if most is None else most + 1)
    shown = answer if most is None else answer.head(most)
    if as_csv:
        click.echo(_flat(shown).write_csv(), nl=False)
        return
    rows = shown.to_dicts()
    output.write(as_json, rows, lambda: _show(shown.columns, rows))
    if shown.height < answer.height:
        output.talk(f"there are more than {most} rows; --limit N shows more, --csv all")


def _answer(
    context: Context, views: Mapping[str, Dataset], query: str, limit: int | None
) -> pl.DataFrame:
    """Verify the files that the query can mean, then ask."""
    from storage.sql import query as ask

    text = query.casefold()
    mentioned = [name for name in views if name in text] or list(views)
    with ExitStack() as stack:
        paths = {name: [views[name].verified(context.lake, stack)] for name in mentioned}
        return ask(paths, query, limit)


def _list_views(
    context: Context, views: Mapping[str, Dataset], run_id: str, *, as_json: bool
) -> None:
    columns: dict[str, dict[str, str]] = {}
    for row in _answer(context, views, COLUMNS, None).to_dicts() if views else []:
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    value: list[dict[str, Any]] = [
        {
            "view": name,
            "meaning": dataset.view.meaning,
            "rows": dataset.stored.rows,
            "columns": columns[name],
        }
        for name, dataset in views.items()
    ]

    def show() -> None:
        rows = [{**row, "columns": _columns(row["columns"])} for row in value]
        output.print_rows(
            rows, ["view", "rows", "columns"], empty=f"the run {run_id} has no results yet"
        )
        output.talk(f"of the run {run_id}; for example: {EXAMPLE}")

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
