"""What trading costs: one model of costs a file, a table of them, and what both engines charge."""
