"""The journal of live sources: what came, when it came, in the order in which it came."""
