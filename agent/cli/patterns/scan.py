"""`qraft patterns scan`: detection for any file, without a study."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    import polars as pl

MISSING = ["", "NA", "NaN", "nan", "null", "None"]


@click.command()
@click.argument("file")
@click.option("--value", required=True, metavar="COLUMN", help="The series: a column of numbers.")
@click.option("--time", metavar="COLUMN", help="Its times; hours and weekdays are learnt from it.")
@click.option("--detector", default="ensemble", show_default=True, help="The detector's name.")
@click.option("--scores", metavar="OUT.csv", help="Where to write the scores; default stdout.")
@output.as_json
def scan(
    file: str, *, value: str, time: str | None, detector: str, scores: str | None, as_json: bool
) -> None:
    """Score each row of FILE as if it came in just now.

    FILE is a CSV or Parquet. OUT.csv has a row for each row of FILE, in its order: the time, the
    value, a score in [0, 1] and a flag, 1 where it raises an alarm. No row's score depends on later
    rows. With --json a summary is printed, which needs --scores.

    Example: qraft patterns scan cpu.csv --value load --time timestamp --scores out.csv
    """
    from agent.cli.data.files import existing_file
    from configs.errors import BadInput
    from tasks.detection.series import scan as scanning
    from tasks.detection.series.clock import to_seconds

    if as_json and not scores:
        raise BadInput("--json prints a summary, so --scores must say where the scores go")
    source = existing_file(file)
    target = _target(scores, source) if scores else None
    frame = _read(source)
    values = _numbers(_column(frame, value))
    times = _column(frame, time) if time else None
    result = scanning.scan(values, to_seconds(times) if times is not None else None,
                           detector=detector)  # fmt: skip
    kept = [times] if times is not None else []
    _write([*kept, values, *result.with_columns(result["flag"].cast(int))], target)
    summary = {
        "file": str(source), "detector": detector, "rows": len(result),
        "missing": int((~values.is_finite()).fill_null(value=True).sum()),
        "flags": int(result["flag"].sum()), "scores": scores,
    }  # fmt: skip
    if as_json:
        output.print_json(summary)
    else:
        output.talk(f"{summary['flags']} of {summary['rows']} rows raised an alarm")


def _target(scores: str, source: Path) -> Path:
    from configs.errors import BadInput

    target = Path(scores).expanduser()
    if not target.parent.is_dir():
        raise BadInput(f"there is no folder {target.parent} to write {target.name} to")
    if target.is_dir() or (target.exists() and target.samefile(source)):
        raise BadInput(f"{target} cannot be written: it is the file that is read, or a folder")
    return target


def _read(source: Path) -> pl.DataFrame:
    import polars as pl

    from configs.errors import BadInput

    try:
        if source.suffix.lower() in {".parquet", ".pq"}:
            return pl.read_parquet(source)
        return pl.read_csv(source, infer_schema_length=None, null_values=MISSING)
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).splitlines()[0]
        raise BadInput(f"{source} cannot be read as CSV or Parquet: {first}") from error


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    from configs.errors import BadInput, did_you_mean

    if name not in frame.columns:
        raise BadInput(
            f"the file has no column {name!r}",
            hint=did_you_mean(name, frame.columns),
        )
    return frame[name]


def _numbers(column: pl.Series) -> pl.Series:
    """Return a column as numbers; text that is none is a mistake, not a missing value."""
    import polars as pl

    from configs.errors import BadInput

    if column.dtype == pl.Null:
        return column.cast(pl.Float64)
    if column.dtype != pl.String:
        return column.cast(pl.Float64) if column.dtype.is_numeric() else column
    numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    wrong = numbers.is_null() & column.is_not_null()
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise BadInput(
            f"the column {column.name!r} does not hold numbers: {column[row]!r} in row {row + 1}"
        )
    return numbers


def _write(columns: list[pl.Series], target: Path | None) -> None:
    import polars as pl

    from configs.errors import Failed

    taken = {"score", "flag"}
    named = [
        column.alias(f"input_{column.name}") if column.name in taken else column
        for column in columns[:-2]
    ]
    unique = list({column.name: column for column in named}.values())
    frame = pl.DataFrame([*unique, *columns[-2:]])
    try:
        if target is None:
            sys.stdout.write(frame.write_csv())
        else:
            frame.write_csv(target)
    except OSError as error:
        raise Failed(f"{target} cannot be written: {error.strerror}") from error
