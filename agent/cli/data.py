"""`qraft data`: a person's files of bars: look at them, take them in, list what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.health import print_health
from configs import output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.cli.context import Context
    from tasks.ingest import Ingested
    from taskspecs.schema import DataSpec

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
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def data() -> None:
    """Load, list and check data."""


@data.command()
@click.argument("file")
@click.option("--name", help="What to call it in the workspace; default: as it is called.")
@click.option("--replace", is_flag=True, help="Replace another file of that name.")
@_describing
@output.as_json
@click.pass_obj
def load(
    context: Context, /, *, file: str, name: str | None, replace: bool, as_json: bool, **how: Option
) -> None:
    """Check FILE, a CSV or Parquet of bars, and copy it into the workspace's folder `data`.

    Prints how its columns were read, what is wrong with it and what was done about that, and the
    lines of a TaskSpec that use it.

    Example: qraft data load ~/prices.csv --column close=Last
    """
    from agent.cli.files import bring_in, digest_of, existing_file

    source = existing_file(file)
    spec = _spec(source.name, **how)
    before = digest_of(source)
    ingested = _inspect(source, spec)
    path, copied = bring_in(
        source, context.workspace, name=name, expected=before, may_replace=replace
    )
    relative = path.relative_to(context.workspace.root).as_posix()
    value = _account(ingested) | {"path": relative, "use": _lines(spec, ingested, relative)}
    output.write(as_json, value, lambda: _show(value))
    output.talk(f"copied to {path}" if copied else f"{path} is this very file; nothing to copy")


@data.command()
@click.argument("file")
@_describing
@output.as_json
@click.pass_obj
def check(_context: Context, /, *, file: str, as_json: bool, **how: Option) -> None:
    """Check FILE and print its health; writes nothing. Exits with 2 if it cannot be used.

    Example: qraft data check ~/prices.csv
    """
    from agent.cli.files import existing_file

    source = existing_file(file)
    value = _account(_inspect(source, _spec(source.name, **how)))
    output.write(as_json, value, lambda: _show(value))


@data.command("list")
@output.as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List the sample, the files in the folder `data`, and the bars that runs made of them.

    Example: qraft data list
    """
    from agent.cli.files import data_files

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


def _spec(name: str, *, columns: tuple[str, ...], **zone: str | None) -> DataSpec:
    """Make the `data` section that a person's options describe."""
    from configs.document import Document
    from configs.errors import BadInput
    from configs.validation import validate
    from taskspecs.schema import DataSpec

    pairs = [text.partition("=") for text in columns]
    for (ours, sign, yours), text in zip(pairs, columns, strict=True):
        if not (ours and sign and yours):
            raise BadInput(f"--column {text} names no column", hint="write it as close=Last")
    given: dict[str, Any] = {key: value for key, value in zone.items() if value is not None}
    section = {"source": "file", "path": name, "columns": {a: b for a, _, b in pairs}, **given}
    return validate(DataSpec, Document("the command line", section))


def _inspect(path: Path, spec: DataSpec) -> Ingested:
    from configs.errors import QraftError
    from tasks.ingest import inspect

    try:
        return inspect(path, spec, original_name=path.name)
    except QraftError as error:
        if error.next_command is None:
            error.next_command = f"qraft data check {path} --column OURS=YOURS"
        raise


def _account(ingested: Ingested) -> dict[str, Any]:
    found = ingested.found
    return {
        "rows": found.rows,
        "symbols": found.symbols,
        "frequency": found.frequency,
        "zone": found.zone,
        "start": found.first,
        "end": found.last,
        "reading": dict(ingested.reading),
        "health": ingested.health.to_dicts(),
    }


def _lines(spec: DataSpec, ingested: Ingested, path: str) -> str:
    """Write the section of a TaskSpec that reads the file as it was read here."""
    import yaml

    section: dict[str, Any] = {"source": "file", "path": path}
    if ingested.found.frequency != "day":
        section["frequency"] = ingested.found.frequency
    section |= {
        key: value
        for key in ("timezone", "session_close", "columns")
        if (value := getattr(spec, key))
    }
    return yaml.safe_dump({"data": section}, sort_keys=False, allow_unicode=True)


def _show(value: dict[str, Any]) -> None:
    plural = "" if value["symbols"] == 1 else "s"
    click.echo(
        f"{value['rows']:,} bars of {value['symbols']:,} symbol{plural}, frequency "
        f"{value['frequency']}, {value['start']:%Y-%m-%d} to {value['end']:%Y-%m-%d} (UTC)"
    )
    reading = [{"field": ours, "read from": yours} for ours, yours in value["reading"].items()]
    output.print_rows(reading, ["field", "read from"], empty="", title="Columns")
    print_health(value["health"])
    if "use" in value:
        click.echo(f"\nIn a TaskSpec:\n\n{value['use']}", nl=False)


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
