"""Days written as text: which number is the day, the month and the year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Triple = tuple[int, int, int]

_MONTH_STARTS = (
    "jan ene gen янв", "feb fev фев", "mar mrz mrt mae мар", "apr abr avr kwi апр",
    "may mai mag mei maj май мая", "jun jui giu czerw июн", "jul juil lug lip июл",
    "aug ago aou sie авг", "sep set wrz сен", "oct okt ott out paz окт", "nov lis ноя",
    "dec dez dic gru дек",
)  # fmt: skip
_MONTHS = {
    start: number for number, starts in enumerate(_MONTH_STARTS, 1) for start in starts.split()
}
_ORDINAL = r"(?:st|nd|rd|th|er|\.?º)?"
_WORD = r"([^\W\d_]{3,12})\.?"
_YEAR = r"'?(\d{4}|\d{2})"
_DE = r"(?:de\s+|of\s+|d')?"
_FORMS = (
    ("ymd", re.compile(r"^(\d{4})\s?[-/._年년]\s?(\d{1,2})\s?[-/._月월]\s?(\d{1,2})\s?[日일.]?$")),
    ("ymd", re.compile(r"^(\d{4})(\d{2})(\d{2})$")),
    ("roc", re.compile(r"^(\d{2,3})[/年](\d{1,2})[/月](\d{1,2})日?$")),
    ("y mon d", re.compile(rf"^(\d{{4}})[-/.\s]*{_WORD}[-/.\s]*(\d{{1,2}})$")),
    ("d mon y", re.compile(rf"^(\d{{1,2}}){_ORDINAL}[-/.\s]*{_DE}{_WORD}[-/.,\s]*{_DE}{_YEAR}$")),
    ("mon d y", re.compile(rf"^{_WORD}[-/.\s]*(\d{{1,2}}){_ORDINAL}[-/.,\s]+{_YEAR}$")),
    ("??y", re.compile(r"^(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4})\.?$")),
    ("???", re.compile(r"^(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{2})\.?$")),
    ("???", re.compile(r"^(\d{2})(\d{2})(\d{2})$")),
    ("??y", re.compile(r"^(\d{2})(\d{2})(\d{4})$")),
    ("serial", re.compile(r"^(\d{5})$")),
)  # fmt: skip
_ORDERS: Mapping[str, Mapping[str, tuple[int, int, int]]] = {
    # Places of year, month and day.
    "??y": {"day first": (2, 1, 0), "month first": (2, 0, 1)},
    "???": {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)},
}
_PLACES = {"ymd": (0, 1, 2), "y mon d": (0, 1, 2), "d mon y": (2, 1, 0), "mon d y": (2, 0, 1)}
_SERIAL_ORIGIN, _SERIALS = date(1899, 12, 30), (25_569, 73_050)
_PIVOT = 70
_ENOUGH, _STEADY, _UNSTEADY = 10, 0.95, 0.8


@dataclass(frozen=True, slots=True)
class Dates:
    """Days read from texts.

    Parameters
    ----------
    days
        Text to day; texts that are none are not in it.
    forms
        The forms that were seen.
    order
        Which of day, month and year stands first where the numbers had to tell; else empty.
    unclear
        What contradicts, or does not tell, the order, with examples; else empty.
    """

    days: Mapping[str, date]
    forms: tuple[str, ...]
    order: str = ""
    unclear: str = ""


def read(texts: Iterable[str], *, dayfirst: bool | None = None) -> Dates:
    """Read days, each in the form it is written in; the order of day and month is one for all.

    Parameters
    ----------
    texts
        Distinct texts, stripped.
    dayfirst
        The order, where a spec says it.

    Examples
    --------
    >>> found = read(["31/01/2020", "01/02/2020", "3-Feb-20"])
    >>> found.order, found.days["01/02/2020"], found.days["3-Feb-20"]
    ('day first', datetime.date(2020, 2, 1), datetime.date(2020, 2, 3))
    >>> bool(read(["01/02/2020", "03/02/2020"]).unclear)
    True
    """
    days: dict[str, date] = {}
    open_: dict[str, dict[str, Triple]] = {"??y": {}, "???": {}}
    forms: dict[str, None] = {}
    for text in texts:
        form, parts = _parts(text)
        if form in open_ and parts is not None:
            open_[form][text] = parts
            forms[form] = None
        elif form and parts and (day := _settled(form, parts)) is not None:
            days[text] = day
            forms[form] = None
    order, unclear = "", ""
    for form, triples in open_.items():
        if not triples:
            continue
        found, order_here, why = _ordered(form, triples, dayfirst)
        if order and order_here and order != order_here and not why:
            why = f"`{next(iter(triples))}` is {order_here}, others are {order}"
        days |= found
        order, unclear = order_here or order, why or unclear
    return Dates(days, tuple(forms), order, unclear)


def _parts(text: str) -> tuple[str | None, Triple | None]:
    for form, pattern in _FORMS:
        match = pattern.match(text)
        if match:
            groups = match.groups()
            if form == "roc" and len(groups[0]) == 2 and "年" not in text:
                continue  # 23/01/05 may be any order
            numbers = [_number(group) for group in groups]
            if None in numbers:
                continue
            return form, tuple(numbers)  # type: ignore[return-value]
    return None, None


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    bare = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(
        letter for letter in bare if not unicodedata.combining(letter) or letter == "\u0306"
    )
    bare = unicodedata.normalize("NFC", bare)
    for length in (5, 4, 3):
        if bare[:length] in _MONTHS:
            return _MONTHS[bare[:length]]
    return None


def _settled(form: str, parts: Triple) -> date | None:
    if form == "serial":
        within = _SERIALS[0] <= parts[0] <= _SERIALS[1]
        return _SERIAL_ORIGIN + timedelta(days=parts[0]) if within else None
    if form == "roc":
        return _day(parts[0] + 1911, parts[1], parts[2])
    year, month, day = (parts[at] for at in _PLACES[form])
    return _day(_full(year), month, day)


def _full(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year < _PIVOT else 1900)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ordered(
    form: str, triples: Mapping[str, Triple], dayfirst: bool | None
) -> tuple[dict[str, date], str, str]:
    """Return the days, the order, and why the order is unclear if it is."""
    read = {
        order: {
            text: day
            for text, parts in triples.items()
            if (day := _day(_full(parts[places[0]]), parts[places[1]], parts[places[2]]))
        }
        for order, places in _ORDERS[form].items()
    }
    if dayfirst is not None:
        order = "day first" if dayfirst else "month first"
        if len(read.get("year first", {})) > len(read[order]):
            order = "year first"
        return read[order], order, ""
    most = max(map(len, read.values()))
    fitting = {order: days for order, days in read.items() if len(days) == most}
    best = next(iter(fitting))
    other = _contradiction(read, best)
    if other:
        return read[best], best, other
    if len(fitting) > 1 and any(days != fitting[best] for days in fitting.values()):
        dotted = form == "??y" and all("." in text for text in triples)
        if dotted and "day first" in fitting:
            return fitting["day first"], "day first", ""  # no one writes 01.31.2020
        steady = _steadiest(fitting)
        if steady is None:
            text = next(
                text for text in triples if len({d.get(text) for d in fitting.values()}) > 1
            )
            return (
                fitting[best],
                "",
                f"`{text}` may be "
                + " or ".join(f"{days[text]} ({order})" for order, days in fitting.items()),
            )
        best = steady
    return fitting[best], best, ""


def _contradiction(read: Mapping[str, Mapping[str, date]], best: str) -> str:
    """Name two texts of which each is a day in one order only."""
    for order, days in read.items():
        only = [text for text in days if text not in read[best]]
        mine = [text for text in read[best] if text not in days]
        if order != best and only and mine:
            return f"`{mine[0]}` can only be {best}, `{only[0]}` only {order}"
    return ""


def _steadiest(fitting: Mapping[str, Mapping[str, date]]) -> str | None:
    """Return the one order in which the days of a file follow one another without a step back.

    Files are written in the order of time, or against it. Twelve days in a row, and the second of
    each month of a year, do so in two orders: then nothing tells.
    """
    if len(next(iter(fitting.values()))) < _ENOUGH:
        return None
    steady = {order: _steadiness(list(days.values())) for order, days in fitting.items()}
    best = [order for order, share in steady.items() if share == 1.0]
    if not best:
        best = [order for order, share in steady.items() if share > _STEADY]
        others = [share for order, share in steady.items() if order not in best]
        if any(share > _UNSTEADY for share in others):
            return None
    return best[0] if len(best) == 1 else None


def _steadiness(days: list[date]) -> float:
    rising = sum(a < b for a, b in pairwise(days))
    return max(rising, len(days) - 1 - rising) / max(len(days) - 1, 1)
