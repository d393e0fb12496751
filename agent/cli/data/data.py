"""`qraft data`: a person's files of bars: look at them, take them in, list what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.data import inspection
from agent.cli.data.fetch import fetch
from configs import output

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.cli.context import Context

Option = Any


def _describing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how a file is to be read where that cannot be guessed."""
    for option in (
        click.option(
            "--session-close", metavar="HH:MM", help="Local time at which a day's bar is complete."
        ),
        click.option("--timezone", metavar="ZONE", help="Zone of times that carry none; UTC."),
        click.option(
            "--column", "columns", multiple=True, metavar="OURS=YOURS",
            help="A column that cannot be guessed, as close=Last. May be repeated.",
        ),
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE",
            help="How to read it, as decimal=, or dayfirst=true. May be repeated.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def data() -> None:
    """Load, fetch, list and check data."""


data.add_command(fetch)


@data.command(short_help="Check a file and copy it into the workspace.")
@click.argument("file")
@click.option("--name", help="What to call it in the workspace; default: as it is called.")
@click.option("--replace", is_flag=True, help="Replace another file of that name.")
@_describing
@output.as_json
@click.pass_obj
def load(
    context: Context, /, *, file: str, name: str | None, replace: bool, as_json: bool, **how: Option
) -> None:
    """Check FILE, of any kind that holds bars, and copy it into the workspace's folder `data`.

    FILE may be a CSV or other text, Excel, JSON, Parquet or Arrow, packed or not; an archive or a
    folder of such files; or qlib's binary store. Prints how it was understood, what is wrong with
    it and what was done about that, and the lines of a TaskSpec that use it.

    Example: qraft data load ~/prices.csv --column close=Last
    """
    from agent.cli.data.files import bring_in, digest_of, existing_file, remember

    source = existing_file(file, folder_too=True)
    spec = inspection.describe(source.name, **how)
    before = digest_of(source)
    ingested = inspection.look(source, spec)
    path, copied = bring_in(
        source, context.workspace, name=name, expected=before, may_replace=replace
    )
    relative = path.relative_to(context.workspace.root).as_posix()
    value = inspection.tell(ingested) | {
        "path": relative,
        "use": inspection.write_section(spec, ingested, relative),
    }
    remember(context.workspace, path, value)
    output.write(as_json, value, lambda: inspection.show_file(value))
    output.talk(f"copied to {path}" if copied else f"{path} is this very file; nothing to copy")


@data.command()
@click.argument("file")
@_describing
@output.as_json
@click.pass_obj
def check(_context: Context, /, *, file: str, as_json: bool, **how: Option) -> None:
    """Check FILE: how it is understood, and its health.

    Nothing is written.

    Exits with 2 if it cannot be used. What was guessed is marked, with the line of a TaskSpec that
    says otherwise; --set tries one.

    Example: qraft data check ~/prices.csv --set decimal=,
    """
    from agent.cli.data.files import existing_file

    source = existing_file(file, folder_too=True)
    value = inspection.tell(inspection.look(source, inspection.describe(source.name, **how)))
    output.write(as_json, value, lambda: inspection.show_file(value))


@data.command("list", short_help="List what data there is.")
@output.as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the sample, the files in the folder `data`, and the bars that runs made of them.

    Example: qraft data list
    """
    from agent.cli.data.files import data_files

    rows = [
        {"kind": "sample", "name": "sample", "about": "5 shares, daily, 2000 to 2013"},
        *data_files(context.workspace),
        *_ingested(context),
    ]
    shown = [{**row, "period": _period(row)} for row in rows]
    output.write(
        as_json,
        rows,
        lambda: output.print_rows(
            shown, ["kind", "name", "rows", "symbols", "period", "about"], empty=""
        ),
    )


def _ingested(context: Context) -> list[dict[str, Any]]:
    """Return the bars that runs have made, by the manifests in the lake."""
    import json

    rows = []
    for manifest in context.lake.manifests("refined/ingest"):
        section = manifest.section
        summary = json.loads(context.lake.read(manifest, "summary.json"))
        rows.append(
            {
                "kind": "ingested",
                "name": manifest.dataset.key[:12],
                "rows": manifest.file("bars.parquet").rows,
                "symbols": len(summary["symbols"]),
                "start": summary["start"],
                "end": summary["end"],
                "about": f"of {section['data'].get('path') or section['data']['source']}",
                "key": manifest.dataset.key,
                "section": section,
            }
        )
    return rows


def _period(row: dict[str, Any]) -> str | None:
    return f"{row['start'][:10]} to {row['end'][:10]}" if row.get("start") else None
