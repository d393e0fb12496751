"""Anomaly: a bar unlike those before it."""
