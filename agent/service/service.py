"""A workspace that is opened to be asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.ledger import Ledger
    from storage.warehouse.port import Warehouse


def say_nothing(_message: str) -> None:
    """Tell nobody."""


class Service:
    """A workspace and its stores, each opened when it is first needed.

    It may be shared by threads. The embedded warehouse is one process's at a time, so it is opened
    for each question and closed again, and whoever else holds it is waited for.

    Parameters
    ----------
    folder
        The workspace; default ``QRAFT_WORKSPACE``, else the current folder.
    say
        Told, in a sentence, what is waited for or left out.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Service(folder) as service:
    ...     service.settings.warehouse
    'chdb://.qraft/warehouse'
    """

    def __init__(
        self, folder: str | None = None, *, say: Callable[[str], None] = say_nothing
    ) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._workspace: Workspace | None = None
        self._settings: Settings | None = None
        self._lake: Lake | None = None
        self._ledger: Ledger | None = None
        self.say = say

    def __enter__(self) -> Self:
        """Refuse a folder or settings that cannot be used before anything is asked."""
        _ = self.settings
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the stores; what is asked afterwards opens them anew."""
        with self._lock:
            self._settings = self._lake = self._ledger = None

    @property
    def workspace(self) -> Workspace:
        """The workspace.

        Raises
        ------
        BadInput
            If it is not a folder.
        """
        from configs.workspace import open_workspace

        with self._lock:
            if self._workspace is None:
                self._workspace = open_workspace(self._folder)
            return self._workspace

    @property
    def settings(self) -> Settings:
        """The workspace's settings, as they were when they were first needed."""
        from configs.settings import load_settings

        with self._lock:
            if self._settings is None:
                self._settings = load_settings(self.workspace)
            return self._settings

    @property
    def lake(self) -> Lake:
        """The lake; it refuses what is sealed."""
        from storage.open import open_lake

        with self._lock:
            if self._lake is None:
                self._lake = open_lake(self.settings, self.workspace)
            return self._lake

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        from storage.open import open_ledger

        with self._lock:
            if self._ledger is None:
                self._ledger = open_ledger(self.settings, self.workspace)
            return self._ledger

    def warehouse(self) -> AbstractContextManager[Warehouse]:
        """Open the warehouse briefly, saying so if somebody else holds it."""
        from storage.open import open_warehouse

        return open_warehouse(self.settings, self.workspace, on_wait=self.say)

    def any_begun(self) -> bool:
        """Whether any run was ever begun here; where none was, the warehouse is not made."""
        return bool(self.lake.store.list("runs"))
