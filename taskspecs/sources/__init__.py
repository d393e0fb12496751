"""SourceSpecs: where live data come from, how they are read, and what is watched in them."""
