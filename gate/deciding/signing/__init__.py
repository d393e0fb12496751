"""Signing: how a person's key is asked for a signature. One kind a file, all in `table`."""
