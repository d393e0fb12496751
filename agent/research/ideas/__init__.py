"""Ideas: when two are one, and which a workspace has tried."""
