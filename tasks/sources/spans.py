"""Periods as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from configs.errors import BadInput
from tasks.sources.providers.port import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

EARLIEST = date(1980, 1, 1)


def span_of(first: str, last: str | None, every_us: int, *, now: datetime) -> Span:
    """Return a period of whole days.

    Parameters
    ----------
    first, last
        Days, both included, as `2026-01-31`; the last one may be left out for now.
    now
        Bars that are not over by then are not asked for.

    Raises
    ------
    BadInput
        If it is none.
    """
    start = _instant(_day(first, "--from"))
    end = now if last is None else _instant(_day(last, "--to") + timedelta(days=1))
    end = min(end, now)
    if start >= end:
        raise BadInput(f"a period from {first} to {last or 'now'} has no day", hint="see --from")
    if start.date() < EARLIEST:
        raise BadInput(f"{first} is before {EARLIEST}")
    start_us, end_us = (round(each.timestamp()) * 1_000_000 for each in (start, end))
    return Span(start_us - start_us % every_us, end_us - end_us % every_us, every_us)


def symbols_of(written: str | None, usual: Sequence[str]) -> tuple[str, ...]:
    """Return symbols as they are written with commas between; default those of the source.

    Raises
    ------
    BadInput
        If there are none, or one cannot be a symbol.
    """
    from pydantic import TypeAdapter, ValidationError

    from taskspecs.schema import Symbol

    found = tuple(
        dict.fromkeys(part.strip() for part in (written or "").split(",") if part.strip())
    )
    found = found or tuple(usual)
    if not found:
        raise BadInput("no symbols are named", hint="--symbols BTC-USDT,ETH-USDT")
    for symbol in found:
        try:
            TypeAdapter(Symbol).validate_python(symbol)
        except ValidationError:
            raise BadInput(f"`{symbol}` can be no symbol", hint="as BTC-USDT, AAPL") from None
    return found


def _day(written: str, option: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadInput(f"{option} {written} is no day", hint="write it as 2026-01-31") from None


def _instant(when: date) -> datetime:
    return datetime.combine(when, time(), UTC)
