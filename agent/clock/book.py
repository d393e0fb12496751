"""What the clock has done: one small file for each study, replaced whole."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import TYPE_CHECKING

from configs.errors import Damaged

if TYPE_CHECKING:
    from configs.workspace import Workspace


class Book:
    """Up to when each study's times were run.

    Parameters
    ----------
    workspace
        Its folder ``.qraft/clock`` holds the files.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.home / "clock"

    def done_until(self, study: str, *, now: datetime) -> datetime:
        """Return up to when a study's times were run; a new study begins now, with none missed."""
        done = self.known(study)
        if done is None:
            self.mark(study, now)
            return now
        return done

    def known(self, study: str) -> datetime | None:
        """Return up to when a study's times were run; None for one that no clock has seen.

        Raises
        ------
        Damaged
            If that cannot be read.
        """
        path = self._folder / f"{study}.json"
        try:
            told = json.loads(path.read_text())
            return datetime.fromisoformat(told["done_until"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(
                f"{path} cannot be read, so it is not known which times {study} missed",
                hint="delete it to begin anew from now",
            ) from error

    def mark(self, study: str, until: datetime) -> None:
        """Write that a study's times were run up to `until`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{study}.json"
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.write_text(json.dumps({"done_until": until.isoformat()}))
        unfinished.replace(path)
