"""Bars as a simulator needs them: steps, prices, what can be traded."""
