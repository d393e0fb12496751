"""Many views of one series, one score."""
