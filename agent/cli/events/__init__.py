"""Commands about events, and those that could not be handled."""
