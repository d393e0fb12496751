"""A person's agreement to where a workspace's settings send secrets, as `qraft trust` keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.endpoints.trust import _all, agree
from configs.settings import read_settings
from configs.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def agree_to_settings(folder: Path) -> None:
    agree(_all(read_settings(Workspace(folder.resolve()))[0]))
