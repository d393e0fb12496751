"""`qraft gate holdout`: the one way past a seal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from agent.cli.gate.deciding import reason_option
from agent.cli.gate.opened import Opened, standing_of
from configs import output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.statistics.moments import Moments
    from gate.strategies.strategies import Strategy


@click.command(short_help="Open the sealed holdout for one strategy, once.")
@click.argument("strategy")
@reason_option
@output.as_json
@click.pass_obj
def holdout(opened: Opened, strategy: str, reason: str, as_json: bool) -> None:
    """Play STRATEGY past the seal of its data, and write what it brought there to the ledger.

    The look is on the ledger before anything is seen. A further look at the same strategy needs
    another reason; each look at the same data, by whatever strategy, makes the evidence weaker.
    So a person confirms it at the terminal: no program takes looks.

    Example: qraft gate holdout us_momentum --reason "all else holds"
    """
    from configs.endpoints.account import account_name
    from gate.deciding.holdout import look
    from gate.strategies.finding import find

    known = find(standing_of(opened), strategy)
    _confirm(known)
    seen = look(
        opened.ledger, known, reason=reason, actor=account_name(), replay=opened.replay
    )  # fmt: skip
    found = seen.found
    yearly = {"sharpe_a_year": _a_year(found, known.evidence)} if found else {}
    value = asdict(seen) | {"found": found._asdict() | yearly if found else None}
    about = {"strategy": seen.strategy, "sealed from": seen.sealed_from}
    facts = about | describe(found, known.evidence)
    output.write(as_json, value, lambda: output.print_facts(facts))
    output.talk(f"next: qraft gate check {seen.strategy}")


def _confirm(known: Strategy) -> None:
    from configs.errors import Forbidden
    from gate.deciding.terminal import ControllingTerminal

    output.talk(f"a look at the holdout of {known.strategy} cannot be taken back, and is counted")
    if ControllingTerminal().ask(f"type {known.name} to look: ") != known.name:
        raise Forbidden("the word does not match; nothing was looked at")


def describe(found: Moments | None, evidence: Mapping[str, Any]) -> dict[str, str]:
    """Write what a holdout brought, its Sharpe ratio as everywhere else: a year.

    Parameters
    ----------
    found
        Of the returns of a bar; None where they do not vary.
    evidence
        Of the strategy; it knows how many bars make a year.
    """
    if found is None:
        return {"sharpe": "undefined: the returns do not vary"}
    yearly = _a_year(found, evidence)
    return {
        "sharpe": f"{yearly:.2f} a year" if yearly is not None else f"{found.sharpe:.4g} a bar",
        "bars": f"{found.bars:,} bars",
        "skewness": f"{found.skewness:.2f}, of the returns of a bar; 0 where they are symmetric",
        "kurtosis": f"{found.kurtosis:.2f}, of the returns of a bar; 3 where they are normal",
    }


def _a_year(found: Moments, evidence: Mapping[str, Any]) -> float | None:
    bars = evidence.get("figures", {}).get("bars_a_year")
    return None if bars is None else float(found.sharpe * bars**0.5)
