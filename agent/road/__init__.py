"""The event road: what is told or due becomes runs, each exactly once."""
