"""The gate, to be read: nothing here approves, promotes, demotes, halts or opens a holdout."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from agent.http.told import prepared

router = APIRouter(prefix="/gate", tags=["gate"])

Strategy = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.\-]{1,100}$")]


@router.get("/strategies")
async def list_strategies(request: Request) -> Response:
    """The strategies, where they stand, and what their next step lacks."""
    from agent.service.gate import list_strategies as listed

    return await prepared(request, "strategies", make=listed)


@router.get("/strategies/{strategy}")
async def show_strategy(request: Request, strategy: Strategy) -> Response:
    """A strategy with its evidence, its checks and its entries."""
    from agent.service.gate import show_strategy as shown

    return await prepared(request, "strategy", strategy, make=lambda s: shown(s, strategy))


@router.get("/entries")
async def list_entries(
    request: Request,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """The ledger's entries, in their order."""
    from agent.service.gate import list_entries as listed

    return await prepared(
        request, "entries", kind, after, limit,
        make=lambda service: listed(service, kind=kind, after=after, limit=limit),
    )  # fmt: skip
