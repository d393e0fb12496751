"""`qraft gate holdout`: the one way past a seal."""

from __future__ import annotations

from dataclasses import asdict

import click

from configs import output
from gate.commands.deciding import reason_option
from gate.commands.opened import Opened, standing_of


@click.command(short_help="Open the sealed holdout for one strategy, once.")
@click.argument("strategy")
@reason_option
@output.as_json
@click.pass_obj
def holdout(opened: Opened, strategy: str, reason: str, as_json: bool) -> None:
    """Play STRATEGY past the seal of its data, and write what it brought there to the ledger.

    The look is on the ledger before anything is seen. A further look at the same strategy needs
    another reason; each look at the same data, by whatever strategy, makes the evidence weaker.

    Example: qraft gate holdout us_momentum --reason "all else holds"
    """
    from gate.deciding.holdout import look
    from gate.deciding.terminal import account_name
    from gate.finding import find
    from gate.units import describe_moments, sharpe_a_year

    known = find(standing_of(opened), strategy)
    seen = look(
        opened.ledger, known, reason=reason, actor=account_name(), replay=opened.replay
    )  # fmt: skip
    found = seen.found
    yearly = {"sharpe_a_year": sharpe_a_year(found, known.evidence)} if found else {}
    value = asdict(seen) | {"found": found._asdict() | yearly if found else None}
    about = {"strategy": seen.strategy, "sealed from": seen.sealed_from}
    facts = about | describe_moments(found, known.evidence)
    output.write(as_json, value, lambda: output.print_facts(facts))
    output.talk(f"next: qraft gate check {seen.strategy}")
