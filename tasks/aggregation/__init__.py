"""Aggregation: bars made coarser, many symbols made comparable, and series of the whole market."""

from tasks.aggregation.aggregated import Aggregated, aggregate
from tasks.resampling import resample

__all__ = ["Aggregated", "aggregate", "resample"]
