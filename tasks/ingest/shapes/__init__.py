"""Shapes in which bars are written: how headings name them, or how they are known without any."""
