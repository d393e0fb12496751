"""Tools that plan, run and propose: confined to the workspace, and none of them decides."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from agent.mcp.answering import answer, answering
from agent.mcp.reading import Run  # noqa: TC001 - the server reads the types of arguments
from configs.errors import BadInput

if TYPE_CHECKING:
    from agent.service.service import Service
    from agent.service.specs import Written

ROAD: Final = "mcp"
"""What the ledger calls trials and proposals that an assistant asked for."""


class Actor:
    """What an assistant may start in a workspace, as tools.

    Parameters
    ----------
    service
        What is asked.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._turn = threading.Lock()

    @answering
    def plan(
        self, prompt: Annotated[str, Field(description="In English or Chinese.")]
    ) -> dict[str, Any]:
        """Turn a sentence into a TaskSpec; what was not understood comes back as questions.

        The models of the workspace's settings draft, else the template assistant. Runs nothing.
        While there are questions, put them to the person, and plan again.
        """
        from agent.service.plans import draft_spec

        return answer("plan", draft_spec(self._service, prompt))

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
        from agent.service.confinement import running
        from agent.service.runs.now import run_now

        read = self._read(spec, taskspec)
        with self._turn, running(read):
            outcome = run_now(self._service, read, road=ROAD, tells=False)
        return answer("outcome", outcome, [outcome.run_id])

    @answering
    def propose(self, run: Run = "last") -> dict[str, Any]:
        """Submit a finished run to the gate, at stage dryrun: only people take it further.

        The evidence is read from the run's results, not from who asks.
        """
        from agent.service.runs.proposing import propose

        proposed = propose(self._service, run, road=ROAD)
        return answer("proposal", proposed, [proposed.run_id])

    def _read(self, name: str | None, written: dict[str, Any] | None) -> Written:
        from agent.service.confinement import read_named, read_written

        if (name is None) == (written is None):
            raise BadInput("give either `spec` or `taskspec`, not both and not neither")
        if name is not None:
            return read_named(self._service.workspace, name)
        return read_written(self._service.workspace, written or {})
