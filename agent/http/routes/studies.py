"""Studies, and how the clock has them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from agent.http.told import done, prepared

router = APIRouter(tags=["studies"])


@router.get("/studies")
async def list_studies(request: Request) -> Response:
    """The studies that ship and those of the workspace."""
    from agent.service.studies import list_studies as listed

    return await done(request, listed)


@router.get("/studies/{name}")
async def read_taskspec(
    request: Request, name: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
) -> Response:
    """A study's TaskSpec with every default written out."""
    from agent.service.studies import read_taskspec as read

    return await done(request, lambda service: read(service, name))


@router.get("/schedule")
async def list_schedule(request: Request) -> Response:
    """What the clock did, tries, missed and will do, study by study."""
    from agent.service.studies import list_schedule as listed

    return await done(request, listed)


@router.get("/schema/taskspec")
async def show_schema(request: Request) -> Response:
    """The JSON Schema of a TaskSpec, for editors."""
    from taskspecs.schema import TaskSpec

    return await prepared(request, "schema", make=lambda _: TaskSpec.model_json_schema())
