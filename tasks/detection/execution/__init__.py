"""Detectors run over series: pieces of work, processes, states, checkpoints."""
