"""Events: what happened, told to whoever listens, at least once."""
