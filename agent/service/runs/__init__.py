"""Runs: those that are finished, one that is run here and now, and those that run apart."""
