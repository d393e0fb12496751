"""Tools that read: what can be found, the runs, the patterns, and explanations of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from agent.mcp.answering import answer, answering

if TYPE_CHECKING:
    from agent.cli.context import Context

Limit = Annotated[int, Field(ge=1, le=200, description="At most so many.")]
Run = Annotated[
    str,
    Field(max_length=200, description="`last`, a run's id or its beginning, or a study's name."),
]
PatternType = Literal["drift", "anomaly", "cluster_change"]


class Reader:
    """What a workspace holds, as tools.

    Parameters
    ----------
    context
        The workspace and its stores.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @answering
    def search(
        self,
        query: Annotated[str, Field(min_length=1, max_length=2_000)],
        limit: Annotated[int, Field(ge=1, le=50, description="At most so many.")] = 8,
    ) -> dict[str, Any]:
        """Find passages: runs, patterns, ratings, rejections, specs, manuals, a person's notes."""
        from dataclasses import asdict

        from agent.memory.recall import retrieve
        from configs.output import talk

        found = retrieve(self._context, query, limit=limit, say=talk)
        told = [{"score": each.score, **asdict(each.passage)} for each in found]
        return answer("passages", told, [each.passage.run for each in found if each.passage.run])

    @answering
    def list_runs(self, limit: Limit = 20) -> dict[str, Any]:
        """List the finished runs with their figures and gate stage, the newest first."""
        from agent.cli.runs import listed_runs

        found = listed_runs(self._context)[:limit]
        return answer("runs", found, [run["run_id"] for run in found])

    @answering
    def show_run(self, run: Run = "last") -> dict[str, Any]:
        """Show a run: what was tried, its figures, the health of its data, lineage and files."""
        from agent.cli.runs import gather_run

        found = gather_run(self._context, run)
        return answer("run", found, [found["run"]["run_id"]])

    @answering
    def list_patterns(
        self,
        run: Run = "last",
        type: PatternType | None = None,  # noqa: A002 - the name that patterns have it under
        symbol: Annotated[str | None, Field(description="`market` for the market's own.")] = None,
        limit: Limit = 20,
    ) -> dict[str, Any]:
        """List the patterns that detectors found in a run, the newest first."""
        from agent.cli.patterns import patterns_of
        from agent.cli.recorded import find_run, need_runs

        need_runs(self._context)
        with self._context.warehouse() as warehouse:
            row = find_run(warehouse, run)
            found = patterns_of(warehouse, row["run_id"], type, symbol, withheld=False)
        return answer("patterns", found[:limit], [row["run_id"]])

    @answering
    def show_pattern(
        self, pattern: Annotated[str, Field(min_length=1, description="Its id or the beginning.")]
    ) -> dict[str, Any]:
        """Show a pattern: states, confidence, contributors, calibration and feedback."""
        from agent.cli.pattern_page import find_pattern, gather_pattern
        from agent.cli.recorded import need_runs

        need_runs(self._context)
        with self._context.warehouse() as warehouse:
            found, _ = gather_pattern(warehouse, find_pattern(warehouse, pattern))
        return answer("pattern", found, found["runs"])

    @answering
    def explain(
        self,
        id: Annotated[str, Field(description="Of a run (or `last`) or of a pattern.")] = "last",  # noqa: A002
    ) -> dict[str, Any]:
        """Explain a run or a pattern; every value in the text carries its row and digest."""
        from agent.cli.explain import explanation_of
        from agent.explain.shown import to_json

        told = to_json(explanation_of(self._context, id))
        keys = [source["key"] for value in told["values"] for source in value["sources"]]
        return answer("explanation", told, sorted({k["run_id"] for k in keys if "run_id" in k}))
