"""Windows: bars that are closed once, whole."""
