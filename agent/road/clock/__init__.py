"""The clock: studies that run again at stated times."""
