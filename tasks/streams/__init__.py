"""Live sources, as a pure function of their journals: events, bars, features, patterns."""
