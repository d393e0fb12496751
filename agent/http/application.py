"""The application: routes, push, pages, and what stands before them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from agent.http.answers import Answers
from agent.http.guard import Guard
from agent.http.push.hub import Hub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from fastapi import FastAPI
    from starlette.websockets import WebSocket

    from agent.http.tokens import Tokens
    from agent.service.service import Service

API = "/api/v1"


def make_app(service: Service, *, hosts: Collection[str], tokens: Tokens | None = None) -> Guard:
    """Return the application, guarded.

    Parameters
    ----------
    hosts
        Names by which it may be called, with ports.
    tokens
        Who may ask; None where only this machine can reach it.
    """
    from fastapi import FastAPI

    from agent.http.told import handle_errors

    app = FastAPI(
        title="Qraft", version=_version(), lifespan=_living, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json",
        description="What a workspace can be asked. Nothing here approves or promotes.",
    )  # fmt: skip
    app.state.service = service
    app.state.answers = Answers(service)
    app.state.hub = Hub(app.state.answers, service)
    app.state.registry = _registry(app)
    _add_routes(app)
    handle_errors(app)
    return Guard(app, hosts=hosts, tokens=tokens)


def _add_routes(app: FastAPI) -> None:
    from starlette.staticfiles import StaticFiles

    from agent.http import pages, short
    from agent.http.push import routes as push
    from agent.http.routes import assistant, gate, patterns, runs, signals, sources, studies, system
    from agent.http.web import shell

    for module in (patterns, runs, sources, studies, assistant, gate, signals, system, push):
        app.include_router(module.router, prefix=API)
    app.include_router(signals.opportunities, prefix=API)
    app.include_router(short.router)
    app.include_router(system.outside)
    app.include_router(pages.router)
    app.include_router(shell.router)
    app.mount("/static", StaticFiles(packages=[("agent.http", "static")]))
    app.mount("/web", shell.page_files())
    app.router.add_websocket_route("/ws", _socket)


async def _socket(socket: WebSocket) -> None:
    from agent.http.push.sockets import serve

    await serve(socket, socket.app.state.hub)


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """Watch the workspace while the server lives."""
    watching = [
        asyncio.ensure_future(app.state.answers.watch()),
        asyncio.ensure_future(app.state.hub.watch()),
    ]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        app.state.answers.close()


def _registry(app: FastAPI) -> Any:
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry()
    gauge = Gauge("qraft_http_listeners", "Channels that clients listen to now.", registry=registry)
    gauge.set_function(lambda: app.state.hub.listeners)
    return registry


def _version() -> str:
    from importlib.metadata import version

    return version("qraft")
