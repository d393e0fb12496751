"""Drift: the mean of what is watched, or of a model's errors, is no longer what it was."""
