"""Bundles: the ledger and its evidence in one signed file, for whoever has no workspace."""
