"""`qraft patterns`: what the detectors found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.patterns.feedback import feedback
from agent.cli.patterns.pattern_page import MARKET, local, show_pattern
from agent.cli.patterns.scan import scan
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.patterns.models import Pattern, PatternPage, PatternType

TYPES = ("drift", "anomaly", "cluster_change")


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
    context: Context, *, run: str, type_: PatternType | None, symbol: str | None, limit: int,
    withheld: bool, all_: bool, as_json: bool,
) -> None:  # fmt: skip
    """List the patterns of a run, the newest first.

    Example: qraft patterns list --type drift --symbol AAPL
    """
    from agent.service.patterns.listing import list_patterns

    page = list_patterns(
        context, run=run, type=type_, symbol=symbol, withheld=withheld, everything=all_, limit=limit
    )
    output.write(as_json, page.patterns, lambda: _show_page(page, withheld=withheld))


def _show_page(page: PatternPage, *, withheld: bool) -> None:
    for rule in page.left_out:
        output.talk(
            f"{rule.detector} on {rule.source}: {rule.useful} rated useful, {rule.useless} useless;"
            f" shown from confidence {rule.least_confidence:.4f} (--all shows the others)"
        )
    output.print_rows(
        [_line(pattern, page) for pattern in page.patterns],
        ["pattern", "time", "type", "symbol", "watched", "confidence"],
        empty=_empty(page),
        cut=["watched"],
    )
    if page.more:
        output.talk(f"{page.more} more, earlier; --limit shows them")
    if page.withheld and page.kept and not withheld:
        output.talk(
            f"{page.withheld} of {page.kept + page.withheld} alarms of the run withheld at a false "
            f"discovery rate of {page.level:g}; --withheld lists them"
        )


@patterns.command()
@click.argument("pattern")
@output.as_json
@click.pass_obj
def show(context: Context, pattern: str, as_json: bool) -> None:
    """Show PATTERN, named by its id or the beginning of it.

    Example: qraft patterns show 3f9a
    """
    from agent.service.patterns.showing import show_pattern as show_pattern_

    told = show_pattern_(context, pattern)
    output.write(as_json, told, lambda: show_pattern(told))


def _empty(page: PatternPage) -> str:
    """Say why there is nothing to list: no alarms, none that survives, or none like those asked."""
    if page.kept or not page.withheld:
        return f"the run {page.run_id} has no such patterns"
    return (
        f"none of {page.withheld} alarms of the run {page.run_id} survives at a false discovery "
        f"rate of {page.level:g}; --withheld lists them"
    )


def _line(pattern: Pattern, page: PatternPage) -> dict[str, Any]:
    return {
        "pattern": pattern.pattern_id,
        "time": local(pattern.ts, zone=page.zone, frequency=page.frequency),
        "type": pattern.type,
        "symbol": pattern.symbol or MARKET,
        "watched": pattern.source,
        "confidence": pattern.confidence,
    }
