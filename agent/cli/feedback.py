"""`qraft patterns feedback`: what a person thinks of a pattern."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.command()
@click.argument("pattern")
@click.option(
    "--rating", required=True, type=click.IntRange(-1, 1), help="-1 useless, 0 undecided, 1 useful."
)
@click.option("--comment", default="", help="Why.")
@output.as_json
@click.pass_obj
def feedback(context: Context, pattern: str, *, rating: int, comment: str, as_json: bool) -> None:
    """Rate PATTERN, named by its id or the beginning of it.

    The rating goes to the ledger and outlives every run. Three ratings or more that find a
    detector useless on the whole raise the confidence from which its patterns are listed. Of a
    live source's pattern, the rating also moves the source's threshold, by its `feedback` rule.

    Example: qraft patterns feedback 3f9a --rating -1 --comment "a split, not a drift"
    """
    from agent.cli.pattern_page import find_pattern
    from agent.cli.recorded import need_runs
    from agent.live.rating import find_live, rate
    from storage.feedback import VERDICTS, feedback_rows, give_feedback
    from storage.warehouse.schema import WHOLE

    with context.warehouse() as warehouse:
        live = find_live(warehouse, pattern)
        if live is None:
            need_runs(context)
        found = live or find_pattern(warehouse, pattern)[0]
    if live is not None:
        rate(context.workspace, live, rating=rating, comment=comment)
    given = give_feedback(context.ledger, found, rating=rating, comment=comment, actor=_person())
    with context.warehouse() as warehouse:
        warehouse.replace("pattern_feedback", WHOLE, feedback_rows(context.ledger.entries()))
    value = {
        "feedback": given.feedback_id, "pattern": given.pattern_id, "rating": given.rating,
        "verdict": VERDICTS[given.rating], "comment": given.comment, "actor": given.actor,
    }  # fmt: skip
    output.write(as_json, value, lambda: output.print_facts(value))


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
