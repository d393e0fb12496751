"""Commands that serve until they are stopped, and what lets others in."""
