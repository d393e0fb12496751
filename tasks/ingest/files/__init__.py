"""Files as people have them: told by their content, opened within bounds, read as tables."""
