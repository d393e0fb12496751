"""Explain: what rows of the warehouse say, in sentences whose every value names its row."""
