"""Requests by HTTP: bounded, without redirects, with what the answer asks of us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from configs.errors import Failed, Refused, Unreachable
from configs.url import without_secrets
from taskspecs.sources.urls import host_of, is_here

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENT: Final = "qraft"
BUSY: Final = frozenset({418, 420, 425, 429, 503})
"""Answers that ask for patience."""
MOST_RETRY_S: Final = 86_400.0


class Answer(NamedTuple):
    """What a server said.

    Attributes
    ----------
    status
        Of HTTP.
    body
        Whole, and not larger than was allowed.
    retry_s
        Seconds that it asks us to wait; 0 where it asks nothing.
    tag
        What it calls this state of the document, where it says so.
    """

    status: int
    body: bytes
    retry_s: float
    tag: str


class TooLarge(Failed):
    """An answer is larger than was allowed."""


def client_for(url: str, *, timeout_s: float) -> httpx.AsyncClient:
    """Return a client that follows no redirects; the proxies of the environment are for hosts
    elsewhere.
    """
    return httpx.AsyncClient(
        timeout=timeout_s, follow_redirects=False, trust_env=not is_here(url),
        headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
    )  # fmt: skip


async def get(
    client: httpx.AsyncClient,
    url: str,
    *,
    at_most: int,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Answer:
    """Ask for a document.

    Parameters
    ----------
    at_most
        Bytes of the answer.

    Raises
    ------
    Unreachable
        If nobody answers, or not whole.
    TooLarge
        If the answer is longer.
    """
    where = without_secrets(url)
    try:
        async with client.stream("GET", url, params=params or None, headers=headers) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > at_most:
                    raise TooLarge(f"{host_of(url)} answers with more than {at_most:,} bytes")
            retry_s = retry_after(response.headers.get("Retry-After", ""), now)
            tag = response.headers.get("ETag", "")
            return Answer(response.status_code, bytes(body), retry_s, tag)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        said = str(error) or type(error).__name__
        raise Unreachable(f"{where} does not answer: {said}") from None


def refusal(url: str, status: int) -> Refused:
    """Return what to say of an answer that is none."""
    said = f"{without_secrets(url)} answers with {status}"
    return Refused(said, hint="a redirect is not followed" if 300 <= status < 400 else None)


def retry_after(written: str, now: datetime | None = None) -> float:
    """Return the seconds of a `Retry-After`, which has seconds or a date.

    Examples
    --------
    >>> retry_after("120"), retry_after(""), retry_after("soon"), retry_after("-3")
    (120.0, 0.0, 0.0, 0.0)
    """
    written = written.strip()[:64]
    if written.isdigit() and written.isascii():
        return min(float(written), MOST_RETRY_S)
    if not written:
        return 0.0
    try:
        when = parsedate_to_datetime(written)
        return min(max((when - (now or _now(when))).total_seconds(), 0.0), MOST_RETRY_S)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def enveloped(symbol: str, answer: bytes) -> bytes:
    """Return an answer beside the symbol, of the exchange's name, that it was asked for."""
    text = answer.decode("utf-8", "surrogateescape")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps({"symbol": symbol, "answer": text}, ensure_ascii=False).encode()


def _now(when: datetime) -> datetime:
    return datetime.now(UTC) if when.tzinfo else datetime.now(UTC).replace(tzinfo=None)
