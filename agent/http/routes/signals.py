"""Signals that left, each verified by whoever reads it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from agent.http.told import done, prepared

router = APIRouter(prefix="/signals", tags=["signals"])
opportunities = APIRouter(tags=["signals"])

Stage = Annotated[Literal["paper", "live"] | None, Query()]


@router.get("")
async def list_signals(request: Request, stage: Stage = None) -> Response:
    """Every signal that left, or was held back and why."""
    from agent.service.strategies.signals import list_signals as listed

    return await prepared(request, "signals", stage, make=lambda s: listed(s, stage=stage))


@router.get("/{strategy}")
async def show_signal(
    request: Request,
    strategy: Annotated[str, Path(pattern=r"^[A-Za-z0-9_.\-]{1,100}$")],
    stage: Stage = None,
    number: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """A strategy's newest signal, or that of a number, and whether it verifies."""
    from agent.service.strategies.signals import show_signal as shown

    return await prepared(
        request, "signal", strategy, stage, number,
        make=lambda service: shown(service, strategy, stage=stage, number=number),
    )  # fmt: skip


@opportunities.get("/opportunities")
async def list_opportunities(request: Request) -> Response:
    """What strategies at paper and live agree on, the strongest first, each with who says so."""
    from agent.service.strategies.opportunities import list_opportunities as listed

    return await done(request, listed)
