"""The operators of live sources, one a file: level one on events, level two on bars."""

from tasks.streams.operators.registry import LEVEL_ONE, LEVEL_TWO, check, make

__all__ = ["LEVEL_ONE", "LEVEL_TWO", "check", "make"]
