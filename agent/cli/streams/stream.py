"""`qraft stream`: live sources, recorded, flowing, replayed, checked."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.serving.standing import metrics_option, stopping
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context

source_argument = click.argument("source", metavar="SOURCE")


@click.group()
def stream() -> None:
    """Record live sources, run what is made of them, replay it, check it.

    SOURCE is a name that `qraft sources list` shows, or the path of a SourceSpec.
    """


@stream.command()
@source_argument
@metrics_option
@click.pass_obj
def run(context: Context, source: str, metrics_port: int | None) -> None:
    """Record a source, run its flow, load what comes of it, until stopped.

    What comes is in the journal first, so a kill loses nothing: the same command goes on where it
    was. A change of the document takes effect at a window's end; one that is not valid is
    answered, and changes nothing.

    Example: qraft stream run binance_trades
    """
    _run(context, source, metrics_port, made=True)


@stream.command()
@source_argument
@metrics_option
@click.pass_obj
def record(context: Context, source: str, metrics_port: int | None) -> None:
    """Keep what a source sends, and make nothing of it yet.

    Example: qraft stream record binance_trades
    """
    _run(context, source, metrics_port, made=False)


def _run(context: Context, source: str, metrics_port: int | None, *, made: bool) -> None:
    from prometheus_client import CollectorRegistry

    from agent.live.measuring import StreamMetrics
    from agent.live.source import Wanted
    from agent.live.source import run as run_source
    from agent.road.runner.metrics import served

    registry = CollectorRegistry()
    registry.register(StreamMetrics(context.workspace))
    with ExitStack() as open_until_end:
        enter = open_until_end.enter_context
        enter(output.logging())
        stop = enter(stopping())
        enter(served(registry, metrics_port))
        wanted = Wanted(flow=made, projector=made)
        run_source(context.workspace, context.settings, source, stop, wanted=wanted)


@stream.command()
@source_argument
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Write what is made there, a Parquet file for each table.")  # fmt: skip
@output.as_json
@click.pass_obj
def replay(context: Context, source: str, folder: Path | None, as_json: bool) -> None:
    """Make again what a source's journal makes, from its first record on.

    SOURCE may also be the folder of a recording. The digests say what was made: equal journals and
    equal code give equal ones.

    Example: qraft stream replay binance_trades --to replayed
    """
    from agent.live.recordings import replay_to

    found = replay_to(context.workspace, context.lake, source, folder)
    output.write(as_json, found, lambda: _show_replay(found))


def _show_replay(found: dict[str, Any]) -> None:
    rows = [
        {"table": name, "rows": count, "sha256": found["digests"][name][:16]}
        for name, count in found["rows"].items()
    ]
    output.print_rows(rows, ["table", "rows", "sha256"], empty="nothing came of it")
    output.talk(
        f"{found['records']:,} records, {found['per_cpu_s']:,.0f} for a second of processor"
    )


@stream.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@output.as_json
@click.pass_obj
def status(context: Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Show how sources are: what came, what was made, what is behind, what is wrong.

    Example: qraft stream status
    """
    from agent.live.status import statuses

    found = statuses(context.workspace, sources)
    output.write(as_json, found, lambda: _show_status(found))


def _show_status(found: list[dict[str, Any]]) -> None:
    rows = [
        each
        | {"messages": each["counts"].get("raw", 0), "patterns": each["counts"].get("patterns", 0)}
        for each in found
    ]
    columns = ["source", "record", "flow", "silent_s", "behind_s", "messages", "patterns", "bytes"]
    output.print_rows(rows, columns, empty="no source was recorded here")
    for each in found:
        if each["trouble"]:
            click.echo(f"{each['source']}: {each['trouble']}")
        if each["keep_every"] > 1:
            click.echo(f"{each['source']}: one value of {each['keep_every']} is looked at")


@stream.command()
@source_argument
@click.option("--replay/--no-replay", "replayed", default=True,
              help="Also replay all, and compare; the default.")  # fmt: skip
@click.option("--mend", "mends", is_flag=True,
              help="First give up what cannot be read; it is kept aside.")  # fmt: skip
@output.as_json
@click.pass_obj
def check(context: Context, source: str, *, replayed: bool, mends: bool, as_json: bool) -> None:
    """Read all that is kept of a source, and compare the replay with what was made live.

    Without --mend, changes nothing. Exits with 1 if something differs.

    Example: qraft stream check binance_trades
    """
    from agent.live.checking import check as check_source
    from agent.live.checking import mend_all
    from agent.live.flow.making import shipped
    from agent.live.home import SourceHome
    from agent.live.recordings import need_journal
    from configs.errors import Failed

    home = need_journal(SourceHome(context.workspace, source))
    for lost in mend_all(home) if mends else []:
        output.talk(f"segment {lost.segment}: {lost.size} bytes from byte {lost.offset} are lost")
    findings = list(check_source(home, context.lake, shipped() if replayed else None))

    def show() -> None:
        rows = [{**each, "": "ok" if each["well"] else "wrong"} for each in findings]
        output.print_rows(rows, ["", "what", "found"], empty="nothing is kept")

    output.write(as_json, findings, show)
    if wrong := [each["what"] for each in findings if not each["well"]]:
        raise Failed(f"not whole: {', '.join(wrong)}")


@stream.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@output.as_json
@click.pass_obj
def rebuild(context: Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Load the warehouse's tables of live sources anew, from their journals.

    Example: qraft stream rebuild
    """
    from agent.live.home import sources_here
    from agent.live.projection.projector import rebuild as rebuild_tables

    names = list(sources) or sources_here(context.workspace)
    with nullcontext() if as_json else output.logging():
        found = rebuild_tables(context.workspace, context.settings, names)
    rows = [{"source": name, "rows": count} for name, count in found.items()]
    output.write(
        as_json, rows, lambda: output.print_rows(rows, ["source", "rows"], empty="no source")
    )
