"""`qraft gate policy`: the policy in force, and how those whom it lists change it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import click

from agent.cli.gate.deciding import reason_option
from agent.cli.gate.opened import Opened, on_disk
from configs import output

if TYPE_CHECKING:
    from gate.policy.policy import Policy
    from storage.ledger.versions import Version


@click.group(short_help="The policy in force, and how it is changed.")
def policy() -> None:
    """See the policy in force, and change it by the signatures of those whom it lists.

    What decides is on the ledger. gate.yaml is where a change is written; it takes effect when it
    is proposed and signed.
    """


@policy.command(short_help="Show the policy in force.")
@output.as_json
@click.pass_obj
def show(opened: Opened, as_json: bool) -> None:
    """Show the policy in force, who signed it, and whether gate.yaml differs from it.

    Example: qraft gate policy show
    """
    import yaml

    versions = opened.ledger.versions
    now = versions.current
    drafted, trouble = on_disk(opened)
    value = {
        "in_force": _account(now) if now else None,
        "versions": [_account(version) for version in versions.all],
        "waiting": [
            {"entry": one.seq, "version": one.number, "digest": one.digest, "signed": one.signers,
             "needed": one.needed, "reason": one.reason}
            for one in versions.pending()
        ],
        "differs": _differs(now, drafted), "trouble": trouble,
    }  # fmt: skip

    def show_all() -> None:
        output.print_rows(
            [{k: v for k, v in _account(one).items() if k != "document"} for one in versions.all],
            ["version", "entry", "signed by", "digest"],
            empty="no policy is in force yet: the first approval takes gate.yaml as it is then",
        )
        if now:
            click.echo(yaml.safe_dump(dict(now.document), sort_keys=False).rstrip())
        for one in versions.pending():
            click.echo(
                f"version {one.number}, entry {one.seq}, waits: {len(one.signers)} of "
                f"{one.needed} signatures ({', '.join(one.signers) or 'nobody yet'})"
            )
        say_difference(now, drafted, trouble)

    output.write(as_json, value, show_all)


@policy.command(short_help="Show what gate.yaml would change.")
@output.as_json
@click.pass_obj
def diff(opened: Opened, as_json: bool) -> None:
    """Show the differences between the policy in force and gate.yaml, line by line.

    Example: qraft gate policy diff
    """
    drafted, trouble = on_disk(opened)
    if drafted is None:
        from configs.errors import BadInput

        raise BadInput(f"gate.yaml cannot be read: {trouble}")
    lines = list(differences(opened.ledger.versions.current, drafted))
    said = "\n".join(lines) if lines else "gate.yaml is the policy in force"
    output.write(as_json, {"lines": lines}, lambda: click.echo(said))


@policy.command(short_help="Propose gate.yaml as the next version.")
@reason_option
@click.pass_obj
def propose(opened: Opened, reason: str) -> None:
    """Propose gate.yaml as it is now as the next version of the policy.

    It decides nothing until as many people have signed it as the version in force asks for. Where
    that version lists nobody, a person confirms at the terminal and it is in force.

    Example: qraft gate policy propose --reason "bob left"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.deciding.policy import propose_policy
    from gate.policy.file import load_policy

    ledger, drafted = opened.ledger, load_policy(opened.workspace)
    now = ledger.versions.current
    if now is None or not now.root.signatures_to_change:
        facts: dict[str, object] = {"policy": "in force at once: nobody is listed who could sign"}
        ask_person(ledger, None, None, facts | _changes(now, drafted), "policy")
    entry = propose_policy(ledger, drafted, reason=reason, actor=account_name())
    waiting = ledger.versions.pending()
    if waiting:
        click.echo(f"version {waiting[-1].number} is proposed: {waiting[-1].needed} sign it")
        output.talk("next: qraft gate policy sign --reason TEXT")
    else:
        click.echo(f"version {entry.body['version']} is in force")
    output.talk(f"entry {entry.seq} of the ledger")


@policy.command(short_help="Sign a proposed version.")
@click.option("--entry", type=int, metavar="SEQ", help="Which; default the one proposed last.")
@click.option("--as", "person", metavar="NAME", help="Whose key; default the one that is here.")
@reason_option
@click.pass_obj
def sign(opened: Opened, entry: int | None, person: str | None, reason: str) -> None:
    """Sign a proposed version of the policy, after it is shown what it changes.

    Example: qraft gate policy sign --reason "I agree"
    """
    from agent.cli.gate.opened import policy_of
    from agent.cli.gate.person import ask_person
    from gate.deciding.policy import pending_policy, sign_policy
    from gate.policy.policy import Policy

    ledger = opened.ledger
    waiting = pending_policy(ledger, entry)
    proposed = Policy.model_validate(dict(waiting.document))
    facts = _changes(ledger.versions.current, proposed) | {"digest": waiting.digest[:12]}
    swear = ask_person(ledger, policy_of(opened), person, facts, "policy")
    assert swear is not None  # noqa: S101 - what waits, waits for somebody who is listed
    done = sign_policy(ledger, waiting, swear, reason=reason)
    now = ledger.versions.current
    in_force = now is not None and now.digest == waiting.digest
    click.echo(f"version {waiting.number} is {'in force' if in_force else 'signed, and waits'}")
    output.talk(f"entry {done.seq} of the ledger")


def differences(now: Version | None, drafted: Policy) -> list[str]:
    """Return the lines by which a policy differs from the one in force."""
    import yaml

    from gate.policy.in_force import document_of

    before = yaml.safe_dump(dict(now.document)) if now else ""
    after = yaml.safe_dump(document_of(drafted))
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), "in force", "gate.yaml", n=1, lineterm=""
    )
    return list(lines)


def say_difference(now: Version | None, drafted: Policy | None, trouble: str) -> None:
    """Say so where gate.yaml is not the policy in force."""
    if trouble and now:
        output.talk(f"gate.yaml cannot be read, and does not decide: {trouble}")
    elif _differs(now, drafted):
        output.talk("gate.yaml differs from the policy in force; see: qraft gate policy diff")


def _differs(now: Version | None, drafted: Policy | None) -> bool:
    from gate.policy.in_force import digest_of

    return now is not None and drafted is not None and digest_of(drafted) != now.digest


def _changes(now: Version | None, drafted: Policy) -> dict[str, object]:
    lines = [line for line in differences(now, drafted) if line[:1] in "+-"][2:]
    shown = lines[:60]
    more = f"\n    and {len(lines) - 60} more lines" if len(lines) > 60 else ""
    return {"changes": "\n    " + "\n    ".join(shown) + more}


def _account(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "entry": version.seq or "of the first edition",
        "signed by": ", ".join(version.signers) or "nobody: first use",
        "digest": version.digest[:12],
        "document": dict(version.document),
    }
