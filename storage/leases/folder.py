"""Leases beside a lake in a folder: locks that the kernel lets go of when a process dies."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT_S = 30 * 86_400.0
"""The kernel knows whether a holder lives: it is waited for as long as it takes."""


class FolderLeases:
    """Leases as locked files of a folder.

    Parameters
    ----------
    folder
        Made when the first lease is taken; holds a file for each lease that is held now.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(
        self, name: str, *, what: str, on_wait: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Hold a lease; see :class:`~storage.leases.port.Leases`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.lock"
        with hold(path, what=what, timeout_s=WAIT_S, on_wait=on_wait, keep_file=False):
            yield
