"""States that are asked for by HTTP beside a stream whose messages only say what changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from configs.errors import QraftError
from storage.connectors.asking import client_for, enveloped, get, refusal
from storage.connectors.messages import fill
from storage.journal.record import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from storage.connectors.backoff import Backoff
    from storage.connectors.port import Sink
    from taskspecs.sources.connection import Snapshot

TIMEOUT_S: Final = 10.0


async def take_snapshots(
    snapshot: Snapshot,
    symbols: Sequence[str],
    sink: Sink,
    backoff: Backoff,
    note: Callable[[str], None],
) -> None:
    """Bring the state of every symbol, and again as often as the document says.

    Parameters
    ----------
    symbols
        As the exchange writes them.
    note
        Told why an answer is waited for.
    """
    await asyncio.sleep(snapshot.after_s)
    async with client_for(snapshot.url, timeout_s=TIMEOUT_S) as client:
        while True:
            for symbol in symbols:
                await sink.put(Kind.RAW, await _take(snapshot, symbol, client, backoff, note))
                await asyncio.sleep(snapshot.pause_s)
            if snapshot.every_s is None:
                return
            await asyncio.sleep(snapshot.every_s)


async def _take(
    snapshot: Snapshot,
    symbol: str,
    client: httpx.AsyncClient,
    backoff: Backoff,
    note: Callable[[str], None],
) -> bytes:
    """Ask until there is an answer; return it beside its symbol."""
    url = fill(snapshot.url, symbol)
    while True:
        asked_s = 0.0
        try:
            answer = await get(client, url, at_most=snapshot.max_message_bytes)
            if answer.status == 200:
                backoff.succeeded()
                note("")
                return enveloped(symbol, answer.body)
            asked_s, said = answer.retry_s, str(refusal(url, answer.status))
        except QraftError as error:
            said = str(error)
        note(said)
        await asyncio.sleep(backoff.wait_s(asked_s=asked_s))
