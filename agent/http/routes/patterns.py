"""Patterns of runs, and what people think of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.http.told import done, prepared

router = APIRouter(tags=["patterns"])

Ident = Annotated[str, Path(pattern=r"^[0-9a-f]{4,64}$")]
Run = Annotated[str, Query(min_length=1, max_length=100)]


class Rated(BaseModel):
    """What a person thinks."""

    model_config = ConfigDict(extra="forbid")

    rating: Literal[-1, 0, 1]
    comment: Annotated[str, Field(max_length=2_000)] = ""
    by: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@\- ]{1,64}$")] = "http"


@router.get("/patterns")
async def list_patterns(
    request: Request,
    *,
    run: Run = "last",
    type: Literal["drift", "anomaly", "cluster_change"] | None = None,  # noqa: A002 - its name
    symbol: Annotated[str | None, Query(max_length=64)] = None,
    detector: Annotated[str | None, Query(max_length=64)] = None,
    withheld: bool = False,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
) -> Response:
    """Patterns of a run, the newest first; `next` is the cursor of the page that follows."""
    from agent.service.patterns.listing import list_patterns as listed

    asked = {
        "run": run, "type": type, "symbol": symbol, "detector": detector, "withheld": withheld,
        "after": after, "limit": limit,
    }  # fmt: skip
    key = ("patterns", *asked.values())
    return await prepared(request, *key, make=lambda service: listed(service, **asked))  # type: ignore[arg-type]


@router.get("/patterns/{ident}")
async def show_pattern(request: Request, ident: Ident) -> Response:
    """A pattern with its evidence: calibration, feedback, the runs that found it."""
    from agent.service.patterns.showing import show_pattern as shown

    return await prepared(request, "pattern", ident, make=lambda service: shown(service, ident))


@router.get("/patterns/{ident}/bars")
async def show_bars(
    request: Request,
    ident: Ident,
    before: Annotated[int, Query(ge=0, le=500)] = 20,
    after: Annotated[int, Query(ge=0, le=500)] = 20,
) -> Response:
    """The bars before and after a pattern."""
    from agent.service.patterns.showing import bars_around

    return await prepared(
        request, "bars", ident, before, after,
        make=lambda service: bars_around(service, ident, before=before, after=after),
    )  # fmt: skip


@router.post("/patterns/{ident}/feedback", status_code=201)
async def rate_pattern(request: Request, ident: Ident, said: Rated) -> Response:
    """Rate a pattern: -1 useless, 0 undecided, 1 useful; it goes to the ledger."""
    from agent.service.patterns.rating import rate_pattern as rate

    return await done(
        request,
        lambda service: rate(
            service, ident, rating=said.rating, comment=said.comment, actor=said.by
        ),
        status=201,
    )
