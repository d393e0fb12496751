"""Aggregation: many symbols made comparable at one time, and series of the whole market."""

from tasks.aggregation.aggregated import Aggregated, aggregate

__all__ = ["Aggregated", "aggregate"]
