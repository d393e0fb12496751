"""Seals: data that research may not read, recognised by what they hold, not by their names."""
