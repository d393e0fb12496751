"""Times written as text."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%d.%m.%Y", "%d-%b-%Y"),
    *("%d %b %Y", "%b %d, %Y", "%b %d %Y", "%B %d, %Y", "%d-%b-%y", "%m/%d/%Y", "%d/%m/%Y"),
    *("%m-%d-%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y"),
)
_PARTS = (
    r"(?i)^(?P<date>.*?)(?:[T\s]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?P<f>[.,]\d+)?)?"
    r"\s*(?P<half>[AP]M)?\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_DAY_FIRST = ("%d/%m", "%d-%m")
_MONTH_FIRST = ("%m/%d", "%m-%d")


@dataclass(frozen=True, slots=True)
class Texts:
    """Times read from texts: Datetime("us"), null where a text is none."""

    wall: pl.Series
    utc: pl.Series
    has_offset: bool
    how: str
    order_is_guessed: bool
    is_ambiguous: bool


def read(texts: pl.Series) -> Texts:
    """Read texts as times, all in the one form that fits most of them.

    Either every time carries an offset from UTC or none does; the others are null.

    Parameters
    ----------
    texts
        String, stripped, null where empty.

    Examples
    --------
    >>> read(pl.Series(["31/01/2020", "01/02/2020"])).wall.dt.date().to_list()
    [datetime.date(2020, 1, 31), datetime.date(2020, 2, 1)]
    """
    # A date stands in thousands of rows; each is read once.
    unique = texts.drop_nulls().unique(maintain_order=True).alias("text")
    parts = unique.to_frame().with_columns(pl.col("text").str.extract_groups(_PARTS)).unnest("text")
    form, rivals = _best_format(parts["date"])
    has_offset = bool(parts["offset"].is_not_null().any())
    read_once = pl.DataFrame({"text": unique}).hstack(
        parts.select(_wall(form), _offset(required=has_offset))
    )
    back = (
        texts.alias("text")
        .to_frame()
        .join(
            read_once.select("text", "wall", utc=pl.col("wall") - pl.col("offset")),
            on="text",
            how="left",
            maintain_order="left",
        )
    )
    wall = back.select(pl.when(pl.col("utc").is_not_null()).then("wall").alias("wall"))["wall"]
    guessed = form.startswith(_DAY_FIRST + _MONTH_FIRST)
    how = "times with their offset from UTC" if has_offset else f"dates as {form}"
    return Texts(wall, back["utc"], has_offset, how, guessed and not rivals, bool(rivals))


def _best_format(dates: pl.Series) -> tuple[str, list[str]]:
    """Return the format that reads most, and others that read as much but otherwise."""
    days = dates.unique(maintain_order=True)
    read = {form: days.str.to_date(form, strict=False) for form in DATE_FORMATS}
    sensible = {f: d.filter(d.dt.year().is_between(1800, 2200)).len() for f, d in read.items()}
    best = max(DATE_FORMATS, key=sensible.__getitem__)
    rivals = [
        form
        for form in DATE_FORMATS
        if form != best
        and sensible[form] == sensible[best] > 0
        and not read[form].eq_missing(read[best]).all()
    ]
    return best, rivals


def _wall(form: str) -> pl.Expr:
    hour = pl.col("h").cast(pl.Int64)
    half = pl.col("half").str.to_uppercase()
    clock = (
        pl.when(half == "PM")
        .then(hour % 12 + 12)
        .when(half == "AM")
        .then(hour % 12)
        .otherwise(hour)
    )
    minute, second = pl.col("m").cast(pl.Int64), pl.col("s").cast(pl.Int64).fill_null(0)
    fraction = pl.concat_str(pl.lit("0."), pl.col("f").str.slice(1)).cast(pl.Float64).fill_null(0.0)
    since_midnight = pl.duration(
        hours=clock,
        minutes=minute,
        seconds=second,
        microseconds=(fraction * 1e6).round().cast(pl.Int64),
    )
    sane = pl.col("h").is_null() | ((clock < 24) & (minute < 60) & (second < 60))
    day = pl.col("date").str.to_date(form, strict=False).cast(pl.Datetime("us"))
    moment = day + pl.when(pl.col("h").is_null()).then(pl.duration(hours=0)).otherwise(
        since_midnight
    )
    return pl.when(sane).then(moment).alias("wall")


def _offset(*, required: bool) -> pl.Expr:
    if not required:
        return pl.duration(hours=0).alias("offset")
    written = pl.col("offset").str.replace(":", "").str.to_uppercase()
    sign = pl.when(written.str.starts_with("-")).then(-1).otherwise(1)
    hours = written.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = written.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    east = pl.duration(minutes=sign * (hours * 60 + minutes))
    zero = written.is_in(["Z", "UTC", "GMT"])
    return pl.when(zero).then(pl.duration(hours=0)).otherwise(east).alias("offset")
