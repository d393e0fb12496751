"""Commands in sentences: ask, explain, research."""
