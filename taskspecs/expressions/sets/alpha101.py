"""Formulaic alphas of Kakushadze (2016), those that need neither industry nor market value.

It reads open, high, low, close, volume and vwap, and compares symbols with each other.
"""

from __future__ import annotations

from pathlib import Path

from taskspecs.expressions.sets.files import load


def expressions() -> dict[str, str]:
    """Read the set from the file beside this module."""
    return load(Path(__file__).with_suffix(".yaml"))
