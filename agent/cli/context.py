"""What every command shares: the workspace and its stores, opened when they are first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from configs.settings import Settings
    from configs.workspace import Workspace
    from gate.statistics.moments import Moments
    from storage.lake.guard import Opening
    from storage.lake.lake import Lake
    from storage.ledger import Ledger
    from storage.warehouse.port import Warehouse


class Context:
    """One invocation of the command line.

    Parameters
    ----------
    folder
        The workspace that was asked for, if any.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = folder

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace."""
        from configs.workspace import open_workspace

        return open_workspace(self._folder)

    @cached_property
    def settings(self) -> Settings:
        """The workspace's settings."""
        from configs.settings import load_settings

        return load_settings(self.workspace)

    @cached_property
    def lake(self) -> Lake:
        """The lake."""
        from storage.open import open_lake

        return open_lake(self.settings, self.workspace)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger."""
        from storage.open import open_ledger

        return open_ledger(self.settings, self.workspace)

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

    def warehouse(self) -> AbstractContextManager[Warehouse]:
        """Open the warehouse briefly, saying so if another command holds it."""
        from configs.output import talk
        from storage.open import open_warehouse

        return open_warehouse(self.settings, self.workspace, on_wait=talk)
