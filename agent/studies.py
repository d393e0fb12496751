"""The studies of a workspace that rerun by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import BadInput
from taskspecs.catalogue import find
from taskspecs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from configs.settings import Settings
    from configs.workspace import Workspace
    from taskspecs.schema import TaskSpec


@dataclass(frozen=True, slots=True)
class Study:
    """A TaskSpec and its file."""

    path: Path
    spec: TaskSpec


def named_studies(names: Sequence[str]) -> list[Study]:
    """Load studies by name or path.

    Raises
    ------
    BadInput
        Located, if one of them is wrong, or two have one name.
    """
    return _distinct([Study(path, load(path)[0]) for path in map(find, names)])


def watched_studies(
    workspace: Workspace, settings: Settings, *, say: Callable[[str], None]
) -> list[Study]:
    """Load the studies that the settings name; one that cannot be read is said and passed over.

    Raises
    ------
    BadInput
        If two have one name.
    """
    found = []
    for pattern in settings.studies:
        for path in sorted(workspace.root.glob(pattern)):
            try:
                workspace.inside(str(path.relative_to(workspace.root)))
                found.append(Study(path, load(path)[0]))
            except BadInput as error:
                say(f"{path.name} is passed over: {error}")
    return _distinct(found)


def _distinct(studies: list[Study]) -> list[Study]:
    seen: dict[str, Path] = {}
    for study in studies:
        name = study.spec.name
        if name in seen and seen[name] != study.path:
            raise BadInput(
                f"{seen[name]} and {study.path} are both called `{name}`",
                hint="a study's name is what is scheduled and woken; give each its own",
            )
        seen[name] = study.path
    return list({study.spec.name: study for study in studies}.values())
