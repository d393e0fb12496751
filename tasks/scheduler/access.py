"""Who may ask a workspace's own scheduler what: pages of this machine read, its runs act.

A browser carries requests of any page to any address of this machine, and a host name can be
pointed there (DNS rebinding). So every request must name this address as its host, come from no
other page, and show a token where it changes anything. The token is kept among the person's own
files; a browser gets its own from a link that works once.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from configs.keys.private_files import read_private, replace_private, state_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
API: Final = "/api/"
OPEN: Final = "open"
"""The parameter of the link by which a browser is let in, and the call that makes one."""
READS: Final = frozenset({
    "dep_graph", "fetch_error", "get_task_progress_percentage", "get_task_status_message",
    "graph", "has_task_history", "inverse_dep_graph", "is_pause_enabled", "is_paused",
    "resource_list", "resources", "task_list", "task_search", "worker_list",
})  # fmt: skip
"""Calls of Luigi's that change nothing; all others do, and so does what is added to it later."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def new_token(port: int) -> str:
    """Make the token of the scheduler at a port of this machine, in place of an older one."""
    token = secrets.token_urlsafe(32)
    replace_private(_file(port), token.encode())
    return token


def token_of(url: str) -> str | None:
    """Return the token of a scheduler, if it is one on this machine that this person started."""
    parts = urlsplit(url)
    if parts.hostname not in {"127.0.0.1", "localhost", "::1"} or not parts.port:
        return None
    found = read_private(_file(parts.port))
    return found.decode("ascii", "replace") if found else None


def forget_token(port: int, token: str) -> None:
    """Remove a token, unless another scheduler has the port since."""
    if read_private(_file(port)) == token.encode():
        _file(port).unlink(missing_ok=True)


class Access:
    """Judges requests.

    Parameters
    ----------
    port
        Where the scheduler listens.
    token
        What its runs show.
    """

    def __init__(self, port: int, token: str) -> None:
        self._hosts = frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._token = token
        self._codes: set[str] = set()
        self._sessions: set[str] = set()
        self.cookie = f"qraft_{port}"
        """The cookie's name; browsers do not tell ports apart."""

    def refusal(self, method: str, target: str, headers: Mapping[str, str]) -> str | None:
        """Say why a request is refused; None where it is let through.

        Parameters
        ----------
        method, target
            Of the request: `GET`, and path with query.
        headers
            By their names, whatever their case.
        """
        if headers.get("Host", "").lower() not in self._hosts:
            return "this address is not called so"
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in self._origins:
            return "pages of other origins are not answered"
        path = urlsplit(target).path
        if _is_foreign(headers) and (path.startswith(API) or method not in SAFE_METHODS):
            return "pages of other origins are not answered"
        if not path.startswith(API):
            return None if method in SAFE_METHODS else "pages are read"
        if path.removeprefix(API) in READS or self._is_let_in(headers):
            return None
        return "what changes the scheduler needs its token"

    def new_code(self) -> str:
        """Make what a link carries to let one browser in, once."""
        code = secrets.token_urlsafe(32)
        self._codes.add(code)
        return code

    def enter(self, target: str) -> str | None:
        """Take the code of a link, and return the session that its browser gets."""
        given = parse_qs(urlsplit(target).query).get(OPEN, [])
        if len(given) != 1 or given[0] not in self._codes:
            return None
        self._codes.discard(given[0])
        session = secrets.token_urlsafe(32)
        self._sessions.add(session)
        return session

    def _is_let_in(self, headers: Mapping[str, str]) -> bool:
        shown = headers.get("Authorization", "")
        if hmac.compare_digest(shown.encode(), f"Bearer {self._token}".encode()):
            return True
        # A page of this scheduler says so; a form or an image of another one cannot.
        own = headers.get("X-Requested-With") or headers.get("Sec-Fetch-Site") == "same-origin"
        return bool(own) and self._session(headers) in self._sessions

    def _session(self, headers: Mapping[str, str]) -> str:
        try:
            found = SimpleCookie(headers.get("Cookie", "")).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found else ""


def _is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that another page asks; a link that a person follows is theirs."""
    return headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}


def _file(port: int) -> Path:
    return state_folder() / "schedulers" / f"{port}.token"
