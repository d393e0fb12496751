"""What a flow misses, asked of the source's history; the answers are for the journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from configs.errors import QraftError
from tasks.sources.history.asking import pages, silent
from tasks.streams.decoding import make
from tasks.streams.decoding.history import Ask
from tasks.streams.decoding.making import counts_candles

if TYPE_CHECKING:
    from configs.output import Talk
    from taskspecs.sources.spec import SourceSpec

Want = tuple[str, int, int, int, int]
"""Symbol, first and last sequence number that is missing, and the times before and behind them in
microseconds: `tasks.streams.order.gaps.Want`."""
MOST_PAGES: Final = 200
"""Answers to one want; what is left then is asked for by a fetch."""


async def ask(spec: SourceSpec, want: Want, *, say: Talk = silent) -> list[bytes]:
    """Ask a source's history for what is missing.

    Returns
    -------
    list of bytes
        Bodies of records HISTORY, JSON `{"asked", "more", "answer"}`, in order; only the last one
        says `more: false`. None where the history does not answer, or there is none: it is said,
        and the flow gives the gap up in its own time.
    """
    decoder = make(spec)
    asked = ask_of(spec, want)
    if decoder.history is None or asked is None:
        return []
    if asked.what == "trades" and not decoder.history.trades:
        return []
    bodies: list[dict[str, Any]] = []
    try:
        async for answered in pages(spec, decoder, asked, say=say):
            told = msgspec.to_builtins(answered.ask)
            text = answered.body.decode("utf-8", "replace")
            bodies.append({"asked": told, "more": answered.page.left is not None, "answer": text})
            if len(bodies) >= MOST_PAGES:
                break
    except QraftError as error:
        say(f"{spec.name}: what is missing of {want[0]} cannot be had: {error.what}", "warning")
    if bodies:
        bodies[-1]["more"] = False
    return [json.dumps(body, ensure_ascii=False).encode() for body in bodies]


def ask_of(spec: SourceSpec, want: Want) -> Ask | None:
    """Return what to ask for; none where it cannot be said.

    Examples
    --------
    >>> from taskspecs.sources.catalogue import shipped
    >>> from taskspecs.sources.load import load
    >>> candles, _ = load(shipped()["binance_klines"])
    >>> found = ask_of(candles, ("BTC-USDT", 102, 104, 101 * 60_000_000, 105 * 60_000_000))
    >>> found.start_us // 60_000_000, found.end_us // 60_000_000
    (101, 104)
    """
    symbol, first, last, since_us, until_us = want
    if last < first or first < 0:
        return None
    if not counts_candles(spec):
        return Ask(symbol, "trades", start_us=since_us, end_us=until_us, first=first, last=last)
    every_us = since_us // (first - 1) if first > 1 else 0
    if every_us <= 0:
        return None
    return Ask(
        symbol, every_us=every_us, start_us=(first - 1) * every_us, end_us=last * every_us,
        first=first, last=last,
    )  # fmt: skip
