"""The TaskSpecs that ship, found by name; a person's own are found by path."""

from __future__ import annotations

from pathlib import Path

from configs.errors import BadInput, did_you_mean
from configs.remedies import Mend

FOLDER = Path(__file__).parent
SUFFIX = ".yaml"


def shipped() -> dict[str, Path]:
    """Return the shipped specs, name to file, sorted by name."""
    return {path.stem: path for path in sorted(FOLDER.glob(f"*{SUFFIX}"))}


def find(name_or_path: str) -> Path:
    """Find a TaskSpec by the name of a shipped one or by a path.

    Raises
    ------
    BadInput
        If there is none, with near matches.
    """
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return path
    named = shipped()
    if name_or_path in named:
        return named[name_or_path]
    if path.stem in named and path.parent.name == FOLDER.name:
        return named[path.stem]
    raise BadInput(
        f"there is no TaskSpec `{name_or_path}`: neither a file nor the name of a shipped one",
        hint=did_you_mean(path.stem, named),
        remedy=Mend.PLAN_SPEC(),
    )
