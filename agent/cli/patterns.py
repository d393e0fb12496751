"""`qraft patterns`: what the detectors found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from agent.cli.scan import scan
from configs import output

if TYPE_CHECKING:
    from datetime import datetime

    from agent.cli.context import Context
    from agent.cli.recorded import Row
    from storage.warehouse.port import Warehouse

TYPES = ("drift", "anomaly", "cluster_change")
MARKET = "market"
JSON_COLUMNS = ("prev_state", "new_state", "metrics")

LIST = """
SELECT * FROM patterns
WHERE run_id = {run:String}
  AND ({type:String} = '' OR type = {type:String})
  AND ({symbol:String} = '' OR ifNull(symbol, 'market') = {symbol:String})
ORDER BY ts DESC, pattern_id
"""
SHOW = """
SELECT * FROM patterns WHERE startsWith(pattern_id, {id:String}) ORDER BY pattern_id, run_id
"""


@click.group()
def patterns() -> None:
    """List and show patterns; scan a file of one's own."""


patterns.add_command(scan)


@patterns.command("list")
@click.option("--run", default="last", show_default=True, help="`last`, a run's id, or a study.")
@click.option("--type", "type_", type=click.Choice(TYPES), help="Only this type.")
@click.option("--symbol", help="Only this symbol; `market` for the market's own.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@output.as_json
@click.pass_obj
def list_(
    context: Context, *, run: str, type_: str | None, symbol: str | None, limit: int, as_json: bool
) -> None:
    """List the patterns of a run, the newest first.

    Example: qraft patterns list --type drift --symbol AAPL
    """
    from agent.cli.recorded import any_begun, find_run
    from tasks.run_names import no_runs

    if not any_begun(context):
        raise no_runs()
    with context.warehouse() as warehouse:
        row = find_run(warehouse, run)
        wanted = {"run": row["run_id"], "type": type_ or "", "symbol": symbol or ""}
        found = [_with_values(pattern) for pattern in warehouse.rows(LIST, wanted)]
        if not found and symbol:
            _check_symbol(warehouse, row["run_id"], symbol)
    shown = found[:limit]

    def show_patterns() -> None:
        output.print_rows(
            [_line(pattern, row) for pattern in shown],
            ["pattern", "time", "type", "symbol", "watched", "confidence"],
            empty=f"the run {row['run_id']} has no such patterns",
            cut=["watched"],
        )
        if len(found) > limit:
            output.talk(f"{len(found) - limit} more, earlier; --limit shows them")

    output.write(as_json, shown, show_patterns)


@patterns.command()
@click.argument("pattern")
@output.as_json
@click.pass_obj
def show(context: Context, pattern: str, as_json: bool) -> None:
    """Show PATTERN, named by its id or the beginning of it.

    Example: qraft patterns show 3f9a
    """
    from agent.cli.recorded import any_begun
    from tasks.run_names import no_runs

    if not any_begun(context):
        raise no_runs()
    with context.warehouse() as warehouse:
        found = [_with_values(row) for row in warehouse.rows(SHOW, {"id": pattern})]
        runs = {row["run_id"]: row for row in warehouse.rows("SELECT * FROM runs")}
    one = _only(found, pattern)
    value = {**one, "runs": [row["run_id"] for row in found]}
    del value["run_id"]
    output.write(as_json, value, lambda: _show(value, runs[one["run_id"]]))


def _check_symbol(warehouse: Warehouse, run_id: str, symbol: str) -> None:
    """Refuse a symbol that no pattern of the run has, with near matches."""
    from configs.errors import BadInput, did_you_mean

    rows = warehouse.rows(
        "SELECT DISTINCT ifNull(symbol, 'market') AS symbol FROM patterns"
        " WHERE run_id = {run:String} ORDER BY symbol",
        {"run": run_id},
    )
    known = [row["symbol"] for row in rows]
    if known and symbol not in known:
        raise BadInput(
            f"no pattern of the run {run_id} is about `{symbol}`", hint=did_you_mean(symbol, known)
        )


def _only(found: list[Row], wanted: str) -> Row:
    """Return the pattern that an id's beginning names; the same pattern may be in many runs."""
    from configs.errors import BadInput

    ids = list(dict.fromkeys(row["pattern_id"] for row in found))
    if len(ids) == 1:
        return found[0]
    raise BadInput(
        f"{len(ids)} patterns begin with `{wanted}`" if ids else f"there is no pattern `{wanted}`",
        hint=", ".join(ids[:10]) if ids else None,
        next_command="qraft patterns list",
    )


def _with_values(pattern: Row) -> Row:
    """Read the columns that hold JSON."""
    return {**pattern, **{name: json.loads(pattern[name]) for name in JSON_COLUMNS}}


def _line(pattern: Row, run: Row) -> dict[str, Any]:
    return {
        "pattern": pattern["pattern_id"],
        "time": _local(pattern["ts"], run),
        "type": pattern["type"],
        "symbol": pattern["symbol"] or MARKET,
        "watched": pattern["source"],
        "confidence": pattern["confidence"],
    }


def _show(value: Row, run: Row) -> None:
    output.print_facts(
        {
            "pattern": value["pattern_id"],
            "type": value["type"],
            "time": f"{_local(value['ts'], run)} ({run['zone']})",
            "symbol": value["symbol"] or MARKET,
            "watched": value["source"],
            "detector": value["detector"],
            "confidence": value["confidence"],
            "in runs": ", ".join(value["runs"]),
        }
    )
    figures = [
        {"when": when, "figure": name, "value": figure["value"], "unit": figure["unit"]}
        for when, column in (
            ("before", "prev_state"),
            ("after", "new_state"),
            ("evidence", "metrics"),
        )
        for name, figure in value[column].items()
        if name != "settings"
    ]
    output.print_rows(figures, ["when", "figure", "value", "unit"], empty="", title="Figures")
    output.print_facts(value["metrics"].get("settings", {}), title="Settings")
    output.print_rows(value["contributors"], ["field", "score"], empty="", title="Contributors")


def _local(ts: datetime, run: Row) -> str:
    """Write a bar's time in the data's zone: its day alone where bars are days or longer."""
    local = ts.astimezone(ZoneInfo(run["zone"]))
    daily = run["frequency"] in {"day", "week", "month"}
    return f"{local:%Y-%m-%d}" if daily else f"{local:%Y-%m-%d %H:%M}"
