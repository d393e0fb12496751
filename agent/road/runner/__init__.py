"""Runs in processes of their own, warm before they are asked."""
