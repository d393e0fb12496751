"""Ingest: any file of bars becomes canonical bars and a report on the data's health.

The names below are loaded when they are first asked for, so that locating and digesting a source
costs no import of Polars.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.ingest.reader import inspect, read

__all__ = ["inspect", "read"]


def __getattr__(name: str) -> Any:
    """Load a public name from the reader."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tasks.ingest.reader"), name)
