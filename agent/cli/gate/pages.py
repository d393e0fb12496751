"""What the gate shows to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from configs import output
from configs.escaping import escaped, harmless
from configs.figures import say, say_bound, say_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.summaries import Account
    from storage.ledger import Entry

HASH_SHOWN = 12


def show_brake(brake: Entry | None) -> None:
    """Say so where everything was halted."""
    if brake is not None:
        click.secho(
            f"everything is halted since {_minute(brake.at)} UTC by {brake.actor}: "
            f"{brake.body['reason']}",
            bold=True,
        )


def show_list(accounts: Sequence[Account]) -> None:
    """Print a line for each strategy."""
    rows = [
        {**account, "proposed": _minute(account["proposed"]), "checks met": _met(account)}
        for account in accounts
    ]
    output.print_rows(
        rows,
        ["strategy", "stage", "proposed", "checks met"],
        empty="nothing is proposed yet; a finished run proposes itself: qraft demo",
    )


def say_gone(account: Account) -> None:
    """Say which files of the evidence are gone."""
    if account["gone"]:
        output.talk(f"{account['strategy']}: gone from its evidence: {', '.join(account['gone'])}")


def show_story(account: Account) -> None:
    """Print all that is known of one strategy."""
    evidence = account["evidence"]
    facts = {
        "strategy": account["strategy"],
        "stage": f"{account['stage']} since {_minute(account['entered'])} UTC",
        "run": account["run_id"],
        "proposed": f"{_minute(account['proposed'])} UTC, {account['proposals']} in all",
        "trials on this data": account["trials_in_family"],
        "policy": account["policy"],
    }
    output.print_facts(facts | {k: _short(v) for k, v in evidence.items() if k != "figures"})
    figures = evidence.get("figures", {}) | account["paper"]
    output.print_rows(
        [{"figure": name, "value": say_figure(name, value)} for name, value in figures.items()],
        ["figure", "value"], empty="no figures were submitted", title="Evidence",
    )  # fmt: skip
    say_gone(account)
    show_check(account)
    for line in account["watched"]:
        click.echo(f"  watched: {line}")
    for doubt in account["not_believed"]:
        click.echo(f"  entry {doubt['seq']} of the ledger is not believed: {doubt['why']}")
    print_entries(account["ledger"], empty="", title="Ledger")


def show_check(account: Account) -> None:
    """Print the checks of the next step, the approvals, and what is missing."""
    to = account["next_stage"]
    if to:
        checks = [
            {
                "verdict": _verdict(check),
                "check": check["name"],
                "figure": say(check["figure"], check.get("unit", "")),
                "must be": say_bound(check["bound"], check["threshold"], check.get("unit", "")),
                "meaning": check["meaning"],
            }
            for check in account["checks"]
        ]
        output.print_rows(
            checks, ["verdict", "check", "figure", "must be", "meaning"],
            empty="the policy has no checks for this step", title=f"Checks for {to}",
        )  # fmt: skip
    if account["approvals"]:
        given = [
            {**a, "at": _minute(a["at"]), "expires": _minute(a["expires"]),
             "counts": f"no: {a['void']}" if a["void"] else "yes"}
            for a in account["approvals"]
        ]  # fmt: skip
        output.print_rows(
            given, ["by", "at", "signed", "expires", "counts", "reason"],
            empty="", title="Approvals",
        )  # fmt: skip
    if not to:
        click.echo(f"\n{account['strategy']} is {account['stage']}: no step leads up from there")
    elif account["missing"]:
        click.echo(f"\nTo go to {to}, this would have to be true:")
        for line in account["missing"]:
            click.echo(f"  - {line}")
    else:
        click.echo(f"\nNothing is missing: qraft gate promote {account['strategy']} --to {to}")


def show_statement(text: str) -> None:
    """Print what a person is about to bind themselves to, on stderr, letter by letter."""
    output.talk("you sign this:")
    for line in text.removesuffix("\n").split("\n"):
        click.echo(harmless(line), err=True)


def show_statements(given: Sequence[Account]) -> None:
    """Print what was shown to those who approved, letter by letter, and whether it is so."""
    for one in given:
        how = f"signed ({one['signed']})" if one["signed"] else "confirmed, not signed"
        click.echo(
            f"entry {one['entry']}: {escaped(one['strategy'])} to {escaped(one['to'])}, "
            f"{how} by {escaped(one['by'])} at {_minute(one['at'])} UTC"
        )
        if one["fault"]:
            click.secho(f"  NOT WHAT THE LEDGER SAYS: {one['fault']}", bold=True)
        shown = one["text"] or "of before statements named what was shown\n"
        for line in shown.removesuffix("\n").split("\n"):
            click.echo(f"    {harmless(line)}")


def _verdict(check: Account) -> str:
    if check["passed"]:
        return "holds"
    return "advice" if check["advice"] else "fails"


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
    asked = [check for check in account["checks"] if not check["advice"]]
    met = sum(check["passed"] for check in asked)
    return f"{met} of {len(asked)} for {account['next_stage']}"


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
