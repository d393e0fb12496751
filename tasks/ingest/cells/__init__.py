"""Cells as numbers."""
