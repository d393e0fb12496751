"""Commands about a person's files of bars, and the studies that they begin."""
