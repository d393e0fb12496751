"""Rows judged as bars: prices, volumes, duplicates, units, adjustment, what looks wrong."""
