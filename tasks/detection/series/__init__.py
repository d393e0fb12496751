"""Frames cut into series, and scores put together again."""
