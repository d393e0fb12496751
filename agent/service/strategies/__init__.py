"""Strategies that are followed: their accounts, their signals, and what they agree on."""
