"""From scores to decisions: preferences, weights, reactions to patterns."""
