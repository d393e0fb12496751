"""Processes, events, logs, health and metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.http.told import answers_of, done, prepared, service_of

if TYPE_CHECKING:
    from agent.service.service import Service

router = APIRouter(tags=["system"])
outside = APIRouter(tags=["system"])
"""Below the root, where monitors look."""
HOLDS_S: Final = 60
"""Seconds after which health is looked at anew: a disk fills while the workspace is as it was."""


class Event(BaseModel):
    """Something to tell."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[str, Field(pattern=r"^custom\.[a-z0-9_.]{1,60}$")]
    """A type of one's own; what Qraft tells itself, it alone tells."""
    source: Annotated[str, Field(min_length=1, max_length=200)]
    payload: dict[str, Any] = Field(default_factory=dict)


@router.get("/processes")
async def list_processes(request: Request) -> Response:
    """What runs for this workspace."""
    from agent.service.health import list_processes as listed

    return await done(request, listed)


@router.get("/events")
async def show_inbox(request: Request) -> Response:
    """How events stand: waiting, running, put aside."""
    from agent.service.health import show_inbox as shown

    return await done(request, shown)


@router.post("/events", status_code=202)
async def publish_event(request: Request, said: Event) -> Response:
    """Tell of something; studies that wait for it wake."""
    from agent.service.events import publish_event as publish

    return await done(
        request,
        lambda service: publish(service, said.type, source=said.source, payload=said.payload),
        status=202,
    )


@router.get("/events/dead")
async def list_dead_letters(request: Request) -> Response:
    """Events that could not be handled."""
    from agent.service.events import list_dead_letters as listed

    return await done(request, listed)


@router.get("/logs")
async def read_log(
    request: Request,
    event: Annotated[str, Query(pattern=r"^[a-z_.]{0,40}$")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """The newest lines of telemetry, the newest last."""
    from agent.service.health import read_log as read

    return await done(request, lambda service: read(service, event=event, limit=limit))


@router.get("/health")
async def check_up(request: Request) -> Response:
    """What is configured, reachable, missing, and what mends it."""
    from agent.service.health import check_up as checked

    return await prepared(request, "health", int(time.time() // HOLDS_S), make=checked)


@outside.get("/healthz")
async def alive(request: Request) -> Response:
    """Whether this process lives."""
    del request
    return Response(b'{"alive":true}', media_type="application/json")


@outside.get("/readyz")
async def ready(request: Request) -> Response:
    """Whether every store answers; 503 where one does not."""
    from agent.service.health import readiness

    def asked(service: Service) -> Any:
        return readiness(service)

    answers, service = answers_of(request), service_of(request)
    found = await answers.do(lambda: asked(service))
    body = answers.bytes_of({"ready": found.ready})
    return Response(body, status_code=200 if found.ready else 503, media_type="application/json")


@outside.get("/metrics")
async def metrics(request: Request) -> Response:
    """What `qraft up` tells Prometheus, and what this server counts."""
    from prometheus_client import generate_latest

    from agent.service.health import read_metrics

    service = service_of(request)
    told = await answers_of(request).do(lambda: read_metrics(service) or "")
    ours = generate_latest(request.app.state.registry).decode()
    return Response(told + ours, media_type="text/plain; version=0.0.4; charset=utf-8")
