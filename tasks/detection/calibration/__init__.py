"""Calibration: how often each detector is wrong on the data it watches, and what it misses."""
