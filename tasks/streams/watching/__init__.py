"""Detectors over live series: quiet, tails, thresholds."""
