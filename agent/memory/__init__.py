"""Memory: what was tried, found, rejected and noted, as passages that can be found again."""
