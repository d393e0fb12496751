"""A look at a person's file: how it is read, what is wrong with it, and how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.health import print_health
from configs import output

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.ingest import Ingested
    from taskspecs.schema import DataSpec


NOT_OVER = (
    "bars that end, or become public, later than now: of today, or of a wrong date. A backtest "
    "reads them; what follows a strategy on paper or live passes over them until they are over"
)


def describe(name: str, *, columns: tuple[str, ...], **zone: str | None) -> DataSpec:
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


def look(path: Path, spec: DataSpec) -> Ingested:
    """Read a file as a run would.

    Raises
    ------
    BadInput
        If it cannot be used, with the command that says how it is to be read.
    """
    from configs.errors import QraftError
    from tasks.ingest import inspect

    try:
        return inspect(path, spec, original_name=path.name)
    except QraftError as error:
        if error.next_command is None:
            error.next_command = f"qraft data check {path} --column OURS=YOURS"
        raise


def tell(ingested: Ingested) -> dict[str, Any]:
    """Return what was found, as plain values."""
    found = ingested.found
    return {
        "rows": found.rows,
        "symbols": found.symbols,
        "frequency": found.frequency,
        "zone": found.zone,
        "start": found.first,
        "end": found.last,
        "reading": dict(ingested.reading),
        "health": [*ingested.health.to_dicts(), *_future(ingested)],
    }


def _future(ingested: Ingested) -> list[dict[str, Any]]:
    """Tell of bars that are not over at this moment; what ingest says does not know the clock."""
    from gate.clock import now_utc

    later = ingested.bars.filter(ingested.bars["known_at"] > now_utc())
    if later.is_empty():
        return []
    newest = later.sort("ts").row(-1, named=True)
    return [
        {
            "rule": "not_over_yet",
            "action": "kept",
            "count": later.height,
            "symbols": later["symbol"].n_unique(),
            "example": f"{newest['symbol']} {newest['ts']:%Y-%m-%d %H:%M} UTC",
            "meaning": NOT_OVER,
        }
    ]


def write_section(spec: DataSpec, ingested: Ingested, path: str) -> str:
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


def show_file(value: dict[str, Any]) -> None:
    """Print what was found, for a person."""
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
