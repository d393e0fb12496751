"""What stands before every request: who asks, from which page, how much, how often."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agent.http.problems import problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from agent.http.tokens import Token, Tokens

LARGEST_BODY: Final = 1 << 20
LARGEST_HEADERS: Final = 16 << 10
BODY_S: Final = 10.0
"""Seconds in which a body must have come."""
READS, WRITES, GUESSES = (5_000, 10_000), (10, 60), (0.5, 20)
"""Requests a second of one client, and how many at once: of those that read, that change something,
and that come with a token we have not seen."""
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_OPEN: Final = frozenset({"/healthz", "/readyz"})
"""What anybody may ask who reaches us: whether we live."""
_SCOPES: Final = (("feedback", "/feedback"), ("run", ""))
"""Of requests that change something: the scope for paths with such an ending."""


class Bucket:
    """How often a client may ask: so many a second, and so many at once.

    Examples
    --------
    >>> bucket = Bucket(1.0, 2)
    >>> [bucket.takes("a", now=0.0) for _ in range(3)], bucket.takes("a", now=1.0)
    ([True, True, False], True)
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._left: dict[str, tuple[float, float]] = {}

    def takes(self, client: str, *, now: float | None = None) -> bool:
        """Whether one more request is let through."""
        at = time.monotonic() if now is None else now
        left, then = self._left.get(client, (self._burst, at))
        left = min(self._burst, left + (at - then) * self._rate)
        if len(self._left) > 10_000:
            self._left.clear()
        self._left[client] = (left - 1 if left >= 1 else left, at)
        return left >= 1


class Guard:
    """Judges each request before the application sees it.

    Parameters
    ----------
    app
        What answers those that may pass.
    hosts
        Names by which this server may be called, with ports: all else is a page that found us by
        a name of its own.
    tokens
        Who may ask; None where only this machine can reach us.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], tokens: Tokens | None) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._tokens = tokens
        self._reads = Bucket(*READS)
        self._writes = Bucket(*WRITES)
        self._guesses = Bucket(*GUESSES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        await self._app(scope, _Bounded(receive).receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        changes = scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"}
        client = (scope.get("client") or ("",))[0]
        asked = _Asked(scope["path"], headers, changes, client)
        rules = (self._elsewhere, _unfit, self._too_often, self._who)
        return next((refusal for rule in rules if (refusal := rule(asked))), None)

    def _elsewhere(self, asked: _Asked) -> tuple[int, str] | None:
        """A page that found us by a name of its own, or that belongs to another site."""
        if asked.headers.get(b"host", "").lower() not in self._hosts:
            return 421, "this server is not called so"
        scheme, _, host = asked.headers.get(b"origin", "").partition("://")
        ours = scheme in {"http", "https"} and host.lower() in self._hosts
        site = asked.headers.get(b"sec-fetch-site", "none")
        if (b"origin" in asked.headers and not ours) or site not in {"same-origin", "none"}:
            return 403, "a page of another origin may not ask here"
        return None

    def _too_often(self, asked: _Asked) -> tuple[int, str] | None:
        bucket = self._writes if asked.changes else self._reads
        if bucket.takes(asked.client):
            return None
        return 429, "too many requests; try again in a second"

    def _who(self, asked: _Asked) -> tuple[int, str] | None:
        if self._tokens is None or asked.path in _OPEN:
            return None
        kind, _, text = asked.headers.get(b"authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            return 401, "a token is needed: Authorization: Bearer ..."
        if not self._tokens.remembers(text) and not self._guesses.takes(asked.client):
            return 429, "too many wrong tokens; try again in a minute"
        token = self._tokens.judge(text)
        return _beyond(token, asked.path, asked.changes) if token else (401, "no such token")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request says of itself."""

    path: str
    headers: dict[bytes, str]
    changes: bool
    client: str


def _unfit(asked: _Asked) -> tuple[int, str] | None:
    """What is too much, or in a form that a foreign page could send."""
    if sum(len(name) + len(value) for name, value in asked.headers.items()) > LARGEST_HEADERS:
        return 431, "too much is said in the headers"
    kind = asked.headers.get(b"content-type", "").partition(";")[0].strip().lower()
    if asked.changes and kind != "application/json":
        return 415, "what changes something is sent as application/json"
    length = asked.headers.get(b"content-length", "0")
    if not length.isdigit() or len(length) > 15:
        return 400, "the length of the body is no number"
    if int(length) > LARGEST_BODY:
        return 413, f"a body may have {LARGEST_BODY:,} bytes"
    return None


def _beyond(token: Token, path: str, changes: bool) -> tuple[int, str] | None:
    """Say what a token is not good for."""
    needed = "read"
    if changes:
        needed = next(scope for scope, ending in _SCOPES if path.endswith(ending) or not ending)
        if "/feedback/" in path:
            needed = "feedback"
    return None if needed in token.scopes else (403, f"this token has not the scope `{needed}`")


class _Bounded:
    """Takes in a body up to a length, and in time."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen = 0
        self._until = time.monotonic() + BODY_S
        self._whole = False

    async def receive(self) -> Message:
        """Return the next part; a body that is too long, or too slow, ends the connection."""
        import asyncio

        if self._whole:
            return await self._receive()
        left = max(0.0, self._until - time.monotonic())
        message = await asyncio.wait_for(self._receive(), left)
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._seen > LARGEST_BODY:
                return {"type": "http.disconnect"}
        else:
            self._whole = True
        return message


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = list(message.get("headers", []))
            names = {name.lower() for name, _ in said}
            added = [(name, value) for name, value in HEADERS if name not in names]
            message = {**message, "headers": [*said, *added]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    answer = problem(status, why)
    answer.headers["connection"] = "close"
    if status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    if status == 429:
        answer.headers["retry-after"] = "1"
    await answer(scope, receive, _with_headers(send))
