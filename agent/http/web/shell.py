"""The page at `/`: a shell of HTML, and the files that it names; nothing is fetched elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Response
from starlette.staticfiles import StaticFiles

from agent.http.guard import CSP

if TYPE_CHECKING:
    from starlette.types import Scope

router = APIRouter(include_in_schema=False)

PAGE_CSP: Final = f"{CSP}; frame-src 'self'"
"""As everywhere; beside it the page shows reports, each apart in a sandbox."""
FRESH: Final = {"cache-control": "no-cache"}
"""A browser asks each time whether a file still holds: pages and modules are of one version."""


class Files(StaticFiles):
    """The modules, styles and pictures of the page."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, which is asked after each time."""
        answer = await super().get_response(path, scope)
        answer.headers.update(FRESH)
        return answer


def page_files() -> Any:
    """Return the application that serves the files of the page."""
    return Files(packages=[("agent.http.web", "static")])


@router.get("/")
async def show_page() -> Response:
    """The page."""
    page = Path(__file__).with_name("index.html").read_bytes()
    return Response(
        page, media_type="text/html; charset=utf-8",
        headers={**FRESH, "content-security-policy": PAGE_CSP},
    )  # fmt: skip
