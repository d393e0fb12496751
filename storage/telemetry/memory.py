"""How much memory this process has used at most."""

from __future__ import annotations

import resource
import sys

_UNIT = 1 if sys.platform == "darwin" else 1024
"""macOS counts in bytes, Linux in KiB."""


def peak_memory_bytes() -> int:
    """Return the largest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
