"""`qraft patterns feedback`: what a person thinks of a pattern."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.patterns.models import Rating


@click.command()
@click.argument("pattern")
@click.option(
    "--rating", required=True, type=click.IntRange(-1, 1), help="-1 useless, 0 undecided, 1 useful."
)
@click.option("--comment", default="", help="Why.")
@output.as_json
@click.pass_obj
def feedback(
    context: Context, pattern: str, *, rating: Rating, comment: str, as_json: bool
) -> None:
    """Rate PATTERN, named by its id or the beginning of it.

    The rating goes to the ledger and outlives every run. Three ratings or more that find a
    detector useless on the whole raise the confidence from which its patterns are listed. Of a
    live source's pattern, the rating also moves the source's threshold, by its `feedback` rule.

    Example: qraft patterns feedback 3f9a --rating -1 --comment "a split, not a drift"
    """
    from agent.service.patterns.rating import rate_pattern

    given = rate_pattern(context, pattern, rating=rating, comment=comment, actor=_person())
    output.write(as_json, given, lambda: output.print_facts(dict(given)))


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
