"""Tools that read: what can be found, the runs, the patterns, and explanations of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from agent.mcp.answering import answer, answering
from agent.service.patterns.models import PatternType  # noqa: TC001 - as below

if TYPE_CHECKING:
    from agent.service.service import Service

Limit = Annotated[int, Field(ge=1, le=200, description="At most so many.")]
Run = Annotated[
    str,
    Field(max_length=200, description="`last`, a run's id or its beginning, or a study's name."),
]


class Reader:
    """What a workspace holds, as tools.

    Parameters
    ----------
    service
        What is asked.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    @answering
    def search(
        self,
        query: Annotated[str, Field(min_length=1, max_length=2_000)],
        limit: Annotated[int, Field(ge=1, le=50, description="At most so many.")] = 8,
    ) -> dict[str, Any]:
        """Find passages: runs, patterns, ratings, rejections, specs, manuals, a person's notes."""
        from agent.service.explanations import search_memory

        found = search_memory(self._service, query, limit=limit)
        return answer("passages", found, [each.run for each in found if each.run])

    @answering
    def list_runs(self, limit: Limit = 20) -> dict[str, Any]:
        """List the finished runs with their figures and gate stage, the newest first."""
        from agent.service.runs.finished import list_runs

        found = list_runs(self._service)[:limit]
        return answer("runs", found, [run.run_id for run in found])

    @answering
    def show_run(self, run: Run = "last") -> dict[str, Any]:
        """Show a run: what was tried, its figures, the health of its data, lineage and files."""
        from agent.service.runs.finished import show_run

        found = show_run(self._service, run)
        return answer("run", found, [found.run_id])

    @answering
    def list_patterns(
        self,
        run: Run = "last",
        type: PatternType | None = None,  # noqa: A002 - the name that patterns have it under
        symbol: Annotated[str | None, Field(description="`market` for the market's own.")] = None,
        limit: Limit = 20,
    ) -> dict[str, Any]:
        """List the patterns that detectors found in a run, the newest first."""
        from agent.service.patterns.listing import list_patterns

        page = list_patterns(self._service, run=run, type=type, symbol=symbol, limit=limit)
        return answer("patterns", page.patterns, [page.run_id])

    @answering
    def show_pattern(
        self, pattern: Annotated[str, Field(min_length=1, description="Its id or the beginning.")]
    ) -> dict[str, Any]:
        """Show a pattern: states, confidence, contributors, calibration and feedback."""
        from agent.service.patterns.showing import show_pattern

        found = show_pattern(self._service, pattern)
        return answer("pattern", found, found.runs)

    @answering
    def explain(
        self,
        id: Annotated[str, Field(description="Of a run (or `last`) or of a pattern.")] = "last",  # noqa: A002
    ) -> dict[str, Any]:
        """Explain a run or a pattern; every value in the text carries its row and digest."""
        from agent.service.explanations import explain

        told = explain(self._service, id)
        keys = [source.key for value in told.values for source in value.sources]
        return answer("explanation", told, sorted({k["run_id"] for k in keys if "run_id" in k}))
