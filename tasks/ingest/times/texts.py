"""Times written as text."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tasks.ingest.times import dates

_WEEKDAY = r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*\.?,?\s+"
_HALF = r"(?P<half>[AaPp]\.?[Mm]\.?)"
_EARLY, _LATE = "上午|午前|오전", "下午|午後|오후"
_PARTS = (
    r"^(?P<date>.*?)(?:(?:[T\s,_]+)"
    rf"(?P<east>{_EARLY}|{_LATE})?\s*"
    r"(?P<h>\d{1,2})[:hH](?P<m>\d{2})(?::(?P<s>\d{2})(?P<f>[.,]\d+)?)?"
    rf"[\s-]*{_HALF}?\s*"
    r"(?P<offset>Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|(?:UTC|GMT)?[+-]\d{1,2}|UTC|GMT)?\s*"
    r"(?P<zone>[A-Z][A-Za-z]+/[A-Za-z_/]+)?)?$"
)
_HOUR_ONLY = r"([T\s_])(\d{1,2})[\s-]*([AaPp]\.?[Mm]\.?)$"
_NAME_OF_ZONE = r"([+-]\d{4})\s*\([^)]*\)$"
_COMPACT = r"^(\d{8})[T\s_]+(\d{2})(\d{2})(\d{2})?$"
_MEANING = {
    "ymd": "year-month-day", "roc": "years of the Republic of China", "serial": "Excel's days",
    "y mon d": "names of months", "d mon y": "names of months", "mon d y": "names of months",
    "??y": "two numbers and a year", "???": "three pairs of digits",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """Times read from texts: Datetime("us"), null where a text is none.

    Parameters
    ----------
    wall, utc
        As written, and in UTC where an offset is written.
    has_offset
        Whether offsets from UTC are written.
    how
        In which forms.
    order_is_guessed
        Whether numbers told day, month and year apart.
    unclear
        Why they could not be told apart, if they could not.
    zone
        The zone that the texts name, if they do.
    """

    wall: pl.Series
    utc: pl.Series
    has_offset: bool
    how: str
    order_is_guessed: bool
    unclear: str = ""
    zone: str | None = None

    @property
    def is_ambiguous(self) -> bool:
        """Whether day and month cannot be told apart."""
        return bool(self.unclear)


def read(texts: pl.Series, *, dayfirst: bool | None = None) -> Texts:
    """Read texts as times, each in the form it is written in.

    Either every time carries an offset from UTC or none does; the others are null.

    Parameters
    ----------
    texts
        String, stripped, null where empty.
    dayfirst
        Whether the day stands before the month, where a spec says it.

    Examples
    --------
    >>> read(pl.Series(["31/01/2020", "01/02/2020"])).wall.dt.date().to_list()
    [datetime.date(2020, 1, 31), datetime.date(2020, 2, 1)]
    """
    # A date stands in thousands of rows; each is read once.
    unique = texts.drop_nulls().unique(maintain_order=True).alias("text")
    plain = pl.col("text").str.replace(_WEEKDAY, "").str.replace(_COMPACT, "${1} ${2}:${3}:${4}")
    plain = plain.str.replace(r"(\d\d:\d\d):$", "${1}").str.replace(_NAME_OF_ZONE, "${1}")
    plain = plain.str.replace(_HOUR_ONLY, "${1}${2}:00 ${3}")
    parts = unique.to_frame().with_columns(plain.str.extract_groups(_PARTS)).unnest("text")
    days = dates.read(parts["date"].drop_nulls().unique(maintain_order=True), dayfirst=dayfirst)
    has_offset = bool(parts["offset"].is_not_null().any())
    zones = parts["zone"].drop_nulls().unique().to_list()
    read_once = pl.DataFrame({"text": unique}).hstack(
        parts.select(_wall(days), _offset(required=has_offset))
    )
    if len(zones) > 1 or (zones and parts["zone"].null_count()):
        read_once = read_once.with_columns(wall=pl.lit(None, dtype=pl.Datetime("us")))
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
    how = " and ".join(dict.fromkeys(_MEANING[form] for form in days.forms)) or "no form"
    how = f"{how}, {days.order}" if days.order else how
    if has_offset:
        how = f"{how}, with offset from UTC"
    zone = zones[0] if len(zones) == 1 and not has_offset else None
    return Texts(wall, back["utc"], has_offset, how, bool(days.order), days.unclear, zone)


def _wall(days: dates.Dates) -> pl.Expr:
    hour = pl.col("h").cast(pl.Int64)
    half = pl.col("half").str.to_uppercase().str.replace_all(".", "", literal=True)
    late = (half == "PM") | pl.col("east").str.contains(_LATE).fill_null(value=False)
    early = (half == "AM") | pl.col("east").str.contains(_EARLY).fill_null(value=False)
    clock = (
        pl.when(late.fill_null(value=False))
        .then(hour % 12 + 12)
        .when(early.fill_null(value=False))
        .then(hour % 12)
        .otherwise(hour)
    )
    minute = pl.col("m").cast(pl.Int64)
    second = pl.col("s").cast(pl.Int64).fill_null(0)
    fraction = pl.concat_str(pl.lit("0."), pl.col("f").str.slice(1)).cast(pl.Float64).fill_null(0.0)
    since_midnight = pl.duration(
        hours=clock,
        minutes=minute,
        seconds=second,
        microseconds=(fraction * 1e6).round().cast(pl.Int64),
    )
    sane = pl.col("h").is_null() | ((clock < 24) & (minute < 60) & (second < 60))
    # 24:00 is the end of its day.
    end_of_day = ((clock == 24) & (minute == 0) & (second == 0)).fill_null(value=False)
    table = dict(days.days)
    day = pl.col("date").replace_strict(
        list(table), list(table.values()), default=None, return_dtype=pl.Date
    ).cast(pl.Datetime("us")) if table else pl.lit(None, dtype=pl.Datetime("us"))  # fmt: skip
    moment = day + pl.when(pl.col("h").is_null()).then(pl.duration(hours=0)).otherwise(
        since_midnight
    )
    return pl.when(sane | end_of_day).then(moment).alias("wall")


def _offset(*, required: bool) -> pl.Expr:
    if not required:
        return pl.duration(hours=0).alias("offset")
    written = pl.col("offset").str.replace(":", "").str.to_uppercase()
    written = written.str.replace("^(?:UTC|GMT)([+-])", "${1}")
    sign = pl.when(written.str.starts_with("-")).then(-1).otherwise(1)
    hours = written.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = written.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    east = pl.duration(minutes=sign * (hours * 60 + minutes))
    zero = written.is_in(["Z", "UTC", "GMT"])
    return pl.when(zero).then(pl.duration(hours=0)).otherwise(east).alias("offset")
