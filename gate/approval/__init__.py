"""Approvals: what a person says yes to, what makes it void, and what may leave under it."""
