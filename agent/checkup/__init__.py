"""The check-up: what is configured, reachable, whole, and what mends what is not."""
