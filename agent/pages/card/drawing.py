"""The card drawn: checks, trials, holdout and ledger in one HTML file that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.pages.card import curve, strip
from configs.figures import say, say_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.checks.evidence import Evidence

HASH_SHOWN = 12


def draw_card(account: Mapping[str, Any], evidence: Evidence) -> str:
    """Draw the card of a strategy.

    Parameters
    ----------
    account
        From `gate.summaries.tell`.
    evidence
        What was judged.

    Returns
    -------
    str
        HTML with its styles inside; it runs nothing and fetches nothing. Text from specs, reasons
        and names is shown as text, whatever it says. Equal input, equal text.
    """
    environment = Environment(
        loader=PackageLoader("agent.pages.card"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "figure": _figure, "must_be": _must_be, "short": _short, "minute": _minute
    }  # fmt: skip
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
        curve_sides=(curve.LEFT, curve.RIGHT, curve.TOP, curve.BOTTOM),
    )


def _figure(check: Mapping[str, Any]) -> str:
    """Write what was found, with its unit."""
    if check["figure"] is None:
        return "not known"
    return say(check["figure"], check.get("unit", ""))


def _must_be(check: Mapping[str, Any]) -> str:
    return say_bound(check["bound"], check["threshold"], check.get("unit", ""))


def _short(digest: str) -> str:
    return digest[:HASH_SHOWN]


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
