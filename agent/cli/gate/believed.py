"""Commands about who is believed: runners, keys that are taken back, the clock, old ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.gate.deciding import reason_option
from agent.cli.gate.opened import Opened, in_force_of
from configs import output

if TYPE_CHECKING:
    from storage.ledger import Entry

as_option = click.option(
    "--as", "person", metavar="NAME", help="Whose key signs; default the one that is here."
)


@click.group(short_help="The machines whose entries count.")
def runners() -> None:
    """See which machines' entries count on this ledger, and enrol one."""


@runners.command("list", short_help="Show which runners count, and this machine's.")
@output.as_json
@click.pass_obj
def list_(opened: Opened, as_json: bool) -> None:
    """Show the runners that this ledger knows, and the one of this machine.

    Example: qraft gate runners list
    """
    from configs.keys.root_of_trust import terms

    trust, own = opened.ledger.trust, opened.ledger.runner.public
    current = trust.versions.current
    listed = {term.key: name for name, term in terms(current.root.runners)} if current else {}
    known: dict[str, str] = {}
    if trust.founder and not listed:
        known[trust.founder] = "began this ledger"
    known |= {key: f"policy: {name}" for key, name in listed.items()}
    known |= {key: f"enrolled: {name}" for key, name in trust.enrolled.items()}
    known.setdefault(own, "not enrolled" if trust.founder else "will begin this ledger")
    rows = [
        {
            "runner": key, "why": "taken back" if key in trust.revoked else why,
            "here": "this machine" if key == own else "",
        }
        for key, why in known.items()
    ]  # fmt: skip
    output.write(
        as_json, rows, lambda: output.print_rows(rows, ["runner", "why", "here"], empty="none")
    )


@runners.command(short_help="Let a machine's entries count from now on.")
@click.argument("name")
@click.argument("key")
@as_option
@reason_option
@click.pass_obj
def enrol(opened: Opened, name: str, key: str, person: str | None, reason: str) -> None:
    """Let the entries of the runner with the public KEY count from now on, as NAME.

    The key is what `qraft gate runners list` prints on that machine.

    Example: qraft gate runners enrol desk2 ed25519:... --reason "the new host"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.deciding.root import enrol as enrol_

    facts = {"enrol": f"the runner {name}", "key": key, "reason": reason}
    swear = ask_person(opened.ledger, in_force_of(opened), person, facts, name)
    entry = enrol_(opened.ledger, name, key, reason=reason, actor=account_name(), swear=swear)
    _done(entry, f"the entries of {name} count from now on")


@click.command(short_help="Take back a key, of a person or of a machine.")
@click.argument("key")
@click.option(
    "--since", type=int, metavar="SEQ",
    help="The first entry that does not count; default from now on.",
)  # fmt: skip
@as_option
@reason_option
@click.pass_obj
def revoke(opened: Opened, key: str, since: int | None, person: str | None, reason: str) -> None:
    """Take back the public KEY: what it signs counts no more, from now on or from an entry on.

    What a machine stopped before stays stopped.

    Example: qraft gate keys revoke ed25519:... --reason "the laptop was stolen"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.deciding.root import revoke as revoke_

    facts = {"take back": key, "since": since or "now", "reason": reason}
    swear = ask_person(opened.ledger, in_force_of(opened), person, facts, "revoke")
    entry = revoke_(
        opened.ledger, key, since=since, reason=reason, actor=account_name(), swear=swear
    )
    _done(entry, "the key counts no more")


@click.command(short_help="Let the clock of now count, after a wrong one.")
@as_option
@reason_option
@click.pass_obj
def clock(opened: Opened, person: str | None, reason: str) -> None:
    """Let the clock of now count, where an entry was written by a clock that was wrong.

    Until then nothing is approved or promoted: the ledger seems to be ahead of the clock.

    Example: qraft gate clock --reason "the host came up in 2031"
    """
    from datetime import UTC, datetime

    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.approval.clock import latest, now_utc
    from gate.deciding.root import reset_clock

    seen = latest(opened.ledger.entries(), datetime.min.replace(tzinfo=UTC))
    facts = {
        "now": f"{now_utc():%Y-%m-%d %H:%M:%S} UTC",
        "the ledger says": f"{seen:%Y-%m-%d %H:%M:%S} UTC", "reason": reason,
    }  # fmt: skip
    swear = ask_person(opened.ledger, in_force_of(opened), person, facts, "now")
    entry = reset_clock(opened.ledger, now_utc, reason=reason, actor=account_name(), swear=swear)
    _done(entry, "the clock of now counts")


@click.command(short_help="Go on with a ledger of the first edition.")
@reason_option
@click.pass_obj
def migrate(opened: Opened, reason: str) -> None:
    """Let a ledger of the first edition, whose entries nobody signed, go on as one of this edition.

    All its entries count as they stand, under gate.yaml as it is now; from the next one on, only
    what is signed does. Look at it first: qraft gate log.

    Example: qraft gate migrate --reason "the new edition"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.deciding.root import migrate as migrate_
    from gate.policy.file import load_policy
    from gate.policy.in_force import digest_of

    policy, head = load_policy(opened.workspace), opened.ledger.head()
    facts = {
        "entries": f"{head.seq}, none of which is signed, are believed as they stand",
        "head": str(head), "policy": f"gate.yaml, {digest_of(policy)[:12]}", "reason": reason,
    }  # fmt: skip
    ask_person(opened.ledger, None, None, facts, "migrate")
    entry = migrate_(opened.ledger, policy, reason=reason, actor=account_name())
    _done(entry, f"{head.seq} entries go on counting")


def _done(entry: Entry, what: str) -> None:
    click.echo(what)
    output.talk(f"entry {entry.seq} of the ledger")
