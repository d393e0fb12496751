"""A look at a person's file: how it is read, what is wrong with it, and how to use it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import click

from agent.cli.runs.health import print_health
from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from pathlib import Path

    from configs.remedies import Remedy
    from tasks.ingest import Ingested
    from taskspecs.schema import DataSpec

FIRST_ROWS = 3
_TEXTS = ("symbol", "layout", "sheet", "encoding", "delimiter", "decimal", "future")
_COLUMNS = re.compile(r"`columns: \{(\w+):")
_SETTING = re.compile(r"`(\w+): ([^`]+)`")


def describe(
    name: str, *, columns: tuple[str, ...], settings: tuple[str, ...] = (), **zone: str | None
) -> DataSpec:
    """Make the `data` section that a person's options describe."""
    import yaml

    from configs.document import Document
    from configs.errors import BadInput, did_you_mean
    from configs.validation import validate
    from taskspecs.schema import HOW_TO_READ, DataSpec

    pairs = [text.partition("=") for text in columns]
    for (ours, sign, yours), text in zip(pairs, columns, strict=True):
        if not (ours and sign and yours):
            raise BadInput(f"--column {text} names no column", hint="write it as close=Last")
    given: dict[str, Any] = {key: value for key, value in zone.items() if value is not None}
    for text in settings:
        key, _, value = text.partition("=")
        if key not in HOW_TO_READ:
            hint = did_you_mean(key, HOW_TO_READ)
            raise BadInput(f"--set {text} is no setting of how a file is read", hint=hint)
        try:
            given[key] = value if key in _TEXTS else yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise BadInput(f"--set {text} has no value", hint="as dayfirst=true") from error
    section = {"source": "file", "path": name, "columns": {a: b for a, _, b in pairs}, **given}
    return validate(DataSpec, Document("the command line", section))


def look(path: Path, spec: DataSpec) -> Ingested:
    """Read a file as a run would.

    Raises
    ------
    BadInput
        If it cannot be used, with the command that fits what is wrong with it.
    """
    from configs.errors import QraftError
    from tasks.ingest import inspect

    try:
        return inspect(path, spec, original_name=path.name)
    except QraftError as error:
        if error.remedy is None:
            error.remedy = _remedy(path, error.hint or "")
        raise


def _remedy(path: Path, hint: str) -> Remedy | None:
    """Return what does what a hint says under `data`; None where it says nothing."""
    if match := _COLUMNS.search(hint):
        return Mend.CHECK_DATA(file=path, options=f"--column {match[1]}=YOURS")
    if match := _SETTING.search(hint):
        key, value = match[1], match[2].strip("'\"")
        if key in {"timezone", "session_close"}:
            option = f"--{key.replace('_', '-')} {value}"
        else:
            option = f"--set {key}={shlex.quote(value)}"
        return Mend.CHECK_DATA(file=path, options=option)
    return None


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
        "understood": [
            {
                "layer": each.layer,
                "value": each.value,
                "certainty": each.certainty,
                "line": each.line,
            }
            for each in ingested.understood
        ],
        "reading": dict(ingested.reading),
        "first_rows": ingested.bars.head(FIRST_ROWS).to_dicts(),
        "health": ingested.health.to_dicts(),
    }


def write_section(spec: DataSpec, ingested: Ingested, path: str) -> str:
    """Write the section of a TaskSpec that reads the file as it was read here."""
    import yaml

    from taskspecs.schema import HOW_TO_READ, DataSpec

    section: dict[str, Any] = {"source": "file", "path": path}
    if ingested.found.frequency != "day":
        section["frequency"] = ingested.found.frequency
    section |= {
        key: value
        for key in ("timezone", "session_close", *HOW_TO_READ, "columns")
        if (value := getattr(spec, key)) not in (None, {}, DataSpec.model_fields[key].default)
    }
    return yaml.safe_dump({"data": section}, sort_keys=False, allow_unicode=True)


def show_file(value: dict[str, Any]) -> None:
    """Print what was found, for a person."""
    plural = "" if value["symbols"] == 1 else "s"
    click.echo(
        f"{value['rows']:,} bars of {value['symbols']:,} symbol{plural}, frequency "
        f"{value['frequency']}, {value['start']:%Y-%m-%d} to {value['end']:%Y-%m-%d} (UTC)"
    )
    _show_understood(value["understood"])
    reading = [{"field": ours, "read from": yours} for ours, yours in value["reading"].items()]
    output.print_rows(reading, ["field", "read from"], empty="", title="Columns")
    _show_first_rows(value["first_rows"], value["frequency"])
    print_health(value["health"])
    if "use" in value:
        click.echo(f"\nIn a TaskSpec:\n\n{value['use']}", nl=False)


def _show_understood(understood: list[dict[str, str]]) -> None:
    """Print what was concluded, and below it the line that says otherwise, where it was guessed."""
    rows = [{"what": u["layer"], "read as": u["value"], "": u["certainty"]} for u in understood]
    output.print_rows(rows, ["what", "read as", ""], empty="", title="Understood")
    guesses = [each for each in understood if each["certainty"] == "guessed" and each["line"]]
    if guesses:
        click.echo("\nGuessed; if it is wrong, a line as this one under `data` says otherwise:\n")
        for each in guesses:
            click.echo(f"    {each['line']}    # {each['layer']}")


def _show_first_rows(rows: list[dict[str, Any]], frequency: str) -> None:
    from tasks.ingest.times.frequency import is_intraday

    form = "%Y-%m-%d %H:%M" if is_intraday(frequency) else "%Y-%m-%d"  # type: ignore[arg-type]
    shown = [
        {"symbol": row["symbol"], "end (UTC)": row["ts"].strftime(form)}
        | {name: _short(row[name]) for name in ("open", "high", "low", "close", "volume")}
        for row in rows
    ]
    columns = ["symbol", "end (UTC)", "open", "high", "low", "close", "volume"]
    output.print_rows(shown, columns, empty="", title="First bars")


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.6g}"
