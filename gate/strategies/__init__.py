"""Strategies as the ledger tells them, the stages between which they move, proposals."""
