"""What is made once for all processes that run the tests, and opened or copied by each of them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that `make` filled, in whichever process came first.

    Nobody writes in it: who wants to do so copies it.
    """
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place, whole = shared / f"once-{name}", shared / f"once-{name}.whole"
    with FileLock(shared / f"once-{name}.lock"):
        if not whole.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            make(place)
            whole.touch()
    return place


def copied(folders: pytest.TempPathFactory, origin: Path) -> Path:
    """Return a copy of a folder, to do with as one likes."""
    copy = folders.mktemp("copy") / "workspace"
    shutil.copytree(origin, copy, symlinks=True)
    return copy
