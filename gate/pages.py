"""What the gate shows to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from configs import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.accounts import Account

HASH_SHOWN = 12


def show_list(accounts: Sequence[Account]) -> None:
    """Print a line for each strategy."""
    rows = [
        {**account, "proposed": _minute(account["proposed"]), "rules met": _met(account)}
        for account in accounts
    ]
    output.print_rows(
        rows,
        ["strategy", "stage", "proposed", "rules met"],
        empty="nothing is proposed yet; a finished run proposes itself: qraft demo",
    )


def show_story(account: Account) -> None:
    """Print all that is known of one strategy."""
    evidence = account["evidence"]
    facts = {
        "strategy": account["strategy"],
        "stage": account["stage"],
        "run": account["run_id"],
        "proposed": f"{_minute(account['proposed'])} UTC, {account['proposals']} in all",
        "trials on this data": account["trials_in_family"],
        "policy": account["policy"],
    }
    output.print_facts(facts | {k: _short(v) for k, v in evidence.items() if k != "figures"})
    figures = [{"figure": k, "value": v} for k, v in evidence.get("figures", {}).items()]
    output.print_rows(
        figures, ["figure", "value"], empty="no figures were submitted", title="Evidence"
    )
    if account["next_stage"]:
        _show_step(account)
    print_entries(account["ledger"], empty="", title="Ledger")


def _show_step(account: Account) -> None:
    rules = [
        {**rule, "must be": rule["bound"], "verdict": "holds" if rule["passed"] else "fails"}
        for rule in account["checks"]
    ]
    output.print_rows(
        rules,
        ["verdict", "figure", "value", "must be", "meaning"],
        empty="the policy has no rules for this step",
        title=f"Rules for {account['next_stage']}",
    )
    click.echo(f"\nTo go to {account['next_stage']}, this would have to be true:")
    for line in account["missing"]:
        click.echo(f"  - {line}")


def print_entries(notes: list[dict[str, Any]], *, empty: str, title: str = "") -> None:
    """Print entries of the ledger, a line each."""
    rows = [
        {**entry, "#": entry["seq"], "at": _minute(entry["at"]), "hash": entry["hash"][:HASH_SHOWN]}
        for entry in notes
    ]
    output.print_rows(rows, ["#", "at", "kind", "actor", "about"], empty=empty, title=title)


def _short(value: Any) -> Any:
    """Shorten what only programs read whole: keys and digests."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items())
    return value[:HASH_SHOWN] if isinstance(value, str) and len(value) == 64 else value


def _met(account: Account) -> str:
    if not account["next_stage"]:
        return "-"
    met = sum(rule["passed"] for rule in account["checks"])
    return f"{met} of {len(account['checks'])} for {account['next_stage']}"


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
