"""One request after the other, within the exchange's limits, until all was answered."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import BadInput, Failed, QraftError, Unreachable
from storage.connectors.asking import BUSY, client_for, get, refusal
from storage.connectors.backoff import Backoff
from tasks.streams.event import Malformed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from configs.output import Talk
    from tasks.streams.decoding.history import Ask, Page
    from tasks.streams.decoding.port import Decoder
    from taskspecs.sources.spec import SourceSpec

TRIES: Final = 8
"""Failures in a row after which it is given up; the same again goes on with what stands."""
TIMEOUT_S: Final = 30.0
LARGEST_ANSWER: Final = 32 << 20
MOST_PAGES: Final = 1_000_000


class Answered(NamedTuple):
    """What was asked, what came, and what it means."""

    ask: Ask
    body: bytes
    page: Page


def silent(message: str, level: str = "info") -> None:
    """Say nothing."""


async def pages(
    spec: SourceSpec,
    decoder: Decoder,
    ask: Ask,
    *,
    say: Talk = silent,
    now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
) -> AsyncIterator[Answered]:
    """Yield one answer after the other until all that was asked for is there.

    Parameters
    ----------
    decoder
        Of the source; its history is asked.
    say
        Told when the exchange asks for patience.

    Raises
    ------
    BadInput
        If the source has no history.
    Unreachable, Refused
        If it does not answer after several tries, or refuses.
    Failed
        If an answer means nothing.
    """
    history = decoder.history
    if history is None:
        raise BadInput(f"the source `{spec.name}` has no history to ask")
    base = (spec.history_url or history.url).rstrip("/")
    left: Ask | None = ask
    async with client_for(base, timeout_s=TIMEOUT_S) as client:
        for number in range(MOST_PAGES):
            if left is None:
                return
            if number:
                await asyncio.sleep(history.pause_s)
            request = history.request(left, decoder.names.theirs(left.symbol))
            body = await _answer(client, base + request.path, dict(request.params), say)
            try:
                page = history.page_of(left, body, now_us(), decoder)
            except Malformed as error:
                raise Failed(
                    f"the history of {spec.name} answers what means nothing: {error}",
                    hint=body[:200].decode("utf-8", "replace"),
                ) from error
            answered = Answered(left, body, page)
            left = page.left
            yield answered


async def _answer(client: httpx.AsyncClient, url: str, params: dict[str, str], say: Talk) -> bytes:
    """Ask until there is an answer, with the patience that is asked for."""
    backoff = Backoff(1.0, 60.0)
    failure: QraftError = Unreachable(f"{url} does not answer")
    for _ in range(TRIES):
        asked_s = 0.0
        try:
            answer = await get(client, url, at_most=LARGEST_ANSWER, params=params)
        except Unreachable as error:
            failure = error
        else:
            if answer.status == 200:
                return answer.body
            failure, asked_s = refusal(url, answer.status), answer.retry_s
            if answer.status not in BUSY and answer.status < 500:
                break
        wait_s = backoff.wait_s(asked_s=asked_s)
        say(f"{failure.what}; again in {wait_s:.0f} s", "warning")
        await asyncio.sleep(wait_s)
    raise failure
