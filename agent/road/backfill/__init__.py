"""Backfill: a study as it would have been run at each of many past times."""
