"""`qraft patterns`: what the detectors found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from agent.cli.feedback import feedback
from agent.cli.pattern_page import (
    MARKET,
    find_pattern,
    gather_pattern,
    local,
    show_pattern,
    with_values,
)
from agent.cli.recorded import need_runs
from agent.cli.scan import scan
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.cli.recorded import Row
    from agent.pattern_feedback import Usefulness
    from storage.warehouse.port import Warehouse

TYPES = ("drift", "anomaly", "cluster_change")
TABLES = {False: "patterns", True: "withheld_patterns"}
"""Where patterns are, by whether they were withheld."""

LIST = """
SELECT * FROM {table}
WHERE run_id = {{run:String}}
  AND ({{type:String}} = '' OR type = {{type:String}})
  AND ({{symbol:String}} = '' OR ifNull(symbol, 'market') = {{symbol:String}})
ORDER BY ts DESC, pattern_id
"""


@click.group()
def patterns() -> None:
    """List, show and rate patterns; scan a file of one's own."""


patterns.add_command(scan)
patterns.add_command(feedback)


@patterns.command("list")
@click.option("--run", default="last", show_default=True, help="`last`, a run's id, or a study.")
@click.option("--type", "type_", type=click.Choice(TYPES), help="Only this type.")
@click.option("--symbol", help="Only this symbol; `market` for the market's own.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--withheld", is_flag=True, help="The alarms that are no patterns, instead.")
@click.option("--all", "all_", is_flag=True, help="Whatever feedback says of their detector, too.")
@output.as_json
@click.pass_obj
def list_(
    context: Context, *, run: str, type_: str | None, symbol: str | None, limit: int,
    withheld: bool, all_: bool, as_json: bool,
) -> None:  # fmt: skip
    """List the patterns of a run, the newest first.

    Example: qraft patterns list --type drift --symbol AAPL
    """
    from agent.cli.recorded import find_run

    need_runs(context)
    with context.warehouse() as warehouse:
        row = find_run(warehouse, run)
        found = patterns_of(warehouse, row["run_id"], type_, symbol, withheld=withheld)
        counted = _count(warehouse, row["run_id"])
    if not all_ and not withheld:
        found = _useful(context, found, _level(row))
    shown = found[:limit]

    def show_patterns() -> None:
        output.print_rows(
            [_line(pattern, row) for pattern in shown],
            ["pattern", "time", "type", "symbol", "watched", "confidence"],
            empty=_empty(row, counted),
            cut=["watched"],
        )
        if len(found) > limit:
            output.talk(f"{len(found) - limit} more, earlier; --limit shows them")
        if counted[True] and counted[False] and not withheld:
            output.talk(
                f"{counted[True]} of {sum(counted.values())} alarms of the run withheld at a false "
                f"discovery rate of {_level(row):g}; --withheld lists them"
            )

    output.write(as_json, shown, show_patterns)


@patterns.command()
@click.argument("pattern")
@output.as_json
@click.pass_obj
def show(context: Context, pattern: str, as_json: bool) -> None:
    """Show PATTERN, named by its id or the beginning of it.

    Example: qraft patterns show 3f9a
    """
    need_runs(context)
    with context.warehouse() as warehouse:
        value, run = gather_pattern(warehouse, find_pattern(warehouse, pattern))
    output.write(as_json, value, lambda: show_pattern(value, run))


def patterns_of(
    warehouse: Warehouse, run_id: str, type_: str | None, symbol: str | None, *, withheld: bool
) -> list[Row]:
    """Return the patterns of a run, of one type and symbol if these are named, the newest first.

    Raises
    ------
    BadInput
        If no pattern of the run is about that symbol.
    """
    wanted = {"run": run_id, "type": type_ or "", "symbol": symbol or ""}
    rows = warehouse.rows(LIST.format(table=TABLES[withheld]), wanted)
    if not rows and symbol:
        _check_symbol(warehouse, run_id, symbol)
    return [with_values(pattern) for pattern in rows]


def _empty(run: Row, counted: dict[bool, int]) -> str:
    """Say why there is nothing to list: no alarms, none that survives, or none like those asked."""
    if counted[False] or not counted[True]:
        return f"the run {run['run_id']} has no such patterns"
    return (
        f"none of {counted[True]} alarms of the run {run['run_id']} survives at a false discovery "
        f"rate of {_level(run):g}; --withheld lists them"
    )


def _level(run: Row) -> float:
    return float(json.loads(run["spec"])["discovery"]["level"])


def _count(warehouse: Warehouse, run_id: str) -> dict[bool, int]:
    """Count the patterns and the withheld of a run."""
    return {
        withheld: int(
            warehouse.rows(
                f"SELECT count() AS n FROM {table} WHERE run_id = {{run:String}}",  # noqa: S608
                {"run": run_id},
            )[0]["n"]
        )
        for withheld, table in TABLES.items()
    }


def _useful(context: Context, found: list[Row], level: float) -> list[Row]:
    """Leave out patterns of detectors that people found useless, and say so."""
    from agent.pattern_feedback import stricter
    from storage.feedback import KIND, all_feedback

    rules = stricter(all_feedback(context.ledger.entries(KIND)), level)
    kept = [row for row in found if row["confidence"] >= _least(rules.get(row["card_id"]))]
    for rule in rules.values() if len(kept) < len(found) else ():
        output.talk(
            f"{rule.detector} on {rule.source}: {rule.useful} rated useful, {rule.useless} useless;"
            f" shown from confidence {rule.least_confidence:.4f} (--all shows the others)"
        )
    return kept


def _least(rule: Usefulness | None) -> float:
    return rule.least_confidence if rule else 0.0


def _check_symbol(warehouse: Warehouse, run_id: str, symbol: str) -> None:
    """Refuse a symbol that no alarm of the run has, with near matches."""
    from configs.errors import BadInput, did_you_mean

    rows = warehouse.rows(
        "SELECT ifNull(symbol, 'market') AS symbol FROM patterns WHERE run_id = {run:String}"
        " UNION DISTINCT"
        " SELECT ifNull(symbol, 'market') AS symbol FROM withheld_patterns"
        " WHERE run_id = {run:String} ORDER BY symbol",
        {"run": run_id},
    )
    known = [row["symbol"] for row in rows]
    if known and symbol not in known:
        raise BadInput(
            f"no alarm of the run {run_id} is about `{symbol}`", hint=did_you_mean(symbol, known)
        )


def _line(pattern: Row, run: Row) -> dict[str, Any]:
    return {
        "pattern": pattern["pattern_id"],
        "time": local(pattern["ts"], run),
        "type": pattern["type"],
        "symbol": pattern["symbol"] or MARKET,
        "watched": pattern["source"],
        "confidence": pattern["confidence"],
    }
