"""Histories of exchanges: asked for what is missing, and for all of a period."""

from tasks.sources.history.gaps import ask

__all__ = ["ask"]
