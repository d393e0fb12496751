"""Statements: what a person is shown before they sign, and that it is what the ledger says."""
