"""Runs: those that are finished, and those that are started from here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from agent.http.told import answers_of, done, prepared, service_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from agent.service.service import Service
    from agent.service.specs import Spec

router = APIRouter(tags=["runs"])

Wanted = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,100}$")]
REPORT_CSP = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""A report carries its own scripts; it is shown apart from us, and reaches nothing."""
ROAD = "http"


class Asked(BaseModel):
    """A study that is to be planned or run: by the name of one that ships, or written out."""

    model_config = ConfigDict(extra="forbid")

    study: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = None
    taskspec: Annotated[str | None, Field(max_length=200_000)] = None
    """YAML."""
    as_of: AwareDatetime | None = None

    def spec(self, service: Service) -> Spec:
        """Return the TaskSpec.

        Raises
        ------
        BadInput
            Located in the text, if it is no TaskSpec, or if neither or both are given.
        """
        from agent.service.specs import Written, read_spec
        from configs.document import parse_document
        from configs.errors import BadInput
        from taskspecs.load import understand
        from taskspecs.set_files import take_in

        if (self.study is None) == (self.taskspec is None):
            raise BadInput("name a `study`, or write out a `taskspec`")
        if self.study is not None:
            return read_spec(service, self.study)
        document = parse_document(str(self.taskspec).encode(), file="taskspec")
        return Written(*understand(take_in(document, service.workspace.root)))


@router.get("/runs")
async def list_runs(request: Request) -> Response:
    """The finished runs, the newest first."""
    from agent.service.runs.finished import list_runs as listed

    return await prepared(request, "runs", make=listed)


@router.post("/runs", status_code=202)
async def start_run(request: Request, asked: Asked) -> Response:
    """Start a run in a process of its own; its progress is at `Location`."""
    from agent.service.runs.apart import start_run as start

    answer = await done(
        request, lambda service: start(service, asked.spec(service), road=ROAD, as_of=asked.as_of),
        status=202,
    )  # fmt: skip
    answer.headers["location"] = f"/api/v1/started/{json.loads(bytes(answer.body))['id']}"
    return answer


@router.get("/runs/compare")
async def compare_runs(
    request: Request, run: Annotated[list[str], Query(min_length=2, max_length=8)]
) -> Response:
    """Two to eight runs side by side."""
    from agent.service.runs.comparison import compare_runs as compare

    return await prepared(request, "compare", *run, make=lambda service: compare(service, run))


@router.get("/runs/{wanted}")
async def show_run(request: Request, wanted: Wanted) -> Response:
    """A finished run with its figures: `last`, an id or its beginning, or a study's name."""
    from agent.service.runs.finished import show_run as shown

    return await prepared(request, "run", wanted, make=lambda service: shown(service, wanted))


@router.get("/runs/{wanted}/report")
async def read_report(request: Request, wanted: Wanted) -> Response:
    """A run's report: one page of HTML, shown apart from all else."""
    from agent.service.runs.reports import read_report as read

    service = service_of(request)
    page = await answers_of(request).do(lambda: read(service, wanted))
    return Response(
        page, media_type="text/html; charset=utf-8",
        headers={"content-security-policy": REPORT_CSP, "x-frame-options": "SAMEORIGIN"},
    )  # fmt: skip


@router.get("/runs/{wanted}/coefficients")
async def list_coefficients(request: Request, wanted: Wanted) -> Response:
    """The information coefficients of a run's signal."""
    from agent.service.factors import list_coefficients as listed

    return await prepared(
        request, "coefficients", wanted, make=lambda service: listed(service, wanted)
    )


@router.get("/runs/{wanted}/factors")
async def list_factors(request: Request, wanted: Wanted) -> Response:
    """The names of a run's factors."""
    from agent.service.factors import list_factors as listed

    return await prepared(request, "factors", wanted, make=lambda service: listed(service, wanted))


@router.get("/runs/{wanted}/factors/{factor}")
async def measure_quantiles(
    request: Request,
    wanted: Wanted,
    factor: Annotated[str, Path(max_length=64)],
    quantiles: Annotated[int, Query(ge=2, le=20)] = 5,
) -> Response:
    """What followed a factor, by its quantiles."""
    from agent.service.factors import measure_quantiles as measured

    return await prepared(
        request, "quantiles", wanted, factor, quantiles,
        make=lambda service: measured(service, factor, run=wanted, quantiles=quantiles),
    )  # fmt: skip


@router.post("/plans")
async def plan_run(request: Request, asked: Asked) -> Response:
    """What a run would do, stage by stage; nothing is computed."""
    from agent.service.plans import plan_run as plan

    return await done(
        request, lambda service: plan(service, asked.spec(service), as_of=asked.as_of)
    )


@router.get("/started")
async def list_started(request: Request) -> Response:
    """The runs that were started, the newest first."""
    from agent.service.runs.apart import list_started as listed

    return await done(request, listed)


@router.get("/started/{ident}")
async def show_started(request: Request, ident: Wanted) -> Response:
    """How a run that was started fares."""
    from agent.service.runs.apart import show_started as shown

    return await done(request, lambda service: shown(service, ident))


@router.post("/started/{ident}/cancel")
async def cancel_run(request: Request, ident: Wanted) -> Response:
    """End a run that was started; what is done is kept."""
    from agent.service.runs.apart import cancel_run as cancel

    return await done(request, lambda service: cancel(service, ident))


@router.get("/started/{ident}/events")
async def follow_run(request: Request, ident: Wanted) -> Response:
    """What happens to a run that was started, as server-sent events; `Last-Event-ID` resumes."""
    from agent.service.runs.apart import show_started as shown

    after = request.headers.get("last-event-id", "0")
    await answers_of(request).do(lambda: shown(service_of(request), ident))
    return StreamingResponse(
        _followed(request, ident, int(after) if after.isdigit() else 0),
        media_type="text/event-stream",
        headers={"cache-control": "no-store"},
    )


async def _followed(request: Request, ident: str, after: int) -> AsyncIterator[bytes]:
    import asyncio
    import threading

    from agent.service.runs.apart import follow_run as follow

    service, loop = service_of(request), asyncio.get_running_loop()
    queue: asyncio.Queue[Any] = asyncio.Queue()
    gone = threading.Event()

    def read() -> None:
        try:
            for event in follow(service, ident, after=after, stopped=gone.is_set):
                loop.call_soon_threadsafe(queue.put_nowait, event)
        finally:
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, name=f"follow {ident}", daemon=True).start()
    try:
        while (event := await queue.get()) is not None:
            body = answers_of(request).bytes_of(event).decode()
            yield f"id: {event.number}\nevent: {event.kind}\ndata: {body}\n\n".encode()
    finally:
        gone.set()
