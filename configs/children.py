"""What a process that we start may import: installed code alone, never a file that lies about.

Python puts the current folder before the standard library when it is started with ``-m`` or
``-c``, which is how workers, resource trackers and schedulers are started: a `signal.py` among a
person's data would be run. Every process that Qraft starts is told not to (``PYTHONSAFEPATH``),
and this process forgets such folders before it imports anything else.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

SAFE: Final = "PYTHONSAFEPATH"
PATH: Final = "PYTHONPATH"
OWN_SETTINGS: Final = Path(__file__).with_name("luigi.cfg")
"""Luigi's settings: ours alone, however its variables are set."""
HOME: Final = Path(__file__).resolve().parents[1]
"""The folder that Qraft itself is imported from."""

FIXED: Final = {
    SAFE: "1",
    "LUIGI_CONFIG_PARSER": "cfg",
    "LUIGI_CONFIG_PATH": str(OWN_SETTINGS),
    # Numba loads compiled code from its cache; where that is, a file of a folder must not say.
    "NUMBA_CACHE_DIR": "",
}
DROPPED: Final = frozenset({"PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONBREAKPOINT", "PYTHONHOME"})
"""Variables that name code, or where Python's own is, and that no child of ours needs."""
OPERATORS: Final = frozenset({"NUMBA_CACHE_DIR"})
"""Those of :data:`FIXED` that an operator's environment may set otherwise."""


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that we start.

    Parameters
    ----------
    extra
        What it gets beside this process's own; it cannot open what is closed here.
    """
    environment = {**os.environ, **(extra or {})}
    _close(environment)
    return environment


def protect_children() -> None:
    """Close this process's own environment: for libraries that hand it on to their workers."""
    _close(os.environ)


def protect_this_process() -> None:
    """Import nothing from the current folder from here on; the first act of a command."""
    protect_children()
    here = Path.cwd()
    sys.path[:] = [entry for entry in sys.path if not _lies_about(entry, here)]


def _close(environment: MutableMapping[str, str]) -> None:
    for name, value in FIXED.items():
        if name not in OPERATORS or not _absolute(environment.get(name, "")):
            environment[name] = value
    for name in DROPPED & environment.keys():
        del environment[name]
    if PATH in environment:
        # An empty or relative entry means the current folder, whatever PYTHONSAFEPATH says.
        entries = [entry for entry in environment[PATH].split(os.pathsep) if _absolute(entry)]
        if entries:
            environment[PATH] = os.pathsep.join(entries)
        else:
            del environment[PATH]


def _absolute(entry: str) -> bool:
    return Path(entry).is_absolute()


def _lies_about(entry: str, here: Path) -> bool:
    """Whether an entry of the path means the current folder, and Qraft is not installed there."""
    if not entry or not _absolute(entry):
        return True
    folder = Path(entry).resolve()
    return folder == here.resolve() and folder != HOME
