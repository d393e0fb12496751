"""Patterns: those of a run, a page at a time; one with its evidence; and what people think."""
