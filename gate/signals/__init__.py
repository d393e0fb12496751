"""Signals: what leaves the house, signed, and how it is held against what was approved."""
