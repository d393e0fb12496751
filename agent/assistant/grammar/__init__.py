"""Ask: from a sentence to a TaskSpec, by a grammar that drops nothing."""
