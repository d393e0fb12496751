"""What every command shares: the service, and what the gate's commands ask for besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.service.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.statistics.moments import Moments
    from storage.lake.guard import Opening


class Context(Service):
    """One invocation of the command line: a service that says on stderr what it waits for.

    Parameters
    ----------
    folder
        The workspace that was asked for, if any.
    """

    def __init__(self, folder: str | None) -> None:
        from configs.output import talk

        super().__init__(folder, say=talk)

    def replay(self, run_id: str, opening: Opening) -> Moments | None:
        """Play a run past the seal of its data, with the gate's word."""
        from tasks.runs.holdout import replay

        return replay(self.lake, run_id, opening)

    def tell_promotions(self) -> None:
        """Tell those who wait for promotions; what cannot be told now is told later."""
        from agent.road.triggers.promotions import tell_at_once

        tell_at_once(self.workspace, self.settings, self.ledger.entries())

    def identify(self, run_id: str) -> Mapping[str, str]:
        """Return the digests of what a run would be now: spec, code and data."""
        from tasks.runs.identification import identify

        return identify(self.lake, self.ledger, self.workspace, run_id)

    def describe(self, run_id: str) -> Mapping[str, Any]:
        """Return the resolved spec of a run and its symbols, where they are at hand."""
        from tasks.runs.identification import describe

        return describe(self.lake, run_id)
