"""What routes answer with: prepared bytes, models as JSON, and errors as problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from agent.http.problems import of_error, problem
from configs.errors import QraftError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI, Request

    from agent.http.answers import Answers
    from agent.service.service import Service

JSON: Final = "application/json"
CACHED: Final = "private, no-cache"
"""A browser keeps it, and asks each time whether it still holds."""
PACKED_FROM: Final = 1_024


def service_of(request: Request) -> Service:
    """Return the service that a request is answered by."""
    service: Service = request.app.state.service
    return service


def answers_of(request: Request) -> Answers:
    """Return the prepared answers."""
    answers: Answers = request.app.state.answers
    return answers


async def prepared(request: Request, *key: object, make: Callable[[Service], Any]) -> Response:
    """Answer a question that others will ask too, or that was asked before.

    Parameters
    ----------
    key
        The question: equal keys have equal answers while the workspace does not change.
    make
        Makes the answer, in a thread.
    """
    service = service_of(request)
    found = await answers_of(request).get(key, lambda: make(service))
    headers = {"etag": found.etag, "cache-control": CACHED, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    if len(found.body) > PACKED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            found.packed, media_type=JSON, headers={**headers, "content-encoding": "gzip"}
        )
    return Response(found.body, media_type=JSON, headers=headers)


async def done(
    request: Request, deed: Callable[[Service], Any], *, status: int = 200, **headers: str
) -> Response:
    """Do something now, in a thread, and answer with what came of it."""
    service, answers = service_of(request), answers_of(request)
    body = await answers.do(lambda: answers.bytes_of(deed(service)))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        body, status_code=status, media_type=JSON, headers={"cache-control": "no-store", **named}
    )


def handle_errors(app: FastAPI) -> None:
    """Let every error be answered as a problem document; what we did not foresee says nothing."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    async def known(request: Request, error: Exception) -> Response:
        if not isinstance(error, QraftError):
            raise error
        return of_error(error, answers_of(request).hide)

    async def unfit(request: Request, error: Exception) -> Response:
        del request
        if not isinstance(error, RequestValidationError):
            raise error
        wrong = [
            {"place": ".".join(map(str, each["loc"])), "why": each["msg"]}
            for each in error.errors()[:20]
        ]
        return problem(422, "the request does not fit", kind="BadInput", wrong=wrong)

    async def other(request: Request, error: Exception) -> Response:
        del request
        status = error.status_code if isinstance(error, HTTPException) else 500
        said = str(error.detail) if isinstance(error, HTTPException) else "something failed here"
        return problem(status, said)

    app.add_exception_handler(QraftError, known)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, other)
    app.add_exception_handler(Exception, other)
