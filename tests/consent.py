"""A person's agreement to where settings and sources lead, as `qraft trust` keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.settings import read_settings
from configs.trust import _all, agree
from configs.workspace import Workspace
from taskspecs.sources.consent import sendings

if TYPE_CHECKING:
    from pathlib import Path

    from taskspecs.sources.spec import SourceSpec


def agree_to_settings(folder: Path) -> None:
    agree(_all(read_settings(Workspace(folder.resolve()))[0]))


def agree_to_source(spec: SourceSpec) -> None:
    agree(sendings(spec))
