"""The chapters of a run's explanation: each reads rows and writes sentences. Pure."""
