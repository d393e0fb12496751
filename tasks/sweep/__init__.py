"""Sweeps: many variants of one study on the same data, by the fast engine."""
