"""Drafts: a TaskSpec with where each of its values is from."""
