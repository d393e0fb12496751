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
    detector useless on the whole raise the confidence from which its patterns are listed.

    Example: qraft patterns feedback 3f9a --rating -1 --comment "a split, not a drift"
    """
    from agent.cli.pattern_page import find_pattern
    from agent.cli.recorded import need_runs
    from storage.feedback import VERDICTS, feedback_rows, give_feedback
    from storage.warehouse.schema import WHOLE

    need_runs(context)
    with context.warehouse() as warehouse:
        found = find_pattern(warehouse, pattern)[0]
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
