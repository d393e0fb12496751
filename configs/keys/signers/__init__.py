"""Signers: the kinds of key that people and machines sign with. One a file, all in `table`."""
