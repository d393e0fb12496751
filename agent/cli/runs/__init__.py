"""Commands about runs: planned, made, listed, compared, repeated, varied."""
