"""Frames as tables of text."""
