"""Commands about live sources."""
