"""Evidence: trials, their outcomes, what checks found, assembled for a strategy."""
