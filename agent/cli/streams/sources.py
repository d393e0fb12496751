"""`qraft sources`: live sources, those that ship and your own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.group()
def sources() -> None:
    """List live sources, show one, write one of your own."""


@sources.command("list", short_help="List sources, exchanges and libraries.")
@output.as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the sources that ship, your own in the folder `sources`, and who brings history.

    Example: qraft sources list
    """
    from tasks.sources.commands import list_sources

    rows = list_sources(context.workspace)
    output.write(
        as_json,
        rows,
        lambda: output.print_rows(
            rows, ["name", "by", "format", "history", "about"], empty="", cut=("about",)
        ),
    )


@sources.command(short_help="Show a source: what it reaches, reads and makes.")
@click.argument("source")
@output.as_json
@click.pass_obj
def show(context: Context, source: str, as_json: bool) -> None:
    """Show SOURCE, by its name or its path, and whether it may be run here.

    Example: qraft sources show binance_trades
    """
    from tasks.sources.commands import show_source

    told = show_source(context.workspace, source)
    output.write(as_json, told, lambda: _show(told))


def _show(told: dict[str, Any]) -> None:
    facts = {key: value for key, value in told.items() if key not in {"document", "spec"}}
    output.print_facts({key: _written(value) for key, value in facts.items()})
    click.echo()
    click.echo(told["document"].rstrip())


def _written(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


@sources.command(short_help="Write a source of your own, with comments.")
@click.argument("name")
@click.option("--base", default="binance_trades", show_default=True, help="Whose to begin with.")
@click.option("--symbols", metavar="A,B,...", help="By our names; default those of the base.")
@click.option("--url", help="Another address to reach.")
@click.pass_obj
def new(context: Context, *, name: str, base: str, symbols: str | None, url: str | None) -> None:
    """Write a source called NAME: sources/NAME.yaml, after one that ships or another of yours.

    No file is ever replaced. What a source of the workspace reaches is agreed to once, by
    `qraft trust`.

    Example: qraft sources new coins --base binance_trades --symbols BTC-USDT,SOL-USDT
    """
    from tasks.sources.commands import write_source

    path, asks = write_source(context.workspace, name, base=base, symbols=symbols, url=url)
    click.echo(f"written: {path}")
    if asks:
        output.talk(f"before it runs: qraft trust   ({', '.join(asks)})")
    output.talk(f"next: qraft sources show {name}")


@sources.command(short_help="Print the JSON Schema of sources, for editors.")
def schema() -> None:
    """Print the JSON Schema of SourceSpecs.

    Example: qraft sources schema > source.schema.json
    """
    from taskspecs.sources.load import schema as of_sources

    output.print_json(of_sources())
