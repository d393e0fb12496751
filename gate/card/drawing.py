"""The card drawn: checks, trials, holdout and ledger in one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gate.card import curve, strip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.checks.evidence import Evidence

HASH_SHOWN = 12


def draw_card(account: Mapping[str, Any], evidence: Evidence) -> str:
    """Draw the card of a strategy.

    Parameters
    ----------
    account
        From `gate.accounts.tell`.
    evidence
        What was judged.

    Returns
    -------
    str
        HTML with its styles inside; it runs nothing and fetches nothing. Text from specs, reasons
        and names is shown as text, whatever it says. Equal input, equal text.
    """
    environment = Environment(
        loader=PackageLoader("gate.card"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"number": _number, "short": _short, "minute": _minute}
    checks = account["checks"]
    binding = [check for check in checks if not check["advice"]]
    return environment.get_template("card.html").render(
        account=account,
        evidence=evidence,
        binding=binding,
        advice=[check for check in checks if check["advice"]],
        held=sum(check["passed"] for check in binding),
        strip=strip.lay_out_strip(evidence),
        strip_size=(strip.WIDTH, strip.HEIGHT),
        curve=curve.lay_out_curve(evidence),
        curve_size=(curve.WIDTH, curve.HEIGHT),
    )


def _number(value: float | None) -> str:
    """Write a figure so that it can be compared.

    Examples
    --------
    >>> _number(0.90041), _number(3149.0), _number(None)
    ('0.9004', '3,149', 'not known')
    """
    if value is None:
        return "not known"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def _short(digest: str) -> str:
    return digest[:HASH_SHOWN]


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
