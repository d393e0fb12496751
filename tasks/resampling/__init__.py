"""Resampling: coarser bars made of finer ones, before anything is computed from them."""

from tasks.resampling.merging import resample, study_bars
from tasks.resampling.resampling import Resampling, refuse_unfinished

__all__ = ["Resampling", "refuse_unfinished", "resample", "study_bars"]
