"""The flow of a source: the journal's tail in, commits out, and the same made again."""
