"""Checks: the questions that a policy may ask of the evidence. Pure."""
