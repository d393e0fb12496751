"""An HTTP exchange: by httpx, in a stated time, and with an answer that is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def exchange(client: httpx.Client, method: str, url: str, *, largest: int, **about: Any) -> bytes:
    """Send a request; return the body of its answer. Nothing is followed elsewhere.

    Parameters
    ----------
    largest
        Bytes of the answer, unpacked, that are taken in.
    about
        What httpx takes of a request: `json`, `content`, `headers`, `params`.

    Raises
    ------
    httpx.HTTPStatusError
        If it is refused, or another place is named.
    httpx.HTTPError
        If nobody answers in time.
    ValueError
        If the answer is too long.
    """
    raw = bytearray()
    with client.stream(method, url, **about) as answer:
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            raw += piece
            if len(raw) > largest:
                raise ValueError(f"an answer of more than {largest:,} bytes")
    return bytes(raw)
