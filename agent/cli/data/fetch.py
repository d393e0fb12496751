"""`qraft data fetch`: bars of a period from an exchange's history, or by a library."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from configs import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.cli.context import Context


@click.command(short_help="Fetch bars of a period from an exchange, yfinance or akshare.")
@click.argument("source")
@click.option("--symbols", metavar="A,B,...", help="By our names; default those of the source.")
@click.option("--from", "first", required=True, metavar="DAY", help="First day, as 2026-01-01.")
@click.option("--to", "last", metavar="DAY", help="Last day, included; default now.")
@click.option(
    "--frequency", "length", default="day", show_default=True, help="How long a bar is, as 1min."
)
@click.option("--name", help="What to call the file; default SOURCE_FREQUENCY.")
@click.option("--replace", is_flag=True, help="Fetch anew, and replace a file of that name.")
@output.as_json
@click.pass_obj
def fetch(context: Context, /, *, as_json: bool, **asked: Any) -> None:
    """Bring bars of a period into the workspace's folder `data`, as one Parquet file.

    SOURCE is a live source (`qraft sources list`), an exchange as `binance`, or a library:
    `yfinance`, `akshare` (extras of Qraft). The exchange's limits are kept; what was stopped goes
    on where it was by the same command. Beside the file `.NAME.source.json` says where it is from
    and on which terms.

    Example: qraft data fetch binance --symbols BTC-USDT --from 2026-01-01 --frequency 1h
    """
    from tasks.sources.commands import fetch_bars

    with _progress() as tell:
        told = fetch_bars(context.workspace, say=output.talk, tell=tell, **asked)
    output.write(as_json, told, lambda: _show(told, context.workspace.root / told["path"]))


def _show(told: dict[str, Any], file: Path) -> None:
    from agent.cli.runs.run import relative

    rows = [{"symbol": symbol, "bars": count} for symbol, count in told["rows"].items()]
    output.print_rows(rows, ["symbol", "bars"], empty="", title=f"From {told['from']}")
    click.echo(f"file: {relative(file)}")
    click.echo(f"in a TaskSpec: {told['use']}")
    for key in ("licence", "caveats"):
        if told.get(key):
            output.talk(f"{key}: {told[key]}")
    if told["empty"]:
        output.talk(f"no bars of {', '.join(told['empty'])}", "warning")
    output.talk(f"next: qraft data check {shlex.quote(str(relative(file)))}")


@contextmanager
def _progress() -> Iterator[Callable[[str, float, int], None]]:
    """Show how far it is: a bar on a terminal, a line now and then elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=1.0)

            def move(symbol: str, part: float, rows: int) -> None:
                bar.update(task, completed=part, description=f"{symbol} {rows:,} bars")

            yield move
        return
    said = [-1]

    def line(symbol: str, part: float, rows: int) -> None:
        if int(part * 10) > said[0]:
            said[0] = int(part * 10)
            output.talk(f"{part:4.0%}  {symbol}  {rows:,} bars")

    yield line
