"""Tools that plan, run and propose: confined to the workspace, and none of them decides."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from agent.mcp.answering import answer, answering
from agent.mcp.reading import Run  # noqa: TC001 - the server reads the types of arguments
from configs.errors import BadInput, Forbidden

if TYPE_CHECKING:
    from agent.cli.context import Context
    from configs.document import Document
    from taskspecs.schema import TaskSpec

ROAD: Final = "mcp"
"""What the ledger calls trials and proposals that an assistant asked for."""


class Actor:
    """What an assistant may start in a workspace, as tools.

    Parameters
    ----------
    context
        The workspace and its stores.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = threading.Lock()

    @answering
    def plan(
        self, prompt: Annotated[str, Field(description="In English or Chinese.")]
    ) -> dict[str, Any]:
        """Turn a sentence into a TaskSpec; what was not understood comes back as questions.

        The models of the workspace's settings draft, else the template assistant. Runs nothing.
        While there are questions, put them to the person, and plan again.
        """
        from agent.assistant.grammar.drafts.shown import to_json
        from agent.assistant.llm.drafting import drafting
        from configs.output import talk

        return answer("plan", to_json(drafting(self._context, talk)(prompt)))

    @answering
    def run(
        self,
        spec: Annotated[
            str | None,
            Field(description="The name of a shipped TaskSpec, or a YAML file of the workspace."),
        ] = None,
        taskspec: Annotated[
            dict[str, Any] | None, Field(description="Or a TaskSpec itself, as `plan` gives it.")
        ] = None,
    ) -> dict[str, Any]:
        """Run a TaskSpec: its trial goes to the ledger before its result is known.

        May take minutes; what was computed before is not computed again. One run at a time.
        """
        from agent.cli.run import locating, report_path
        from agent.mcp.confinement import running
        from tasks.runs.run import run

        read, document = self._read(spec, taskspec)
        context = self._context
        with self._turn, running(read), locating(document):
            outcome = run(read, context.workspace, context.settings, road=ROAD)
        session = outcome.session
        metrics = session.frame("backtest", "metrics").to_dicts()
        told = {
            "run_id": session.plan.run_id,
            "strategy": session.plan.strategy,
            "computed": list(outcome.computed),
            "patterns": session.frame("detection", "patterns").height,
            "metrics": metrics,
            "report_file": str(report_path(outcome)),
        }
        return answer("outcome", told, [session.plan.run_id])

    @answering
    def propose(self, run: Run = "last") -> dict[str, Any]:
        """Submit a finished run to the gate, at stage dryrun: only people take it further.

        The evidence is read from the run's results, not from who asks.
        """
        from agent.cli.recorded import find_run, need_runs
        from storage.lake.objects import NotFound
        from tasks.dag.plan import read_plan
        from tasks.dag.session import Session, plan_path
        from tasks.runs.record.proposing import is_running, propose

        context = self._context
        need_runs(context)
        with context.warehouse() as warehouse:
            run_id = find_run(warehouse, run)["run_id"]
        try:
            saved = context.lake.store.get(plan_path(run_id))
        except NotFound as error:
            raise _must_run_again(run_id) from error
        session = Session(context.workspace, context.settings, read_plan(saved), context.lake)
        if not all(session.plan.done(context.lake).values()):
            raise _must_run_again(run_id)
        strategy = session.plan.strategy
        if is_running(session, context.ledger):
            raise Forbidden(
                f"{strategy} is at paper or live: its evidence is what it was approved for",
                next_command=f"qraft gate show {strategy}",
            )
        new = propose(session, context.ledger, road=ROAD)
        told = {"strategy": strategy, "run_id": run_id, "stage": "dryrun", "new": new}
        return answer("proposal", told, [run_id])

    def _read(self, name: str | None, written: dict[str, Any] | None) -> tuple[TaskSpec, Document]:
        from agent.mcp.confinement import read_named, read_written

        if (name is None) == (written is None):
            raise BadInput("give either `spec` or `taskspec`, not both and not neither")
        if name is not None:
            return read_named(self._context.workspace, name)
        return read_written(self._context.workspace, written or {})


def _must_run_again(run_id: str) -> BadInput:
    return BadInput(
        f"the results of the run {run_id} are not there as today's code would make them",
        hint="run its TaskSpec again, and propose that run",
    )
