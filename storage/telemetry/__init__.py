"""Telemetry: what ran, how long, on how much; lines in a file, and from there to a server."""
