"""`qraft new`: a TaskSpec for a person's own bars, with comments, ready to be run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import click

from agent.cli.runs.run import relative
from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from agent.assistant.outline.outline import Outline
    from agent.cli.context import Context
    from configs.document import Document
    from configs.workspace import Workspace
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import DataSpec, TaskSpec

FOLDER = "studies"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""As `name` of a TaskSpec."""
SAMPLE = "sample"
FEW = 250
"""Bars of a symbol below which hardly anything can be told from luck."""


@click.command()
@click.argument("name")
@click.option(
    "--data", "file", default=SAMPLE, show_default=True, metavar="FILE",
    help="Your bars; one that is not in the workspace is copied into its folder `data`.",
)  # fmt: skip
@click.option(
    "--base", metavar="SPEC", help="Whose idea to begin with: a shipped TaskSpec, or your own."
)
@click.option("--symbols", metavar="A,B,...", help="Only these; default all of the file.")
@click.option(
    "--column", "columns", multiple=True, metavar="OURS=YOURS",
    help="A column that cannot be guessed, as close=Last. May be repeated.",
)  # fmt: skip
@click.option("--timezone", metavar="ZONE", help="Zone of times that carry none; UTC.")
@click.option("--session-close", metavar="HH:MM", help="Local time at which a day is complete.")
@click.pass_obj
def new(
    context: Context, *, name: str, file: str, base: str | None, symbols: str | None,
    columns: tuple[str, ...], timezone: str | None, session_close: str | None,
) -> None:  # fmt: skip
    """Write a TaskSpec called NAME for your own bars, with comments: studies/NAME.yaml.

    The file is read as a run would read it. How many symbols are held, how far the signal looks
    back, costs and benchmark follow from the bars; one symbol is traded by the sign of its signal.
    No file is ever replaced.

    Example: qraft new my_study --data prices.csv --base us_momentum
    """
    path = _place(context.workspace, name)
    zone = {"timezone": timezone, "session_close": session_close}
    wanted = _split(symbols)
    bars, section, frequency = _read(context, file, wanted, columns=columns, **zone)
    outline = _outline(name, bars, section, frequency, base)
    text = _written(outline, name, bars, command=_command(name, file, base, symbols))
    _write(path, text)
    _show(outline, path)


def _place(workspace: Workspace, name: str) -> Path:
    """Return where the study will be, which must be free.

    Raises
    ------
    BadInput
        If the name is none of a study, or there is one of that name.
    """
    from configs.errors import BadInput
    from taskspecs.catalogue import shipped

    if not NAME.fullmatch(name):
        plain = re.sub(r"[^a-z0-9]+", "_", name.removesuffix(".yaml").casefold()).strip("_")
        usable = plain if NAME.fullmatch(plain) else "my_study"
        raise BadInput(
            f"`{name}` cannot name a study",
            hint=f"lower-case letters, digits and underscores, a letter first, as {usable}",
        )
    if name in shipped():
        raise BadInput(f"a TaskSpec `{name}` ships with Qraft", hint="give yours another name")
    path = workspace.inside(f"{FOLDER}/{name}.yaml")
    if path.exists():
        raise _taken(path)
    return path


def _read(
    context: Context, file: str, symbols: tuple[str, ...] | None, **how: Any
) -> tuple[pl.DataFrame, dict[str, Any], Frequency]:
    """Read the bars as a run would; return also the section that does so, and their frequency."""
    if file == SAMPLE:
        from tasks.ingest import inspect
        from tasks.ingest.origin.sources import locate
        from taskspecs.schema import DataSpec

        sample = DataSpec()
        ingested = inspect(locate(sample, context.workspace.root), sample)
        section: dict[str, Any] = {"source": SAMPLE}
    else:
        ingested, section = _take_in(context.workspace, file, **how)
    bars = ingested.bars
    if symbols:
        bars = _only(bars, symbols)
        section["symbols"] = list(symbols)
    return bars, section, ingested.found.frequency


def _take_in(workspace: Workspace, file: str, **how: Any) -> tuple[Any, dict[str, Any]]:
    """Check a file and bring it into the workspace, as `qraft data load` does."""
    import yaml

    from agent.cli.data import inspection
    from agent.cli.data.files import bring_in, digest_of, existing_file

    source = existing_file(file)
    spec: DataSpec = inspection.describe(source.name, **how)
    before = digest_of(source)
    ingested = inspection.look(source, spec)
    path, copied = bring_in(source, workspace, name=None, expected=before, may_replace=False)
    if copied:
        output.talk(f"copied to {path}")
    within = path.relative_to(workspace.root).as_posix()
    section: dict[str, Any] = yaml.safe_load(inspection.write_section(spec, ingested, within))
    return ingested, section["data"]


def _only(bars: pl.DataFrame, symbols: tuple[str, ...]) -> pl.DataFrame:
    from configs.errors import BadInput, did_you_mean

    known = bars["symbol"].unique().sort().to_list()
    for symbol in symbols:
        if symbol not in known:
            raise BadInput(f"there is no symbol `{symbol}`", hint=did_you_mean(symbol, known))
    return bars.filter(bars["symbol"].is_in(list(symbols)))


def _outline(
    name: str, bars: pl.DataFrame, section: Mapping[str, Any], frequency: Frequency,
    base: str | None,
) -> Outline:  # fmt: skip
    from agent.assistant.outline.facts import learn
    from agent.assistant.outline.outline import outline

    facts = learn(bars, frequency)
    if facts.bars < FEW:
        output.talk(f"{facts.bars:,} bars of a symbol say little: more would be worth having")
    return outline(name, facts, section, _base(base) if base else None)


def _base(base: str) -> dict[str, Any]:
    """Read the study to begin with; what it says must hold before it is taken over."""
    from configs.document import read_document
    from taskspecs.catalogue import find
    from taskspecs.load import load

    path = find(base)
    load(path)
    document: Document = read_document(path)
    return dict(document.value)


def _written(outline: Outline, name: str, bars: pl.DataFrame, *, command: str) -> str:
    """Write the study, and hold it against everything that is known before it runs."""
    from agent.assistant.outline.facts import missing_fields
    from agent.assistant.outline.writing import write
    from tasks.backtest.refusals.refusals import refuse_impossible
    from tasks.features.missing import refuse_missing
    from taskspecs.load import parse

    text = write(outline, command=command)
    spec: TaskSpec = parse(text, file=f"{FOLDER}/{name}.yaml")
    refuse_missing(spec.features, set(bars.columns) - missing_fields(bars))
    known = bars["symbol"].unique().to_list()
    days = bars["ts"].dt.date()
    refuse_impossible(spec.backtest, known, days.min(), days.max())  # type: ignore[arg-type]
    return text


def _write(path: Path, text: str) -> None:
    from configs.errors import Failed

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from error


def _taken(path: Path) -> Exception:
    from configs.errors import BadInput

    return BadInput(
        f"{relative(path)} is there already, and is not replaced",
        hint="give the new study another name",
        remedy=Mend.RUN_SPEC(spec=relative(path)),
    )


def _show(outline: Outline, path: Path) -> None:
    rows = [
        {"key": each.key, "value": _value(each.value), "because": each.why}
        for each in outline.choices
    ]
    output.print_rows(rows, ["key", "value", "because"], empty="", title="Chosen by your bars")
    click.echo(f"written: {relative(path)}")
    output.talk(f"next: qraft run {shlex.quote(str(relative(path)))}")


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return value


def _split(symbols: str | None) -> tuple[str, ...] | None:
    if symbols is None:
        return None
    return tuple(dict.fromkeys(part.strip() for part in symbols.split(",") if part.strip()))


def _command(name: str, file: str, base: str | None, symbols: str | None) -> str:
    given = {"--data": file, "--base": base, "--symbols": symbols}
    options = [part for key, value in given.items() if value for part in (key, value)]
    return shlex.join(["qraft", "new", name, *options])
