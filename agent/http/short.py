"""Short names of what is asked most: they answer as the routes under `/api/v1` do."""

from __future__ import annotations

from fastapi import APIRouter

from agent.http.routes import patterns, sources

router = APIRouter(prefix="/api", tags=["short names"], include_in_schema=False)
router.add_api_route("/sources", sources.list_sources, methods=["GET"])
router.add_api_route("/patterns", patterns.list_patterns, methods=["GET"])
router.add_api_route("/pattern/{ident}", patterns.show_pattern, methods=["GET"])
router.add_api_route("/feedback/{ident}", patterns.rate_pattern, methods=["POST"], status_code=201)
