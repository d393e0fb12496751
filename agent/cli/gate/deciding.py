"""The commands that decide: each writes one entry of the ledger, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.gate.opened import Opened, desk_of, in_force_of, policy_of
from configs import output
from configs.remedies import Mend
from gate.policy.stages import Act, Stage

if TYPE_CHECKING:
    from gate.approval.approvals import Statement
    from gate.context import DecisionContext
    from gate.deciding.approving import Approver
    from storage.ledger import Entry

STEPS = [str(Stage.PAPER), str(Stage.LIVE)]
BACK = [str(Stage.PAPER), str(Stage.DRYRUN)]
reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; goes to the ledger."
)


@click.command(short_help="Approve the next step, as a person at a terminal.")
@click.argument("strategy")
@click.option("--as", "person", metavar="NAME", help="Whose key; default the one that is here.")
@reason_option
@click.option(
    "--although-failing", "although", metavar="REASON",
    help="Approve although checks fail; why, and which, goes into what you sign.",
)  # fmt: skip
@click.pass_obj
def approve(
    opened: Opened, strategy: str, person: str | None, reason: str, although: str | None
) -> None:
    """Approve the next step of STRATEGY: what its spec, code, data and evidence are now.

    Shows the statement that you sign: figures, checks, symbols, and what changed since the last
    approval. Where the policy wants a signature, your key signs it: by the passphrase that you
    type, in ssh-agent, or on a security key; else you confirm by typing the strategy's name. All is
    asked on the terminal, and nowhere else. While checks fail, nothing is signed.

    Example: qraft gate approve us_momentum --reason "I read the report"
    """
    from gate.deciding.approving import approve as approve_
    from gate.deciding.approving import step_to_approve
    from gate.strategies.finding import find
    from gate.strategies.strategies import stand

    desk = desk_of(opened)
    found = find(stand(desk.ledger.entries(), desk.policy), strategy)
    step = desk.policy.step(step_to_approve(found))
    approver = _signer(desk, person) if step.signed else _confirmer()
    entry = approve_(desk, found.strategy, approver, reason=reason, although=although)
    _done(entry, f"approved by {approver.name}")
    output.talk(f"next: qraft gate check {found.strategy}")


@click.command(short_help="Take one stage further what is approved.")
@click.argument("strategy")
@click.option("--to", type=click.Choice(STEPS), required=True, help="The stage to go to.")
@reason_option
@click.pass_obj
def promote(opened: Opened, strategy: str, to: str, reason: str) -> None:
    """Take STRATEGY one stage further; refused until all that the policy asks for is there.

    A refusal names all that is missing, goes to the ledger with its reason, and exits with 3.

    Example: qraft gate promote us_momentum --to paper --reason "steady"
    """
    from configs.endpoints.account import account_name
    from gate.deciding.raising import raise_strategy

    entry = raise_strategy(
        desk_of(opened), strategy, Act.PROMOTE,
        to=Stage(to), reason=reason, actor=account_name(),
    )  # fmt: skip
    _done(entry, f"is at {to}")
    opened.tell_promotions()


@click.command(short_help="Let go on what was halted or rejected.")
@click.argument("strategy", required=False)
@click.option("--all", "everything", is_flag=True, help="Release the stop of `gate halt --all`.")
@click.option("--as", "person", metavar="NAME", help="With --all: whose key signs.")
@reason_option
@click.pass_obj
def resume(
    opened: Opened, strategy: str | None, everything: bool, person: str | None, reason: str
) -> None:
    """Let STRATEGY go on: from halted to paper, approved anew; from rejected to dryrun.

    With --all a person whom the policy lists releases the stop on everything, by their signature;
    where it lists nobody, they confirm at the terminal. What was halted stays so until it is
    resumed.

    Example: qraft gate resume us_momentum --reason "the source is mended"
    """
    from agent.cli.gate.person import ask_person
    from configs.endpoints.account import account_name
    from gate.deciding.raising import raise_strategy, release_brake

    _one_or_all(strategy, everything)
    if strategy is None:
        facts = {"release": "the stop on everything", "reason": reason}
        swear = ask_person(opened.ledger, in_force_of(opened), person, facts, "resume")
        entry = release_brake(desk_of(opened), reason=reason, actor=account_name(), swear=swear)
        _done(entry, "strategies may be resumed one by one")
        return
    entry = raise_strategy(
        desk_of(opened), strategy, Act.RESUME, reason=reason, actor=account_name()
    )
    _done(entry, f"is at {entry.body['to']}")


@click.command(short_help="Stop a strategy, or everything, at once.")
@click.argument("strategy", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that runs, as without a name.")
@reason_option
@click.pass_obj
def halt(opened: Opened, strategy: str | None, everything: bool, reason: str) -> None:
    """Stop STRATEGY; without a name, stop everything, and let nothing go up until it is resumed.

    Needs no terminal, no approval and no right policy; with no name it needs no ledger either, and
    a full disk does not keep it. It holds across restarts, until a person resumes.

    Example: qraft gate halt us_momentum --reason "the exchange is down"
    """
    from configs.endpoints.account import account_name
    from configs.errors import Failed
    from gate.strategies.tightening import halt_all

    if strategy is not None:
        _one_or_all(strategy, everything)
        try:
            _tighten(opened, strategy, Act.HALT, reason)
        except Failed as error:
            output.talk(f"the ledger cannot be used, so everything is halted: {error.what}")
        else:
            return
    halted = halt_all(opened.ledger, reason=reason, actor=account_name())
    click.echo("everything is halted")
    for trouble in halted.troubles:
        output.talk(f"it holds, though not everywhere: {trouble}")
    if halted.entry is not None:
        output.talk(f"entry {halted.entry.seq} of the ledger")


@click.command(short_help="Take a strategy one stage back.")
@click.argument("strategy")
@click.option("--to", type=click.Choice(BACK), help="Where it should end; default one stage back.")
@reason_option
@click.pass_obj
def demote(opened: Opened, strategy: str, to: str | None, reason: str) -> None:
    """Take STRATEGY one stage back: from live to paper, from paper to dryrun.

    Its approvals are spent: to go up again it is approved anew.

    Example: qraft gate demote us_momentum --reason "it trades too much"
    """
    _tighten(opened, strategy, Act.DEMOTE, reason, to=Stage(to) if to else None)


@click.command(short_help="Refuse a strategy.")
@click.argument("strategy")
@reason_option
@click.pass_obj
def reject(opened: Opened, strategy: str, reason: str) -> None:
    """Refuse STRATEGY at dryrun or paper; `resume` takes it up again at dryrun.

    Example: qraft gate reject us_reversal --reason "costs eat it"
    """
    _tighten(opened, strategy, Act.REJECT, reason)


@click.command(short_help="End a strategy for good.")
@click.argument("strategy")
@reason_option
@click.pass_obj
def retire(opened: Opened, strategy: str, reason: str) -> None:
    """End STRATEGY for good: nothing leads out of retired.

    Example: qraft gate retire us_reversal --reason "replaced"
    """
    _tighten(opened, strategy, Act.RETIRE, reason)


def _tighten(
    opened: Opened, strategy: str, act: Act, reason: str, *, to: Stage | None = None
) -> None:
    from configs.endpoints.account import account_name
    from gate.strategies.tightening import tighten

    entry = tighten(
        opened.ledger, policy_of(opened), strategy, act,
        to=to, reason=reason, actor=account_name(),
    )  # fmt: skip
    _done(entry, f"is at {entry.body['to']}")


def _done(entry: Entry, what: str) -> None:
    about = entry.body["strategy"]
    click.echo(f"{what}" if about == "*" else f"{about}: {what}")
    output.talk(f"entry {entry.seq} of the ledger")


def _one_or_all(strategy: str | None, everything: bool) -> None:
    from configs.errors import BadInput

    if (strategy is None) != everything:
        raise BadInput("name a strategy or write --all, one of them", remedy=Mend.LIST_STRATEGIES())


def _signer(desk: DecisionContext, person: str | None) -> Approver:
    """Return the approver whose key is here, to be asked when the statement is shown."""
    from agent.cli.gate.pages import show_statement
    from agent.cli.gate.person import key_and_sign
    from gate.deciding.approving import Approver

    key, ask = key_and_sign(desk.policy, person)
    return Approver(key.person, key.public, lambda said: ask(said.to_bytes()), show_statement)


def _confirmer() -> Approver:
    """Return the approver who is logged in, and types the strategy's name."""
    from agent.cli.gate.pages import show_statement
    from configs.endpoints.account import account_name
    from configs.errors import Forbidden
    from gate.deciding.approving import Approver
    from gate.deciding.terminal import ControllingTerminal

    def confirm(statement: Statement) -> str:
        name = statement.strategy
        if ControllingTerminal().ask(f"type {name} to approve: ") != name:
            raise Forbidden("the name does not match; nothing was approved")
        return ""

    return Approver(account_name(), "", confirm, show_statement)
