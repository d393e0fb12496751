"""Live sources: how they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from agent.http.told import done

router = APIRouter(tags=["sources"])


@router.get("/sources")
async def list_sources(request: Request) -> Response:
    """The live sources that were recorded here: at work or not, lag, gaps, counts."""
    from agent.service.sources import list_sources as listed

    return await done(request, listed)


@router.get("/sources/{name}")
async def show_source(
    request: Request, name: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
) -> Response:
    """How one source is."""
    from agent.service.sources import show_source as shown

    return await done(request, lambda service: shown(service, name))
