"""The warehouse's tables of live sources, and what is sealed and let go of."""
