"""`qraft token`: tokens for those who ask the API from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context

SCOPES = ("read", "run", "feedback")


@click.group()
def token() -> None:
    """Tokens for those who ask the API from elsewhere; only their scrypt digests are kept."""


@token.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=("read",),
    show_default=True,
)  # fmt: skip
@click.pass_obj
def new(context: Context, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token; it is shown now, and never again.

    Example: qraft token new dashboard --scope read --scope feedback
    """
    from agent.http.tokens import Tokens

    click.echo(Tokens.of(context.workspace).new(name, scopes))
    output.talk("keep it now: only its digest is kept here")


@token.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the tokens by name; what they are is kept nowhere.

    Example: qraft token list
    """
    from agent.http.tokens import Tokens

    rows = [
        {
            "name": each.name, "scopes": list(each.scopes),
            "made": datetime.fromtimestamp(each.made, UTC).isoformat(timespec="seconds"),
        }
        for each in Tokens.of(context.workspace).all()
    ]  # fmt: skip
    if as_json:
        output.print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['name']}  {' '.join(row['scopes'])}  {row['made']}")
    if not rows:
        output.talk("there are none: qraft token new NAME")


@token.command()
@click.argument("name")
@click.pass_obj
def drop(context: Context, name: str) -> None:
    """Take a token back; who uses it is refused from now on.

    Example: qraft token drop dashboard
    """
    from agent.http.tokens import Tokens

    Tokens.of(context.workspace).drop(name)
    output.talk(f"dropped {name}")
