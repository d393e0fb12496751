"""Channels by HTTP: what was, page by page, and what happens, as server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from agent.http.push.channels import CHANNELS, channel
from agent.http.push.streams import events, read_cursors
from agent.http.told import answers_of

router = APIRouter(tags=["channels"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_.]{0,80}$")]


@router.get("/channels")
async def list_channels(request: Request) -> Response:
    """The channels there are, beside `run.ID` for each run that was started."""
    body = answers_of(request).bytes_of(sorted(CHANNELS))
    return Response(body, media_type="application/json")


@router.get("/channels/{name}")
async def read_history(
    request: Request, name: Name, after: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """What happened on a channel after a cursor, and the cursor to go on from."""
    found = await request.app.state.hub.history(name, after)
    said = {
        "items": [{"cursor": item.cursor, "data": item.value} for item in found],
        "cursor": found[-1].cursor if found else after,
    }
    body = answers_of(request).bytes_of(said)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/stream")
async def stream(
    request: Request, channels: Annotated[str, Query(min_length=1, max_length=1_000)]
) -> Response:
    """What happens on channels, named with commas between; `Last-Event-ID` resumes."""
    names = [name for name in dict.fromkeys(channels.split(",")) if name][:32]
    for name in names:
        channel(name)
    last = request.headers.get("last-event-id")
    read_cursors(last)
    return StreamingResponse(
        events(request.app.state.hub, names, last), media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )  # fmt: skip
