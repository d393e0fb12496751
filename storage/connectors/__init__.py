"""Connectors: what a source says, byte by byte, from its wire into a sink."""
