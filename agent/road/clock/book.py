"""The clock's book: one small file for each study, replaced whole and synced."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.road.clock.page import Page, parse_page
from configs.errors import Damaged, Failed

if TYPE_CHECKING:
    from pathlib import Path

    from configs.workspace import Workspace


class Book:
    """What was done of each study's times.

    Parameters
    ----------
    workspace
        Its folder ``.qraft/clock`` holds the files.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.home / "clock"

    def path(self, study: str) -> Path:
        """Return where a study's page is."""
        return self._folder / f"{study}.json"

    def read(self, study: str) -> Page | None:
        """Return a study's page; None for a study that no clock has seen.

        Raises
        ------
        Damaged
            If it cannot be read as what it should be.
        """
        path = self.path(study)
        try:
            return parse_page(path.read_bytes(), study)
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise Damaged(
                f"{path} is not the clock's book of {study}: {str(error).splitlines()[0]}",
                hint="the clock sets it aside and begins anew with the latest time that is due",
            ) from error

    def write(self, page: Page) -> None:
        """Replace a study's page; when this returns, it survives the machine's end.

        Raises
        ------
        Failed
            If the disk does not take it.
        """
        path = self.path(page.study)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(page.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            self._sync()
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise Failed(f"{path} cannot be written: {error.strerror or error}") from error

    def set_aside(self, study: str) -> Path:
        """Move what is not a page out of the way, for a person to look at.

        Raises
        ------
        Failed
            If it cannot be moved.
        """
        path = self.path(study)
        aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}")
        try:
            path.rename(aside)
            self._sync()
        except OSError as error:
            raise Failed(f"{path} cannot be set aside: {error.strerror or error}") from error
        return aside

    def set_aside_before(self, study: str) -> list[Path]:
        """Return what was set aside of a study's, the oldest first."""
        return sorted(self._folder.glob(f"{study}.json.damaged-*"))

    def _sync(self) -> None:
        """Let the folder's entries reach the disk, too."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
