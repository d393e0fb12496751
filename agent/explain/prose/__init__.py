"""Sentences over rows, and what may be said in them."""
