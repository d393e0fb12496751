"""`qraft gate keys`: the keys by which people sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from agent.cli.gate.opened import Opened, policy_of
from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from gate.policy.policy import Policy
    from storage.ledger import Ledger

PERSON = re.compile(r"[a-z][a-z0-9_.\-]{0,31}")
RECORD = "key"


@click.group(short_help="The keys by which people sign.")
def keys() -> None:
    """Make a key, and see whose keys count."""


@keys.command(short_help="Make a key; its passphrase is asked on the terminal.")
@click.argument("name")
@click.pass_obj
def new(opened: Opened, name: str) -> None:
    """Make a key for NAME, sealed by a passphrase that is typed at the terminal.

    The private half stays in your home, under .config/qraft/keys. The line that is printed goes
    into the `keys` of gate.yaml: only then does the key count.

    Example: qraft gate keys new ann
    """
    from configs.errors import BadInput
    from gate.deciding.keyring import Keyring, default_folder
    from gate.deciding.terminal import ControllingTerminal, new_passphrase

    _refuse_name(name)
    keyring = Keyring(default_folder())
    key = next((held for held in keyring.held() if held.person == name), None)
    if key is None:
        key = keyring.make(name, new_passphrase(ControllingTerminal(), name))
    elif _recorded(opened.ledger, name, key.public):
        raise BadInput(f"there is a key of {name} already", remedy=Mend.LIST_KEYS())
    _tell(opened, name, key.public)


@keys.command(short_help="Sign by a key in ssh-agent, or on a security key.")
@click.argument("name")
@click.option(
    "--ssh-agent", "comment", metavar="COMMENT_OR_FINGERPRINT",
    help="An Ed25519 key that ssh-agent holds, on a security key or not: see ssh-add -l.",
)  # fmt: skip
@click.option("--fido2", "device", is_flag=True, help="A new key on the security key plugged in.")
@click.pass_obj
def add(opened: Opened, name: str, comment: str | None, device: bool) -> None:
    """Let NAME sign by a key whose private half Qraft never sees.

    With --ssh-agent the agent signs, in the namespace qraft-gate. With --fido2 a security key
    signs when it is touched, and asks for its PIN where it has one. As with `keys new`, the line
    that is printed goes into the `keys` of gate.yaml.

    Example: qraft gate keys add ann --ssh-agent ann@desk
    """
    from configs.errors import BadInput

    _refuse_name(name)
    if (comment is None) == (not device):
        raise BadInput("say --ssh-agent COMMENT_OR_FINGERPRINT or --fido2, one of them")
    _tell(opened, name, _of_agent(name, comment) if comment is not None else _of_device(name))


def _of_agent(name: str, comment: str) -> str:
    from configs.keys.signers.ssh import write_key
    from gate.deciding.keyring import Keyring, default_folder
    from gate.deciding.signing.ssh_agent import FORMAT, Agent, choose

    public = write_key(choose(comment, Agent().identities()).blob)
    return Keyring(default_folder()).add(name, public, FORMAT).public


def _of_device(name: str) -> str:
    from configs.errors import BadInput
    from gate.deciding.keyring import Keyring, default_folder
    from gate.deciding.signing.fido2 import FORMAT, make
    from gate.deciding.terminal import ControllingTerminal

    keyring = Keyring(default_folder())
    if any(held.person == name for held in keyring.held()):
        raise BadInput(f"there is a key of {name} already", remedy=Mend.LIST_KEYS())
    made = make(name, ControllingTerminal())
    return keyring.add(name, made.public, FORMAT, {"credential": made.credential}).public


def _refuse_name(name: str) -> None:
    from configs.errors import BadInput

    if not PERSON.fullmatch(name):
        raise BadInput(
            f"`{name}` cannot name a person",
            hint="lower case, digits and _.-; begins with a letter",
        )


def _tell(opened: Opened, name: str, public: str) -> None:
    """Tell the ledger and the person of a key."""
    _record(opened.ledger, name, public)
    click.echo(f"  {name}: {public}")
    output.talk("put this line under `keys:` in the workspace's gate.yaml")
    output.talk("then: qraft gate policy propose --reason TEXT   (where a policy is in force)")


@keys.command("list", short_help="Show whose keys count, and which are here.")
@output.as_json
@click.pass_obj
def list_(opened: Opened, as_json: bool) -> None:
    """Show the keys that the policy lists and those that are here.

    Example: qraft gate keys list
    """
    rows = _rows(policy_of(opened))
    output.write(
        as_json, rows,
        lambda: output.print_rows(
            rows, ["person", "listed", "here", "key"],
            empty="there are no keys yet; qraft gate keys new NAME",
        ),
    )  # fmt: skip


def _rows(policy: Policy) -> list[dict[str, object]]:
    from configs.keys.root_of_trust import terms
    from gate.deciding.keyring import Keyring, default_folder

    held = {(key.person, key.public) for key in Keyring(default_folder()).held()}
    listed = {(name, term.key) for name, term in terms(policy.keys)}
    return [
        {"person": who, "listed": (who, key) in listed, "here": (who, key) in held, "key": key}
        for who, key in sorted(listed | held)
    ]


def _recorded(ledger: Ledger, person: str, public: str) -> bool:
    about = {"person": person, "public": public}
    return any(dict(entry.body) == about for entry in ledger.entries(RECORD))


def _record(ledger: Ledger, person: str, public: str) -> None:
    """Tell the ledger of a key, once."""
    from configs.endpoints.account import account_name

    about = {"person": person, "public": public}
    ledger.append(
        RECORD, about, actor=account_name(),
        unless=lambda entries: any(
            e.kind == RECORD and dict(e.body) == about for e in entries
        ),
    )  # fmt: skip
