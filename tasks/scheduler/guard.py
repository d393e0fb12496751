"""What stands before Luigi's pages and calls: each request is judged before they see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tornado.routing import Router
from tornado.web import OutputTransform, RequestHandler

from tasks.scheduler.access import API, OPEN

if TYPE_CHECKING:
    from tasks.scheduler.access import Access

START: Final = "/static/visualiser/index.html"
HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""No page of another origin shows these pages, or learns what they hold."""


class _Refused(RequestHandler):
    """Says why."""

    def initialize(self, why: str) -> None:
        self._why = why

    def prepare(self) -> None:
        self.set_status(403)
        self.finish(self._why)


class _Entered(RequestHandler):
    """Lets a browser in that comes by a link."""

    def initialize(self, access: Access) -> None:
        self._access = access

    def get(self) -> None:
        session = self._access.enter(self.request.uri or "")
        if session is None:
            self.set_status(403)
            self.finish("this link was used; `qraft ui` prints another")
            return
        self.set_cookie(self._access.cookie, session, httponly=True, samesite="Strict")
        self.redirect(START)


class _NewCode(RequestHandler):
    """Tells whoever has the token what a link needs."""

    def initialize(self, access: Access) -> None:
        self._access = access

    def post(self) -> None:
        self.write({"response": self._access.new_code()})


class _NotFramed(OutputTransform):
    def transform_first_chunk(
        self, status_code: int, headers: Any, chunk: bytes, finishing: bool
    ) -> tuple[int, Any, bytes]:
        del finishing
        for name, value in HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk


class _Guard(Router):
    def __init__(self, inner: Any, access: Access) -> None:
        self._inner = inner
        self._access = access

    def find_handler(self, request: Any, **named: Any) -> Any:
        """Return who answers a request."""
        to = self._inner.get_handler_delegate
        why = self._access.refusal(request.method, request.uri, request.headers)
        if why is not None:
            return to(request, _Refused, {"why": why})
        if request.path == "/" and request.query.startswith(f"{OPEN}="):
            return to(request, _Entered, {"access": self._access})
        if request.path == f"{API}{OPEN}":
            return to(request, _NewCode, {"access": self._access})
        return self._inner.find_handler(request, **named)


def guarded(inner: Any, access: Access) -> Router:
    """Return an application that asks `access` before it hands a request to Luigi's."""
    inner.add_transform(_NotFramed)
    return _Guard(inner, access)
