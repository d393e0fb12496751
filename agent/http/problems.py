"""Errors as problem documents (RFC 9457): their kind, their place, and what helps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from configs.errors import (
    BadInput,
    Busy,
    Damaged,
    Failed,
    Forbidden,
    QraftError,
    Refused,
    Unreachable,
)

if TYPE_CHECKING:
    from starlette.responses import Response

MEDIA: Final = "application/problem+json"
STATUS: Final[tuple[tuple[type[QraftError], int], ...]] = (
    (Forbidden, 403),
    (BadInput, 400),
    (Busy, 503),
    (Unreachable, 502),
    (Refused, 502),
    (Damaged, 500),
    (Failed, 500),
)
"""The first class that an error is one of."""


def status_of(error: QraftError) -> int:
    """Return the HTTP status of an error.

    Examples
    --------
    >>> status_of(BadInput("no such run"))
    400
    """
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem(status: int, title: str, detail: str = "", **more: Any) -> Response:
    """Return a problem document as an answer."""
    from starlette.responses import Response

    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    said = {name: value for name, value in body.items() if value not in (None, "")}
    return Response(json.dumps(said, ensure_ascii=False), status_code=status, media_type=MEDIA)


def of_error(error: QraftError, hide: Any) -> Response:
    """Return an error as an answer.

    Parameters
    ----------
    hide
        Takes a text; returns it without paths of this machine.
    """
    told: dict[str, Any] = error.document()
    place = told.pop("place", None)
    return problem(
        status_of(error),
        told["kind"],
        hide(told["what"]),
        kind=told["kind"],
        place={**place, "file": hide(place["file"])} if place else None,
        hint=hide(told["hint"]) if told.get("hint") else None,
        remedy=told.get("remedy"),
    )
