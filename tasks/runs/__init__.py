"""Runs: planned, put on the ledger, built, recorded, repeated and compared."""
