"""Which column of a file holds what, as named in the spec, else by its heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest.headings.headings import FIELD_OF, HEADINGS, TIMES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"[\d.,:/\- +eE]*\d[\d.,:/\- +eE]*")
_IN_UNITS = re.compile(r"(?i)^vol(?:ume)?\.?[ _\-(\[]+([a-z0-9]{2,10})[)\]]?$")
_WORDS = {
    "money": """
        usd usdt usdc busd tusd dai fdusd ust eur gbp jpy krw cny cnh chf aud cad try brl inr rub
        mxn hkd sgd idr thb twd pln sek nok dkk czk zar currency quote""",
    "no unit": "ma ma5 ma10 ma20 ma50 avg sma ema change chg pct adj base",
    "counts shares": """
        stueck stuecke stucke stuck stuckzahl umsatzstk gehandeltestuck tottrdqty numberofshares
        sharestraded""",
}
_MONEY, _NO_UNIT, _COUNTS_SHARES = (frozenset(words.split()) for words in _WORDS.values())
_SENTENCE = 5
_ADJUSTED = {"open": "adj_open", "high": "adj_high", "low": "adj_low", "close": "adj_close"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which heading holds which canonical column, and which of them a person named."""

    headings: Mapping[str, str]
    named: frozenset[str]

    def get(self, canonical: str) -> str | None:
        """Return the heading of a canonical column, if the file has it."""
        return self.headings.get(canonical)

    @property
    def guessed(self) -> tuple[str, ...]:
        """The canonical columns that were told by their headings."""
        return tuple(name for name in self.headings if name not in self.named)


def assign(
    headings: Iterable[str],
    named: Mapping[str, str],
    *,
    file: str,
    temporal: Iterable[str] = (),
) -> Columns:
    """Decide which column is what: as named in the spec, else by its heading.

    Parameters
    ----------
    headings
        The file's.
    named
        `data.columns`: canonical name to heading.
    file
        The file's name, for messages.
    temporal
        Headings of columns that hold dates or times: the only one of them is the time when no
        heading says so.

    Raises
    ------
    BadInput
        If a name in `data.columns` is unknown, two headings claim one column, or there is no
        column that could be the time or the close.
    """
    there = list(headings)
    found = {_canonical(key): _present(key, heading, there) for key, heading in named.items()}
    chosen = frozenset(found)
    free = [heading for heading in there if heading not in found.values()]
    _tell_units(found, free)
    for canonical in HEADINGS:
        if canonical not in found and (heading := _told(canonical, free, file)) is not None:
            found[canonical] = heading
            free.remove(heading)
    _settle_time(found, free, list(temporal))
    _settle_prices(found)
    _settle_amount(found, free)
    _require(found, there, file)
    ordered = {name: found[name] for name in HEADINGS if name in found}
    return Columns(ordered, chosen)


def _canonical(key: str) -> str:
    if key in HEADINGS:
        return key
    told = FIELD_OF.get(plain(key))
    if told is None:
        raise BadInput(
            f"bars have no column `{key}`",
            place=in_spec(f"data.columns.{key}"),
            hint=did_you_mean(key, HEADINGS),
        )
    return told


def _present(key: str, heading: str, there: list[str]) -> str:
    if heading not in there:
        raise BadInput(
            f"the file has no column `{heading}` to read as {key}",
            place=in_spec(f"data.columns.{key}"),
            hint=did_you_mean(heading, there),
        )
    return heading


def _tell_units(found: dict[str, str], free: list[str]) -> None:
    """Read `Volume BTC` as volume, and `Volume USDT` beside it as the amount of money."""
    units = {
        heading: match[1].lower()
        for heading in free
        if (match := _IN_UNITS.match(heading.strip())) and match[1].lower() not in _NO_UNIT
    }
    units = {h: unit for h, unit in units.items() if FIELD_OF.get(plain(h)) in {None, "volume"}}
    money = [heading for heading, unit in units.items() if unit in _MONEY]
    other = [heading for heading, unit in units.items() if unit not in _MONEY]
    if not other and len(money) > 1:
        other = [money.pop(0)]  # a pair of currencies: the first is what is traded
    for canonical, headings in (("volume", other), ("amount", money)):
        if len(headings) == 1 and canonical not in found:
            found[canonical] = headings[0]
            free.remove(headings[0])


def _told(canonical: str, free: list[str], file: str) -> str | None:
    for known in HEADINGS[canonical]:
        matches = [heading for heading in free if known in {plain(heading), _explained(heading)}]
        if len(matches) > 1:
            raise BadInput(
                f"`{file}` has several columns that could be {canonical}: {', '.join(matches)}",
                hint=f"say which under `data`: `columns: {{{canonical}: {matches[0]}}}`",
            )
        if matches:
            return matches[0]
    return None


def _explained(heading: str) -> str | None:
    """Return the heading in front of its own explanation, as pages have it when they are copied.

    Examples
    --------
    >>> _explained("Adj Close Adjusted close price adjusted for splits and dividends.")
    'adjclose'
    >>> _explained("Open Interest of all contracts in thousands")
    """
    words = heading.split()
    if len(words) < _SENTENCE:
        return None
    for count in (3, 2, 1):
        again = words[count][:3].casefold() == words[0][:3].casefold()
        if again and plain(" ".join(words[:count])) in FIELD_OF:
            return plain(" ".join(words[:count]))
    return None


def _settle_time(found: dict[str, str], free: list[str], temporal: list[str]) -> None:
    """Let a lone time column be the date, and a lone temporal column the time."""
    if "date" not in found and "time" in found:
        found["date"] = found.pop("time")
    if not any(name in found for name in TIMES) and "" in free:
        found["date"] = ""  # an index that was written without a heading
    ticks = found.get("tick_volume")
    lone = [heading for heading in temporal if heading in free or heading == ticks]
    if not any(name in found for name in TIMES) and len(lone) == 1:
        found["date"] = lone[0]
        if lone[0] == ticks:
            found.pop("tick_volume")


def _settle_prices(found: dict[str, str]) -> None:
    """Use adjusted prices as they are where the traded close is missing; never mix the two."""
    if "close" not in found and "adj_close" in found:
        for name, adjusted in _ADJUSTED.items():
            if adjusted in found:
                found[name] = found[adjusted]
        found.pop("adj_close")
    for adjusted in ("adj_open", "adj_high", "adj_low"):
        found.pop(adjusted, None)


def _settle_amount(found: dict[str, str], free: list[str]) -> None:
    """Where shares are counted in a column of their own, the volume beside it is of money."""
    if "amount" in found or plain(found.get("volume", "")) not in _COUNTS_SHARES:
        return
    rest = [heading for heading in free if FIELD_OF.get(plain(heading)) == "volume"]
    if len(rest) == 1:
        found["amount"] = rest[0]


def _require(found: Mapping[str, str], there: list[str], file: str) -> None:
    for what, names in (("close", ("close",)), ("date", TIMES)):
        if any(name in found for name in names):
            continue
        hint = f"its columns: {', '.join(map(repr, there[:40]))}"
        if there and all(_NUMBER.fullmatch(heading) for heading in there):
            hint += "\nthe first line looks like data: put a line of headings above it"
        else:
            hint += f"\nname it under `data`: `columns: {{{what}: <your column>}}`"
        raise BadInput(f"`{file}` has no column that could be the {what}", hint=hint)
