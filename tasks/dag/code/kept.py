"""What was found of sources before, so that they need not be read as Python again.

It is kept in the person's own cache folder, never in a workspace, under the sha256 of each source:
times and sizes of files decide nothing. A file that others could have written is not believed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from configs.errors import QraftError
from configs.keys.private_files import LARGEST, cache_folder, read_private, replace_private
from tasks.dag.code import imports

FILE: Final = "code.json"


class Kept:
    """What is known, by keys that say of what.

    Parameters
    ----------
    path
        Where it is kept between processes; None to keep it in memory alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._there = _load(path) if path else {}
        self._used: dict[str, Any] = {}
        self._new = False

    def find(self, key: str) -> Any:
        """Return what was kept under a key, as JSON gives it back; None where nothing was."""
        found = self._used.get(key, self._there.get(key))
        if found is not None:
            self._used[key] = found
        return found

    def keep(self, key: str, found: Any) -> None:
        """Keep something that JSON can hold, until :meth:`save`."""
        self._used[key] = found
        self._new = True

    def save(self) -> None:
        """Write down what is new; where that cannot be done, it is found again the next time."""
        if self._path is None or not self._new:
            return
        self._new = False
        raw = _dump({**self._there, **self._used})
        raw = raw if len(raw) <= LARGEST else _dump(self._used)
        try:
            replace_private(self._path, raw)
        except (OSError, QraftError):
            return


def own_cache() -> Kept:
    """Return what is kept in the person's cache folder."""
    return Kept(cache_folder() / FILE)


def _load(path: Path) -> dict[str, Any]:
    try:
        raw = read_private(path, secret=False)
        content = json.loads(raw) if raw else {}
    except (OSError, ValueError, RecursionError, QraftError):
        return {}
    found = content.get("found") if isinstance(content, dict) else None
    return found if isinstance(found, dict) and content.get("by") == _reader() else {}


def _dump(found: dict[str, Any]) -> bytes:
    return json.dumps({"by": _reader(), "found": found}, separators=(",", ":")).encode()


def _reader() -> str:
    """Name who found it: other code, or another Python, may find other things."""
    source = Path(imports.__file__).read_bytes()
    return f"{hashlib.sha256(source).hexdigest()} {sys.version}"
